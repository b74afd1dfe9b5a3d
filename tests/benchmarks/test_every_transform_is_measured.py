"""The benchmarks cover whatever is registered, and their columns are what the transforms take."""

import numpy as np
import polars as pl
import pytest
from distinct_inputs import Pattern, chunks
from prove_injective import cases, domains, prove
from transform_columns import ELSEWHERE, columns

from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get, names

COLUMNS = columns(np.random.default_rng(1).integers(10**14, 10**15, 50))


def test_every_transform_has_a_column():
    assert set(COLUMNS) == set(names()) - ELSEWHERE


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_a_column_is_masked(name):
    column_type, values, params = COLUMNS[name]
    mask = ColumnMask("value", name, column_type, "d", get(name).validate(params))
    frame = values.cast(pl.String).alias("value").to_frame()
    masked = Masker([mask], MaskingKey(b"k" * 32)).mask(frame)["value"]
    assert masked.len() == 50
    if name not in {"clip", "strip_metadata", "generalize"}:
        assert (masked != values.cast(pl.String)).fill_null(value=True).any()


def test_every_injective_transform_is_proved_on_a_domain():
    """A case without a domain would be tried on its own list, which is far shorter than ten million."""
    without = {case.transform for case in cases() if not domains(case)}
    assert without <= {"shift_time"}


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.transform in {"plate", "phone", "iban"}], ids=str
)
def test_the_proof_counts_different_values(case):
    values, results = prove(case, 3000)
    assert values == results
    assert values > 2900


def test_a_small_domain_is_gone_through_as_a_whole():
    found = pl.concat(list(chunks([Pattern("9"), Pattern("A9<9>")], 500)))
    assert found.n_unique() == found.len() == 10 + 260
    assert set(found.filter(found.str.len_bytes() == 1)) == set("0123456789")


def test_a_large_domain_gives_as_many_as_are_asked_for():
    found = pl.concat(list(chunks([Pattern("9" * 30), Pattern("AAA")], 20_000)))
    assert found.n_unique() == found.len() == 20_000
    assert found.filter(found.str.len_bytes() == 30).str.head(3).n_unique() > 900
