"""Laws of what synthetic rows are made with: nothing twice, nothing lost, the same for any order of work."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.synthetic.children import DISTRIBUTIONS, Children, exact_total
from datamask.synthetic.domains import Codes, Dates, Decimals, Integers, Timestamps, Uuids, numbered
from datamask.synthetic.patterns import matching
from datamask.synthetic.permutation import Permutation
from datamask.synthetic.randomness import below, hashed_words, philox_words, seed_of

keys = st.integers(0, (1 << 64) - 1)


@given(keys, st.integers(1, 5000))
def test_a_permutation_gives_every_number_once(key: int, size: int) -> None:
    found = Permutation(key, size)(np.arange(size, dtype=np.int64))
    assert sorted(found.tolist()) == list(range(size))


@given(
    keys,
    st.integers(1 << 40, 1 << 62),
    st.lists(st.integers(0, (1 << 40) - 1), unique=True, min_size=1, max_size=50),
)
def test_a_large_permutation_stays_inside_and_gives_nothing_twice(
    key: int, size: int, numbers: list[int]
) -> None:
    found = Permutation(key, size)(np.array(numbers, dtype=np.int64))
    assert len(set(found.tolist())) == len(numbers)
    assert found.min() >= 0
    assert found.max() < size


@given(st.data())
def test_whole_numbers_have_the_total_and_respect_the_limit(data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
    most = data.draw(st.none() | st.integers(1, 20))
    limit = 200 if most is None else most * len(wanted)
    total = data.draw(st.integers(0, limit))
    chance = np.array(data.draw(st.lists(st.floats(0, 0.999), min_size=len(wanted), max_size=len(wanted))))
    found = exact_total(np.array(wanted), total, chance, most)
    assert found.sum() == total
    assert found.min() >= 0
    assert most is None or found.max() <= most


@settings(max_examples=30)
@given(keys, st.integers(1, 200_000), st.integers(0, 1000), st.sampled_from(DISTRIBUTIONS), st.randoms())
def test_children_are_counted_alike_from_any_side(key, parents, total, distribution, chance) -> None:
    rows = np.arange(total, dtype=np.int64)
    whole = Children(key, parents, total, distribution).places(rows)
    assert (np.diff(whole.parents) >= 0).all()
    assert total == 0 or (whole.parents.min() >= 0 and whole.parents.max() < parents)
    # Ranks count from 0 within each parent.
    first = np.diff(whole.parents, prepend=-1) != 0
    assert (whole.ranks[first] == 0).all()
    assert len(set(zip(whole.parents.tolist(), whole.ranks.tolist(), strict=True))) == total
    some = np.array(chance.sample(range(total), min(total, 20)), dtype=np.int64)
    part = Children(key, parents, total, distribution).places(some)
    assert part.parents.tolist() == whole.parents[some].tolist()
    assert part.ranks.tolist() == whole.ranks[some].tolist()


@given(keys, st.integers(1, 1000), st.integers(1, 1 << 62))
def test_numbers_stay_below_their_size(key: int, count: int, size: int) -> None:
    for words in (philox_words(seed_of(key), count), hashed_words(key, np.arange(count, dtype=np.int64))):
        found = below(words, size)
        assert found.min() >= 0
        assert found.max() < size


domains = st.sampled_from(
    [
        Integers(-5, 3000),
        Decimals(-100, 50_000, 2),
        Dates(18_000, 40_000),
        Timestamps(0, 10**9),
        Codes(("ABC", "-", "0123456789", "0123456789", "xyz")),
        Uuids(7),
        numbered(["Bowl", "Lamp", "Bridge"], 20),
        numbered(["user"], None, "", "@example.com"),
    ]
)


@given(domains, st.data())
def test_different_codes_are_different_values(domain, data) -> None:
    most = min(domain.size, 1 << 40) - 1
    codes = data.draw(st.lists(st.integers(0, most), unique=True, min_size=1, max_size=50))
    values = domain.values(np.array(codes, dtype=np.int64))
    assert values.len() == len(codes)
    assert values.n_unique() == len(codes)
    assert values.null_count() == 0


@given(
    st.sampled_from(
        [
            r"^[A-Z]{2}-\d{4}$", r"^\d{5}(-\d{4})?$", r"^[^@]+@[^@]+\.[a-z]{2,}$", r"^(AB|CD)[0-9]+$", r"^#[0-9a-f]{6}$",
            r"^\+?[0-9 ]{6,15}$", r"^[a-z][a-z0-9_]*$", r"^\w+$", r"\S",
        ]
    ),
    st.integers(0, 1 << 40),
)  # fmt: skip
def test_texts_match_the_pattern_that_they_were_made_for(pattern: str, code: int) -> None:
    domain = matching(pattern, None)
    if domain is None:
        assert pattern == r"\S"
        return
    (text,) = domain.values(np.array([code % domain.size], dtype=np.int64)).to_list()
    assert re.search(pattern, text)
