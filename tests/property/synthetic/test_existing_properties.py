"""Laws of new rows beside rows that exist: nothing of theirs is repeated, and all of them can be referred to."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datamask.synthetic.domains import Integers
from datamask.synthetic.existing import Parents, Passing, Taken, first_free_number
from datamask.synthetic.model import TableKeys
from datamask.synthetic.units import Counting, Keyed, Shuffled

numbers = st.sets(st.integers(0, 200))


@given(numbers, st.integers(1, 300))
def test_left_out_numbers_are_passed_and_no_other(left_out: set[int], rows: int) -> None:
    passing = Passing(Counting(), np.array(sorted(left_out), dtype=np.int64))
    found = passing(np.arange(rows, dtype=np.int64)).tolist()
    assert found == [number for number in range(rows + len(left_out)) if number not in left_out][:rows]


@given(numbers, st.integers(0, (1 << 64) - 1))
def test_any_row_is_found_again_by_itself(left_out: set[int], key: int) -> None:
    passing = Passing(Shuffled(key, 500), np.array(sorted(left_out), dtype=np.int64))
    whole = passing(np.arange(200, dtype=np.int64))
    assert len(set(whole.tolist())) == 200
    assert [passing(np.array([row], dtype=np.int64))[0] for row in (0, 7, 199)] == whole[[0, 7, 199]].tolist()


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 100), st.sampled_from(["@example.com", ""]))
def test_no_address_that_exists_has_a_free_number(there: list[int], rows: int, ending: str) -> None:
    texts = pl.Series(
        [f"ann.lee{number:03}{ending}" for number in there] + [None, "ann", "a1.b"], dtype=pl.String
    )
    first = first_free_number(texts, rows)
    assert first >= 1
    assert not set(range(first, first + rows)) & set(there)
    # The least one: each one before it is in the way of somebody.
    assert all(set(range(earlier, earlier + rows)) & set(there) for earlier in range(1, first))


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abAB")), min_size=1), st.integers(0, 9))
def test_what_is_taken_is_found_whatever_its_case(there: list[tuple[int, str]], number: int) -> None:
    frame = pl.DataFrame(there, schema={"n": pl.Int64, "t": pl.String}, orient="row")
    taken = Taken([frame], ("t", "n"))
    asked = [(number, letter) for letter in "aAbBc"]
    found = taken.among([pl.Series([text for _, text in asked]), pl.Series([number] * len(asked))])
    known = {(number, text.lower()) for number, text in there}
    assert found.tolist() == [(number, text.lower()) in known for number, text in asked]
    assert taken.count == len(known)


@given(st.lists(st.integers(0, 99), unique=True, min_size=1, max_size=20), st.integers(0, 20), st.data())
def test_parents_are_those_that_exist_and_then_generated_ones(there: list[int], made: int, data) -> None:
    keys = TableKeys("public.parents")
    keys.units["id"] = Keyed(("id",), Integers(1000, 2000), Counting())
    parents = Parents(pl.DataFrame({"id": there}), keys if made else None, made)
    rows = data.draw(st.lists(st.integers(0, parents.rows - 1)))
    (found,) = parents.key(("id",), np.array(rows, dtype=np.int64))
    assert found.to_list() == [([*there, *range(1000, 1000 + made)])[row] for row in rows]
