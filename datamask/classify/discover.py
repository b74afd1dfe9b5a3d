"""Discovery: a data class proposed for every column, from names, types, comments, keys and samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from datamask.catalog.model import Catalog, Column, Table
from datamask.classify.by_name import Guess, guess_by_comment, guess_by_name, table_name
from datamask.classify.by_type import Surroundings, guess_by_type
from datamask.classify.by_value import guess_by_values, holds_emails, is_label
from datamask.classify.classes import CLASSES
from datamask.classify.vocabulary import vocabulary

Sampler = Callable[[Table], Mapping[str, Sequence[str | None]]]
"""Gives some rows of a table as PostgreSQL text by column; columns may be missing."""

_TEXT_KINDS = frozenset({"text", "json", "xml", "bytea", "composite", "other"})
_DATE_CLASSES = frozenset({"person.birth_date", "payment.card_expiry"})
# Classes that a number may have; every other number is a key or public.
_NUMERIC_CLASSES = frozenset(
    {
        "person.phone",
        "person.birth_date",
        "person.national_id",
        "person.income",
        "address.postal_code",
        "address.coordinates",
        "payment.card_number",
        "payment.card_expiry",
        "payment.card_code",
        "payment.account",
        "credential.password",
        "network.ip",
    }
)
_NUMBER_KINDS = frozenset({"integer", "numeric", "float"})
_ENUM_CLASSES = frozenset({"person.gender", "person.demographic", "person.salutation"})

# Classes that also name things: a product's picture, a web page, a composer's country.
_ONLY_NEAR_PERSONS = frozenset(
    {"person.image", "person.health", "network.url", "address.region", "address.country", "person.job_title"}
)
# A book's author does not make its title a person's.
_MARKS_NOBODY = _ONLY_NEAR_PERSONS | {"person.name"}
# A table with one of these is about persons.
_MARKS_A_PERSON = (
    "person.",
    "payment.",
    "credential.password",
    "address.street",
    "address.postal_code",
    "network.ip",
    "network.device_id",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A class proposed for one column.

    :param confidence: 0 to 1; below 0.5 it wants a look.
    :param reasons: in words; never a value.
    """

    table: str
    column: str
    data_class: str
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Proposals:
    """What discovery proposes, in the catalog's order."""

    items: tuple[Proposal, ...]

    @cached_property
    def by_column(self) -> dict[tuple[str, str], Proposal]:
        """Proposals by table key and column."""
        return {(item.table, item.column): item for item in self.items}


@dataclass(slots=True)
class _State:
    catalog: Catalog
    tables: list[Table]
    named: dict[tuple[str, str], Guess] = field(default_factory=dict)
    related: set[str] = field(default_factory=set)
    found: dict[tuple[str, str], Guess] = field(default_factory=dict)


def discover(catalog: Catalog, sampler: Sampler | None = None) -> Proposals:
    """Propose a data class for every column that a classification file has to name.

    Partitions and generated columns are left out (they follow their root and their inputs), and so
    are tables whose rows a snapshot does not carry, extensions' tables among them.

    :param sampler: looks at values too; without it only the catalog is read.
    """
    state = _State(catalog, [table for table in catalog.tables if is_classified(table)])
    for table in state.tables:
        for column in classified_columns(table, catalog):
            guess = _named(column, table)
            if guess:
                state.named[table.key, column.name] = guess
    _relate(state)
    for table in state.tables:
        sample = sampler(table) if sampler else {}
        for column in classified_columns(table, catalog):
            state.found[table.key, column.name] = _decide(state, table, column, sample.get(column.name, ()))
    _follow_foreign_keys(state)
    _settle_search_indexes(state)
    return Proposals(
        tuple(
            Proposal(table, column, guess.data_class, guess.confidence, (guess.reason,))
            for (table, column), guess in state.found.items()
        )
    )


def is_classified(table: Table) -> bool:
    """True for a table that a classification names itself: no partition, no extension's table."""
    return table.kind != "foreign" and table.root is None and table.extension is None


def classified_columns(table: Table, catalog: Catalog) -> list[Column]:
    """The columns that a classification names: not the generated ones, not the inherited ones."""
    parents = [parent for key in table.inherits if (parent := catalog.table(key)) and is_classified(parent)]
    inherited = {column.name for parent in parents for column in parent.columns}
    return [column for column in table.columns if not column.generated and column.name not in inherited]


def _named(column: Column, table: Table) -> Guess | None:
    guess = guess_by_name(column.name, table.name)
    if guess is None and column.comment:
        guess = guess_by_comment(column.comment)
    return guess if guess and _type_allows(guess.data_class, column) else None


def _type_allows(data_class: str, column: Column) -> bool:
    kind = column.type.element if column.type.kind == "array" and column.type.element else column.type.kind
    if kind in {"date", "timestamp"}:
        return data_class in _DATE_CLASSES
    if kind in _NUMBER_KINDS:
        return data_class in _NUMERIC_CLASSES
    if kind == "inet":
        return data_class in {"network.ip", "network.mac"}
    if kind == "uuid":
        return data_class.startswith("credential.") or data_class == "network.device_id"
    if kind == "enum":
        return data_class in _ENUM_CLASSES
    if kind in {"json", "xml", "composite"}:
        # The payload's paths decide what it holds; the name only says that it is about persons.
        return False
    if kind == "bytea":
        return data_class.startswith(("credential.", "person.", "payment.", "address.coordinates"))
    return kind in _TEXT_KINDS


def _relate(state: _State) -> None:
    """Find the tables about persons, and those whose rows belong to one."""
    persons = {
        table
        for (table, _), guess in state.named.items()
        if guess.data_class.startswith(_MARKS_A_PERSON) and guess.data_class not in _MARKS_NOBODY
    }
    persons |= {table.key for table in state.tables if table_name(table.name).person}
    state.related = set(persons)
    for table in state.tables:
        if any(key.referenced_table in persons for key in table.foreign_keys):
            state.related.add(table.key)


def _decide(state: _State, table: Table, column: Column, sample: Sequence[str | None]) -> Guess:
    keyed = _is_keyed(table, column)
    related = table.key in state.related
    plain = guess_by_type(column, table, Surroundings(keyed, related))
    named = state.named.get((table.key, column.name))
    if named and _is_of_a_thing(named, table, related):
        named = None
    if named and named.data_class == "free_text" and (keyed or plain.data_class == "public"):
        named = None if not related else named
    seen = guess_by_values(sample) if column.type.kind == "text" and sample else None
    if seen and CLASSES[seen.data_class].personal and not (named and named.confidence >= seen.confidence):
        return seen
    if named:
        return named
    if seen:
        return seen
    if plain.data_class == "free_text" and sample and not keyed and is_label(sample):
        return Guess("public", 0.6, "a few short values that come again and again")
    if plain.data_class == "public" and column.type.kind == "text" and holds_emails(sample):
        return Guess("free_text", 0.6, "some sampled values contain e-mail addresses")
    return plain


def _is_of_a_thing(named: Guess, table: Table, related: bool) -> bool:
    """A country in a table of countries is nobody's address."""
    if named.data_class in {"address.region", "address.country"}:
        return table_name(table.name).noun in vocabulary().reference_heads or not related
    return not related and named.data_class in _ONLY_NEAR_PERSONS


def _is_keyed(table: Table, column: Column) -> bool:
    primary = table.primary_key
    if primary and column.name in primary.columns:
        return True
    return any(column.name in key.columns for key in table.foreign_keys)


def _follow_foreign_keys(state: _State) -> None:
    """A column that references another holds the same values, so it has the same class."""
    for _ in range(len(state.tables)):
        changed = False
        for table in state.tables:
            for key in table.foreign_keys:
                for column, target in zip(key.columns, key.referenced_columns, strict=True):
                    there = state.found.get((key.referenced_table, target))
                    here = state.found.get((table.key, column))
                    if there and here and here.data_class != there.data_class:
                        guess = Guess(
                            there.data_class, there.confidence, f"references {key.referenced_table}.{target}"
                        )
                        state.found[table.key, column] = guess
                        changed = True
        if not changed:
            return


def _settle_search_indexes(state: _State) -> None:
    """A search vector over nothing personal is public."""
    for (table, column), guess in state.found.items():
        if guess.data_class != "search_index":
            continue
        around = [other for (key, _), other in state.found.items() if key == table]
        if not any(
            CLASSES[other.data_class].personal for other in around if other.data_class != "search_index"
        ):
            state.found[table, column] = Guess("public", 0.6, "a search vector over public columns")
