"""Whatever a database holds: discovery ends, proposes classes that there are, and tells no value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.catalog.model import Catalog, Column, ColumnType, Table, TypeKind
from datamask.classify.classes import CLASSES
from datamask.classify.discover import Proposals, Sample, discover
from datamask.classify.file import parse_classification
from datamask.classify.render import render_classification
from datamask.classify.words import words_of, words_of_columns
from datamask.config.document import parse_document

names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
kinds: st.SearchStrategy[TypeKind] = st.sampled_from(
    [
        "text",
        "integer",
        "numeric",
        "boolean",
        "date",
        "timestamp",
        "uuid",
        "inet",
        "json",
        "xml",
        "bytea",
        "enum",
    ]
)
SECRET = "Zq7xPw"


def proposals_for(table: str, columns: Mapping[str, TypeKind], values: Sequence[str | None]) -> Proposals:
    made = Table(
        "public",
        table,
        tuple(Column(name, ColumnType(kind, kind, kind), 1) for name, kind in columns.items()),
    )
    catalog = Catalog("any", 1, 180000, "UTF8", "C", (made,))

    def sampler(tables: Sequence[Table]) -> Mapping[str, Sample]:
        return {found.key: dict.fromkeys(columns, values) for found in tables}

    return discover(catalog, sampler)


@settings(max_examples=60, deadline=None)
@given(
    names,
    st.dictionaries(names, kinds, min_size=1, max_size=4),
    st.lists(st.none() | st.text(max_size=60), max_size=40),
)
def test_every_column_gets_a_class(
    table: str, columns: dict[str, TypeKind], values: list[str | None]
) -> None:
    found = proposals_for(table, columns, values)
    assert [item.column for item in found.items] == list(columns)
    for item in found.items:
        assert item.data_class in CLASSES
        assert 0 < item.confidence <= 1
        assert all(item.reasons)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["{}@example.org", "{} said so", "{}", "+49 30 {}", '{{"{}": 1}}', '{{"a": "{}"}}', "https://{}/"]
    ),
    kinds,
)
def test_no_value_is_told(form: str, kind: TypeKind) -> None:
    values = [form.format(f"{SECRET}{number}") for number in range(60)]
    found = proposals_for("things", {"wibble": kind}, values)
    assert SECRET not in repr(found)
    assert SECRET not in render_classification(found)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=10),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=12,
    )
)
def test_paths_of_documents_can_be_written_and_read(document: object) -> None:
    found = proposals_for("things", {"payload": "json"}, [json.dumps(document)] * 6)
    text = render_classification(found)
    read = parse_classification(parse_document(text, Path("c.yaml"), kind=ValueError))  # type: ignore[arg-type]
    entry = read.entry("public.things", "payload")
    assert entry is not None
    assert entry.paths == found.items[0].paths


@given(st.text(max_size=60))
def test_no_letter_of_a_name_is_lost(name: str) -> None:
    words = words_of(name)
    assert all(words)
    if name.isascii():
        assert "".join(words) == "".join(char for char in name.lower() if char.isalnum())


@given(st.lists(names, max_size=6, unique=True))
def test_every_column_keeps_a_word(columns: list[str]) -> None:
    found = words_of_columns(columns)
    assert list(found) == columns
    assert all(bool(found[name]) == bool(words_of(name)) for name in columns)
