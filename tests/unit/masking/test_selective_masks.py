"""Conditions, exceptions and likenesses around transforms: what stays, what changes, what can still be proved."""

from __future__ import annotations

import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.condition import check_condition, condition_for
from datamask.masking.effective import effective_laws
from datamask.masking.engine import Masker
from datamask.masking.exception_patterns import check_exception
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask, Condition
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
NARROW = ColumnType("character varying(12)", "text", "varchar", 12)
TEXTS = ColumnType("text[]", "array", "text", element="text")
INTEGER = ColumnType("integer", "integer", "int4")
NUMERIC = ColumnType("numeric", "numeric", "numeric")
DATE = ColumnType("date", "date", "date")
MOMENT = ColumnType("timestamp with time zone", "timestamp", "timestamptz")
BOOLEAN = ColumnType("boolean", "boolean", "bool")
COLUMNS = {
    "email": TEXT,
    "country": TEXT,
    "age": INTEGER,
    "born": DATE,
    "seen": MOMENT,
    "ok": BOOLEAN,
    "n": NUMERIC,
}


def mask(column, transform, kind=TEXT, *, params=None, **more):
    return ColumnMask(column, transform, kind, "d", get(transform).validate(params or {}), **more)


def masked(one, values, **others):
    frame = pl.DataFrame({one.column: values, **others}, schema_overrides={one.column: pl.String})
    return Masker([one], KEY).mask(frame)[one.column].to_list()


def rows_masked(sql, **row):
    """Which rows of a table are masked when a condition says so."""
    count = len(next(iter(row.values())))
    one = mask("value", "redact", when=condition_for(sql, COLUMNS))
    return [result == "[redacted]" for result in masked(one, ["x"] * count, **row)]


@pytest.mark.parametrize(
    ("sql", "row", "expected"),
    [
        (
            "country = 'DE' and age > 18",
            {"country": ["DE", "DE", "FR", None], "age": ["19", "3", "30", "30"]},
            [1, 0, 0, 0],
        ),
        ("country IN ('DE', 'FR')", {"country": ["DE", "FR", "US", None]}, [1, 1, 0, 0]),
        ("country IS NULL OR country LIKE 'D%'", {"country": ["DE", "FR", None]}, [1, 0, 1]),
        ("lower(country) = 'de'", {"country": ["DE", "De", "x"]}, [1, 1, 0]),
        ("born > '2001-01-01'", {"born": ["2000-01-01", "2002-01-01", None]}, [0, 1, 0]),
        ("extract(year from born) = 2000", {"born": ["2000-05-05", "2001-01-01"]}, [1, 0]),
        (
            "seen >= TIMESTAMP '2024-01-01 06:00:00'",
            {"seen": ["2024-01-01 05:59:59.9+00", "2024-01-01 06:00:00+00", "2024-01-01 08:00:00+05:30"]},
            [0, 1, 0],
        ),
        ("NOT ok", {"ok": ["t", "f", None]}, [0, 1, 0]),
        ("n = 1.5", {"n": ["1.50", "1.51"]}, [1, 0]),
        ("country = 'it''s' AND \"age\" < 3", {"country": ["it's"], "age": ["2"]}, [1]),
    ],
)
def test_a_condition_chooses_rows(sql, row, expected):
    assert rows_masked(sql, **row) == [bool(one) for one in expected]


def test_what_cannot_be_read_is_masked():
    assert rows_masked("born > '2030-01-01'", born=["infinity", "0044-03-15 BC", "2020-01-01"]) == [
        True,
        True,
        False,
    ]
    assert rows_masked("seen < '1990-01-01'", seen=["infinity"]) == [True]


def test_numbers_of_a_frame_are_read_too():
    frame = pl.DataFrame({"value": ["x", "y"], "age": [3, 30]})
    one = mask("value", "redact", when=condition_for("age > 18", COLUMNS))
    assert Masker([one], KEY).mask(frame)["value"].to_list() == ["x", "[redacted]"]


def test_a_condition_sees_the_row_as_it_was():
    frame = pl.DataFrame({"a": ["x", "y"], "b": ["y", "y"]})
    masks = [
        mask("a", "redact", when=condition_for("b = 'y'", {"b": TEXT})),
        mask("b", "redact", when=condition_for("a = 'x'", {"a": TEXT})),
    ]
    assert Masker(masks, KEY).mask(frame).rows() == [("[redacted]", "[redacted]"), ("[redacted]", "y")]


def test_the_columns_of_a_condition_are_read():
    masker = Masker([mask("email", "email", when=condition_for("country = 'DE'", COLUMNS))], KEY)
    assert masker.columns == ("email", "country")
    assert masker.unsafe_columns == ("email",)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "the condition names no column"),
        ("1 = 1", "the condition names no column"),
        ("sum(age) > 3", "the condition calls sum, which conditions do not know"),
        ("first(country) = 'DE'", "the condition calls first, which conditions do not know"),
        ("random() < 0.5", "the condition calls random, which conditions do not know"),
        ("age > 18; drop", "the condition cannot be read at ';'"),
        ("age > 18) or (1=1", "the condition has a parenthesis too many"),
        ("self.age > 18", "the condition cannot be read at '.'"),
        ("age > > 1", "the condition cannot be read: sql parser error"),
    ],
)
def test_what_is_no_condition(sql, message):
    with pytest.raises(PolicyError) as caught:
        check_condition(sql)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("contry = 'DE'", "the condition names the column contry, which the table does not have"),
        ("age > (select 1)", "the condition names the column select, which the table does not have"),
        ("age > 'x'", "the condition does not fit the columns' types: cannot compare string with numeric"),
        ("age", "the condition is neither true nor false"),
    ],
)
def test_what_does_not_fit_the_columns(sql, message):
    check_condition(sql)
    with pytest.raises(PolicyError) as caught:
        condition_for(sql, COLUMNS)
    assert caught.value.message.startswith(message)


def test_exceptions_stay():
    one = mask("email", "email", exceptions=("@ours.com", "test-*@example.org", "Ann?", "x.y"))
    values = [
        *(
            "ann@ours.com",
            "Ann@OURS.com",
            "ann@notours.com",
            "a@b@ours.com",
            "call ann@ours.com",
            "@ours.com",
        ),
        *("test-1@example.org", "test-1@exampleXorg", "a test-1@example.org", "Anna", "Ann", "x.y", "xay"),
        *(None, ""),
    ]
    stays = [value for value, result in zip(values, masked(one, values), strict=True) if value == result]
    assert stays == ["ann@ours.com", "Ann@OURS.com", "test-1@example.org", "Anna", "x.y", None, ""]


def test_exceptions_are_about_lines_as_a_whole():
    one = mask("note", "redact", exceptions=("ok*",))
    assert masked(one, ["ok\nMaria", "Maria\nok"]) == ["ok\nMaria", "[redacted]"]


def test_exceptions_of_arrays_are_about_elements():
    one = mask("emails", "email", TEXTS, exceptions=("@ours.com",))
    (result,) = masked(one, ['{a@ours.com,"b@else.org"}'])
    assert result.startswith('{"a@ours.com","')
    assert "else" not in result


def test_exceptions_and_transforms_that_replace_everything():
    assert masked(mask("a", "null", exceptions=("x",)), ["x", "y", None, ""]) == ["x", None, None, None]
    fixed = mask("a", "fixed", params={"value": "-"}, exceptions=("x",))
    assert masked(fixed, ["x", "y", None, ""]) == ["x", "-", None, "-"]


@pytest.mark.parametrize("pattern", ["", "*", "**", "?", "*?", "@", "@ b"])
def test_exceptions_that_mean_nothing_or_everything(pattern):
    with pytest.raises(PolicyError):
        check_exception(pattern)


def test_null_and_empty_are_preserved():
    both = mask("a", "null", preserve=("null", "empty"))
    assert masked(both, ["x", None, ""]) == [None, None, ""]
    filled = {"value": "-", "keep_nulls": False}
    assert masked(mask("a", "fixed", params=filled), ["x", None, ""]) == ["-", "-", "-"]
    assert masked(mask("a", "fixed", params=filled, preserve=("null",)), ["x", None, ""]) == ["-", None, "-"]
    assert masked(mask("a", "fixed", params=filled, preserve=("empty",)), ["x", None, ""]) == ["-", "-", ""]


def test_case_is_preserved():
    values = ["MARIA", "maria", "Maria", "mARIA", "12", None]
    plain = masked(mask("name", "last_name"), values)
    cased = masked(mask("name", "last_name", preserve=("case",)), values)
    assert cased[0] == plain[0].upper()
    assert cased[1] == plain[1].lower()
    assert cased[2].casefold() == plain[2].casefold()
    assert cased[3:] == plain[3:]


def test_case_never_makes_a_result_longer():
    narrow = mask("name", "fixed", NARROW, params={"value": "ßßßßßßßßßßßß"}, preserve=("case",))
    assert masked(narrow, ["MARIA"]) == ["ßßßßßßßßßßßß"]


def test_length_is_preserved():
    values = ["Jo", "Maria", "Wolfgang Amadeus Mozart " * 3, "🙂é", None, ""]
    lengths = [None if value is None else len(value) for value in values]
    for transform in ("last_name", "email", "redact", "hash"):
        one = mask("name", transform, preserve=("length",))
        found = masked(one, values)
        assert [None if result is None else len(result) for result in found] == lengths
        assert found == [masked(one, [value])[0] for value in values]
    digits = mask("n", "ff1", params={"alphabet": "digits"}, preserve=("length",))
    assert masked(digits, ["123456"])[0].isdigit()
    assert masked(mask("n", "fixed", params={"value": "7"}, preserve=("length",)), ["123"])[0].isdigit()


def test_padding_hangs_on_the_key():
    one = mask("a", "fixed", params={"value": "x"}, preserve=("length",))
    frame = pl.DataFrame({"a": ["a longer text", "another text!"]})
    first, second = Masker([one], KEY).mask(frame)["a"]
    assert first != second
    assert first != Masker([one], MaskingKey(b"l" * 32)).mask(frame)["a"][0]


SOME = Condition("country = 'DE'", (("country", TEXT),))


@pytest.mark.parametrize(
    ("transform", "more", "injective"),
    [
        ("ff1", {}, True),
        ("ff1", {"when": SOME}, False),
        ("ff1", {"exceptions": ("x",)}, False),
        ("key", {"when": SOME}, False),
        ("email", {"when": SOME}, True),
        ("email", {"exceptions": ("x",)}, True),
        ("hash", {"preserve": ("null", "empty")}, True),
        ("email", {"preserve": ("case",)}, False),
        ("hash", {"preserve": ("length",)}, False),
    ],
)
def test_what_is_left_of_injectivity(transform, more, injective):
    assert effective_laws(mask("a", transform, **more)).injective is injective


@pytest.mark.parametrize(
    ("transform", "params", "more", "nulls"),
    [
        ("null", {}, {}, "made"),
        ("null", {}, {"when": SOME}, "mixed"),
        ("null", {}, {"exceptions": ("x",)}, "mixed"),
        ("null", {}, {"preserve": ("null",)}, "made"),
        ("null", {}, {"preserve": ("empty",)}, "mixed"),
        ("fixed", {"value": "x", "keep_nulls": False}, {}, "filled"),
        ("fixed", {"value": "x", "keep_nulls": False}, {"preserve": ("null",)}, "kept"),
        ("fixed", {"value": "x", "keep_nulls": False}, {"when": SOME}, "mixed"),
        ("email", {}, {"when": SOME}, "kept"),
    ],
)
def test_what_is_left_of_null(transform, params, more, nulls):
    assert effective_laws(mask("a", transform, params=params, **more)).nulls == nulls


def test_a_value_that_stays_may_be_as_long_as_the_column_and_hold_anything():
    laws = effective_laws(mask("a", "redact", ColumnType("varchar(40)", "text", "varchar", 40), when=SOME))
    assert (laws.max_length, laws.copy_safe) == (40, False)
    assert effective_laws(mask("a", "redact", when=SOME)).max_length is None
