import pickle

import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking import engine
from datamask.masking.dictionary import by_dictionary
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.nested import around_empty
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
DATE = ColumnType("date", "date", "date")


def mask(column, transform, kind=TEXT, domain="d", **params):
    return ColumnMask(column, transform, kind, domain, get(transform).validate(params))


def test_other_columns_and_their_order_stay():
    frame = pl.DataFrame({"id": [1, 2], "email": ["a@b.c", None], "note": ["x", "y"]})
    masked = Masker([mask("note", "redact"), mask("email", "email")], KEY).mask(frame)
    assert masked.columns == ["id", "email", "note"]
    assert masked["id"].to_list() == [1, 2]
    assert masked["note"].to_list() == ["[redacted]"] * 2
    assert masked["email"][0].endswith("@example.com")
    assert masked["email"][1] is None
    assert frame["email"].to_list() == ["a@b.c", None]


def test_no_mask_no_rows():
    frame = pl.DataFrame({"id": [1, 2]})
    assert Masker([], KEY).mask(frame).equals(frame)
    empty = pl.DataFrame(schema={"email": pl.String})
    assert Masker([mask("email", "email")], KEY).mask(empty).equals(empty)


def test_one_domain_means_one_pseudonym_across_columns_and_tables():
    frame = pl.DataFrame({"a": ["bob@x.org"], "b": ["bob@x.org"], "c": ["bob@x.org"]})
    masks = [mask("a", "email"), mask("b", "email"), mask("c", "email", domain="other")]
    a, b, c = Masker(masks, KEY).mask(frame).row(0)
    assert a == b != c


def test_a_missing_column_is_named():
    masker = Masker([mask("email", "email")], KEY)
    with pytest.raises(PolicyError) as caught:
        masker.mask(pl.DataFrame({"id": [1]}))
    assert caught.value.message == "the data has no column 'email', which the policy masks or refers to"


def test_an_unknown_transform():
    with pytest.raises(PolicyError, match="there is no transform 'x'"):
        Masker([ColumnMask("email", "x", TEXT, "d")], KEY)


def test_columns_that_are_read_and_columns_to_escape():
    masks = [
        mask("birth", "shift_date", DATE, by="id"),
        mask("code", "email", keep_domain=True),
        mask("email", "email"),
    ]
    masker = Masker(masks, KEY)
    assert masker.columns == ("birth", "code", "email", "id")
    assert masker.unsafe_columns == ("code",)


def test_a_shift_by_another_column_moves_all_dates_of_a_row_alike():
    frame = pl.DataFrame(
        {"id": [7, 7, 8, 9], "a": ["2024-01-01", "2020-05-05", "2024-01-01", None], "b": ["2024-01-11"] * 4}
    )
    masks = [mask("a", "shift_date", DATE, by="id"), mask("b", "shift_date", DATE, by="id")]
    masked = Masker(masks, KEY).mask(frame).with_columns(pl.col("a", "b").str.to_date())
    before = frame.with_columns(pl.col("a", "b").str.to_date())
    moved_a = (masked["a"] - before["a"]).dt.total_days().to_list()
    moved_b = (masked["b"] - before["b"]).dt.total_days().to_list()
    assert moved_a[0] == moved_a[1] == moved_b[0] == moved_b[1]
    assert moved_a[2] == moved_b[2] != moved_b[0]
    assert moved_a[3] is None
    assert all(0 < abs(days) <= 30 for days in moved_b)


def test_padding_of_char_columns_is_no_part_of_the_value():
    padded = ColumnType("character(20)", "text", "bpchar", 20)
    narrow = ColumnType("character varying(20)", "text", "varchar", 20)
    frame = pl.DataFrame({"a": ["Bob" + " " * 17], "b": ["Bob"]})
    a, b = Masker([mask("a", "first_name", padded), mask("b", "first_name", narrow)], KEY).mask(frame).row(0)
    assert a == b


def test_large_values_are_masked_in_small_slices(monkeypatch):
    seen = []

    def counted(function):
        def filled(values, row):
            seen.append(values.len())
            return around_empty(function)(values, row)

        return filled

    monkeypatch.setattr(engine, "_SLICE_BYTES", 1000)
    monkeypatch.setattr(engine, "around_empty", counted)
    values = [f"{number:0100d}" for number in range(50)]
    frame = pl.DataFrame({"note": values})
    masked = Masker([mask("note", "ff1", alphabet="digits")], KEY).mask(frame)
    assert max(seen) < 15
    assert masked["note"].n_unique() == 50


def test_masks_and_keys_travel_to_workers():
    masks = [mask("email", "email")]
    copies, key = pickle.loads(pickle.dumps((masks, KEY)))
    frame = pl.DataFrame({"email": ["bob@x.org"]})
    assert Masker(copies, key).mask(frame).equals(Masker(masks, KEY).mask(frame))


def counted(values, cost):
    seen = []

    def double(part):
        seen.append(part.len())
        return part + part

    result = by_dictionary(values, cost, double)
    assert result.to_list() == [None if value is None else value * 2 for value in values.to_list()]
    return sum(seen)


def test_few_values_are_masked_once_each():
    values = pl.Series([f"value {number % 100}" for number in range(20_000)] + [None])
    assert counted(values, 100) == 100


def test_many_values_are_masked_row_by_row():
    values = pl.Series([f"value {number}" for number in range(20_000)])
    assert counted(values, 100) == 20_000


def test_cheap_transforms_never_look_for_repeats():
    values = pl.Series(["same"] * 20_000)
    assert counted(values, 20) == 20_000


def test_only_nulls():
    assert counted(pl.Series([None] * 20_000, dtype=pl.String), 100) == 20_000
