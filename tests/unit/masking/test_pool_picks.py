"""Pools are hit evenly: Pearson's chi-square test of the picks against equal shares."""

import math
from collections import Counter

import numpy as np
import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.masking.engine import Masker
from datamask.masking.grouped import PoolSet
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.pools import pool
from datamask.masking.registry import get
from datamask.masking.tokens import pick

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
VALUES = 100_000


def deviation(counts, size):
    """How many standard deviations a chi-square statistic lies from its mean (Wilson and Hilferty, 1931)."""
    expected = sum(counts) / size
    statistic = sum((count - expected) ** 2 for count in counts) / expected
    statistic += (size - len(counts)) * expected
    free = size - 1
    return ((statistic / free) ** (1 / 3) - (1 - 2 / (9 * free))) / math.sqrt(2 / (9 * free))


@pytest.mark.parametrize(
    ("transform", "kind", "params"),
    [
        ("first_name", "first_name", {}),
        ("last_name", "last_name", {"locale": "pl_PL"}),
        ("city", "city", {}),
        ("street", "street", {"locale": "fr_FR"}),
        ("company", "company", {"locale": "pt_BR"}),
        ("job_title", "job", {"locale": "de_DE"}),
    ],
)
@pytest.mark.parametrize("key", [KEY, MaskingKey(b"l" * 32)], ids=["one key", "another"])
def test_every_entry_of_a_pool_is_as_likely(transform, kind, params, key):
    checked = get(transform).validate(params)
    frame = pl.DataFrame({"value": [f"value {number}" for number in range(VALUES)]})
    masked = Masker([ColumnMask("value", transform, TEXT, "d", checked)], key).mask(frame)["value"]
    size = len(pool(kind, checked["locale"]))
    assert abs(deviation(list(Counter(masked.to_list()).values()), size)) < 4


def test_pools_of_any_size_have_no_larger_bias_than_their_size_in_4_billion():
    # The largest and the smallest share of 2**32 equally likely words differ by one word.
    for size in (3, 690, 2048, 4095, 65_537):
        edges = np.array([place * 2**32 // size for place in range(1, size)], dtype=np.uint64)
        below = pick((edges - np.uint64(1)) << np.uint64(32), size)
        above = pick((edges + np.uint64(1)) << np.uint64(32), size)
        places = np.arange(size - 1)
        assert (below == places).all()
        assert (above == places + 1).all()


def test_picks_from_several_pools_are_those_of_each():
    words = np.random.default_rng(1).integers(0, 2**64, 60_000, dtype=np.uint64)
    groups = np.arange(60_000) % 3
    pools = [[f"{name}{number}" for number in range(size)] for name, size in (("a", 7), ("b", 1), ("c", 100))]
    picks = PoolSet(pools).pick(words, groups)
    for place, entries in enumerate(pools):
        alone = PoolSet([entries]).pick(words[place::3])
        assert picks.gather_every(3, place).to_list() == alone.to_list()
        assert set(alone.to_list()) == set(entries)
        if len(entries) > 1:
            assert abs(deviation(list(Counter(alone.to_list()).values()), len(entries))) < 4
