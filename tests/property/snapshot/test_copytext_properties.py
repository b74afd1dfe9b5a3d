"""The COPY text codec over whatever text there is, and against PostgreSQL's own."""

from __future__ import annotations

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datamask.errors import DatamaskError
from datamask.snapshot import copytext

# What PostgreSQL can hold: any character but NUL and halves of surrogate pairs. The ones that the format treats
# specially, and some that a CSV reader might, come often.
SPECIAL = st.sampled_from("\\\t\n\r\b\f\v\"',; #N.nrtbfv\ufeff\u2028\x85\x01\x1f\x7f")
ANY = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TEXTS = st.one_of(
    st.text(st.one_of(SPECIAL, ANY), max_size=12),
    st.sampled_from(["", "\\N", "\\.", "\\", "\\\\N", "NULL", "\ufeff", "\ufeff\ufeff", "a" * 300]),
)
FIELDS = st.one_of(st.none(), TEXTS)


def tables(max_columns: int = 4) -> st.SearchStrategy[list[tuple[str | None, ...]]]:
    """Rows of one width."""
    return st.integers(1, max_columns).flatmap(
        lambda width: st.lists(st.tuples(*[FIELDS] * width), min_size=1, max_size=8)
    )


def encoded(value: str | None) -> bytes:
    """A field as the server's CopyAttributeOutText writes it."""
    if value is None:
        return rb"\N"
    names = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v", "\\": "\\"}
    return "".join("\\" + names[letter] if letter in names else letter for letter in value).encode()


def written(rows: list[tuple[str | None, ...]]) -> bytes:
    return b"".join(b"\t".join(map(encoded, row)) + b"\n" for row in rows)


def schema(width: int) -> dict[str, type[pl.DataType]]:
    return {f"c{index}": pl.String for index in range(width)}


@settings(deadline=None)
@given(tables())
def test_text_goes_through_byte_for_byte(rows):
    data = written(rows)
    assert copytext.render(copytext.parse(data, schema(len(rows[0])))) == data


@settings(deadline=None)
@given(tables())
def test_unescaping_gives_the_values_and_escaping_takes_them_back(rows):
    names = schema(len(rows[0]))
    frame = copytext.parse(written(rows), names)
    plain = copytext.unescape(frame, names)
    assert plain.rows() == rows
    assert copytext.escape(plain, list(names)).equals(frame)


@settings(deadline=None)
@given(tables())
def test_escapes_are_seen_where_there_are_some(rows):
    assert copytext.has_escapes(written(rows)) == any(
        value is not None and encoded(value) != value.encode() for row in rows for value in row
    )


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(2**15), 2**15 - 1)),
            st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
            st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_integers_go_through_as_numbers(rows):
    data = b"".join(
        b"\t".join(rb"\N" if value is None else str(value).encode() for value in row) + b"\n" for row in rows
    )
    dtypes = {base: copytext.column_dtype(base) for base in ("int2", "int4", "int8")}
    frame = copytext.parse(data, dtypes)
    assert frame.rows() == rows
    assert copytext.render(frame) == data


@pytest.fixture(scope="module")
def connection(server):
    with psycopg.connect(server.ensure_running(), autocommit=True) as connection:
        connection.execute("create temporary table given (n serial, a text, b text)")
        connection.execute("create temporary table loaded (n integer, a text, b text)")
        connection.execute("create temporary table one (a text)")
        yield connection


def copied(connection: psycopg.Connection, query: str) -> bytes:
    with connection.cursor().copy(query) as copy:
        return b"".join(map(bytes, copy))


def fill(connection: psycopg.Connection, table: str, data: bytes) -> None:
    with connection.cursor().copy(f"copy {table} from stdin") as copy:
        copy.write(data)


on_server = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@on_server
@given(rows=st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=10))
def test_postgresql_and_the_codec_understand_each_other(connection, rows):
    with connection.transaction(force_rollback=True):
        connection.cursor().executemany("insert into given (a, b) values (%s, %s)", rows)
        data = copied(connection, "copy (select a, b from given order by n) to stdout")
        assert data == written(rows)
        frame = copytext.unescape(copytext.parse(data, schema(2)), schema(2))
        assert frame.rows() == rows
        # Row by row, as PostgreSQL takes back what was masked or passed on.
        numbered = frame.select(pl.Series("n", range(len(rows)), dtype=pl.Int64), pl.all())
        fill(connection, "loaded", copytext.render(copytext.escape(numbered, ["c0", "c1"])))
        assert connection.execute("select a, b from loaded order by n").fetchall() == rows


@on_server
@given(values=st.lists(FIELDS, min_size=1, max_size=10))
def test_one_column_goes_through_postgresql_and_back(connection, values):
    data = written([(value,) for value in values])
    with connection.transaction(force_rollback=True):
        fill(connection, "one", data)
        out = copied(connection, "copy one to stdout")
        assert out == data
        assert copytext.render(copytext.parse(out, schema(1))) == data


@pytest.mark.parametrize(
    ("data", "width"),
    [(b"a\tb\n", 1), (b"a\n", 2), (b"a\tb\nc\td\te\n", 2), (b"secret\xff\n", 1), (b"secret\t\xc3\x28\n", 2)],
)
def test_rows_of_another_shape_are_refused_without_their_values(data, width):
    with pytest.raises(DatamaskError) as caught:
        copytext.parse(data, schema(width))
    assert str(caught.value) == "rows arrived in a shape that is not COPY text of this table"
    assert caught.value.__suppress_context__


def test_text_in_an_integer_column_is_refused_without_its_value():
    with pytest.raises(DatamaskError) as caught:
        copytext.parse(b"1\nsecret\n", {"n": pl.Int32})
    assert "secret" not in str(caught.value)


def test_nothing_is_a_frame_without_rows():
    frame = copytext.parse(b"", {"a": pl.String, "n": pl.Int64})
    assert frame.schema == {"a": pl.String, "n": pl.Int64}
    assert copytext.render(frame) == b""


def test_rows_without_columns_are_not_text():
    with pytest.raises(ValueError, match="without columns"):
        copytext.parse(b"\n", {})


def test_a_value_larger_than_any_block_goes_through():
    data = b"1\t" + b"x\\\\" * 10_000_000 + b"\n2\ty\n"
    dtypes = {"n": pl.Int32, "v": pl.String}
    assert copytext.render(copytext.parse(data, dtypes)) == data
