import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamask.masking.text import by_width, matrix, pack, strings, unpack

TEXTS = ["", "a", "eight ch", "sixteen letters.", "Grüße, 世界", "x" * 33, "y" * 300, "", "z" * 64]


@given(st.lists(st.text(max_size=80)))
def test_unpack_undoes_pack(texts):
    assert unpack(pack(pl.Series(texts, dtype=pl.String))).to_list() == texts


def test_unpack_undoes_pack_over_many_widths():
    assert unpack(pack(pl.Series(TEXTS))).to_list() == TEXTS


def test_a_matrix_is_padded_with_zeros():
    rows = matrix(pack(pl.Series(["abc", "", "abcdefghij"])), 16)
    assert [bytes(row) for row in rows] == [
        b"abc".ljust(16, b"\0"),
        bytes(16),
        b"abcdefghij".ljust(16, b"\0"),
    ]


def test_a_matrix_much_wider_than_the_data():
    assert bytes(matrix(pack(pl.Series(["abc"])), 128)[0]) == b"abc".ljust(128, b"\0")


@pytest.mark.parametrize("lengths", [[2, 2], [0, 3], [4, 4]])
def test_strings_are_cut_to_their_lengths(lengths):
    rows = np.frombuffer(b"abcdefgh", dtype=np.uint8).reshape(2, 4)
    assert strings(rows, np.array(lengths)).to_list() == ["abcd"[: lengths[0]], "efgh"[: lengths[1]]]


def test_no_rows_and_no_width():
    assert strings(np.empty((0, 4), dtype=np.uint8)).to_list() == []
    assert strings(np.empty((2, 0), dtype=np.uint8)).to_list() == ["", ""]


def test_one_long_value_widens_no_other():
    widths = []

    def make(table, lengths):
        widths.append(table.shape)
        return strings(table, lengths)

    values = pl.Series(["short"] * 1000 + ["long" * 25_000])
    assert by_width(pack(values), make).equals(values)
    assert widths == [(1000, 32), (1, 131_072)]
