"""Discovery: a data class proposed for every column, from names, types, comments, keys and samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from datamask.catalog.model import Catalog, Column, Table
from datamask.classify.by_name import (
    Guess,
    guess_by_comment,
    guess_by_domain,
    guess_by_name,
    is_bare_name,
    is_name_of_label,
)
from datamask.classify.by_type import Surroundings, guess_by_type, holds, kind_of
from datamask.classify.by_value import (
    guess_by_dates,
    guess_by_numbers,
    guess_by_values,
    holds_contacts,
    is_label,
    looks_secret,
)
from datamask.classify.classes import CLASSES
from datamask.classify.documents import are_documents, describe_documents
from datamask.classify.relations import Ref, follow_foreign_keys, is_of_a_thing, tables_about_persons
from datamask.classify.vocabulary import Phrase, canonical
from datamask.classify.words import words_of_columns

Sample = Mapping[str, Sequence[str | None]]
"""Some values of a table as PostgreSQL text by column; columns may be missing."""

Sampler = Callable[[Sequence[Table]], Mapping[str, Sample]]
"""Gives samples of tables by their keys; tables may be missing."""

# What values of these formats are, they are whatever the column's name says.
_STRONG = frozenset(
    {
        "person.email",
        "payment.iban",
        "payment.card_number",
        "network.ip",
        "network.mac",
        "credential.password",
    }
)
_AGREED = 0.98


@dataclass(frozen=True, slots=True)
class Proposal:
    """A class proposed for one column.

    :param confidence: 0 to 1; below 0.5 it wants a look.
    :param reasons: in words; never a value.
    :param paths: of a document whose values could be looked at, classes by JSON path.
    """

    table: str
    column: str
    data_class: str
    confidence: float
    reasons: tuple[str, ...]
    paths: tuple[tuple[str, str], ...] = ()


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
    words: dict[Ref, Phrase] = field(default_factory=dict)
    named: dict[Ref, Guess] = field(default_factory=dict)
    seen: dict[Ref, Guess] = field(default_factory=dict)
    related: set[str] = field(default_factory=set)
    found: dict[Ref, Guess] = field(default_factory=dict)
    paths: dict[Ref, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def discover(catalog: Catalog, sampler: Sampler | None = None) -> Proposals:
    """Propose a data class for every column that a classification file has to name.

    Partitions and generated columns are left out (they follow their root and their inputs), and so
    are tables whose rows a snapshot does not carry, extensions' tables among them.

    :param sampler: looks at values too; without it only the catalog is read.
    """
    state = _State(catalog, [table for table in catalog.tables if is_classified(table)])
    for table in state.tables:
        _read_names(state, table)
    samples = sampler(state.tables) if sampler else {}
    for table in state.tables:
        _read_values(state, table, samples.get(table.key, {}))
    state.related = tables_about_persons(state.tables, state.named, state.seen)
    for table in state.tables:
        sample = samples.get(table.key, {})
        for column in classified_columns(table, catalog):
            values = sample.get(column.name, ())
            state.found[table.key, column.name] = _decide(state, table, column, values)
    follow_foreign_keys(state.tables, state.found)
    _settle_search_indexes(state)
    return Proposals(
        tuple(
            Proposal(
                *ref,
                guess.data_class,
                guess.confidence,
                (guess.reason,),
                state.paths.get(ref, ()) if guess.data_class == "document" else (),
            )
            for ref, guess in state.found.items()
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


def _read_names(state: _State, table: Table) -> None:
    columns = classified_columns(table, state.catalog)
    words = words_of_columns([column.name for column in columns])
    for column in columns:
        state.words[table.key, column.name] = words[column.name]
        guess = guess_by_name(column.name, words[column.name], table.name)
        if guess is None and column.type.domain:
            guess = guess_by_domain(column.type.domain, table.name)
        # A comment says whose label it is ("shipping company"), which is not what the label is.
        if guess is None and column.comment and not is_name_of_label(words[column.name], table.name):
            guess = guess_by_comment(column.comment)
        if guess and holds(kind_of(column), guess.data_class):
            state.named[table.key, column.name] = guess
    _tell_parts_of_names(state, table, columns)
    _tell_house_numbers(state, table, columns)


def _tell_parts_of_names(state: _State, table: Table, columns: Sequence[Column]) -> None:
    """``nom`` beside ``prenom`` is the family's name, ``nombre`` beside ``apellidos`` the given one."""
    named = {column.name: state.named.get((table.key, column.name)) for column in columns}
    classes = {guess.data_class for guess in named.values() if guess}
    missing = {"person.first_name", "person.last_name"} - classes
    if len(missing) != 1:
        return
    for column, guess in named.items():
        if guess and guess.data_class == "person.name" and is_bare_name(state.words[table.key, column]):
            state.named[table.key, column] = replace(guess, data_class=next(iter(missing)))


def _decide(state: _State, table: Table, column: Column, sample: Sequence[str | None]) -> Guess:
    ref = (table.key, column.name)
    keyed = _is_keyed(table, column)
    related = table.key in state.related
    plain = guess_by_type(column, state.words[ref], table, Surroundings(keyed, related))
    named = state.named.get(ref)
    if named and is_of_a_thing(named, table, related=related):
        named = None
    if named and named.data_class == "free_text" and not related and (keyed or plain.data_class == "public"):
        named = None
    if plain.data_class == "public" and kind_of(column) in {"json", "xml"} and holds_contacts(sample):
        plain = Guess("document", 0.6, "some sampled values contain addresses or numbers of persons")
    if plain.data_class == "document" or (kind_of(column) == "text" and are_documents(sample)):
        state.paths[ref] = describe_documents(sample, column.name, table.name)
        reason = plain.reason if plain.data_class == "document" else "sampled values are JSON documents"
        return Guess("document", 0.8 if state.paths[ref] else 0.6, reason)
    seen = state.seen.get(ref)
    if seen is None and sample and column.type.kind == "date" and related:
        seen = guess_by_dates(sample)
    if seen and CLASSES[seen.data_class].personal:
        return _weigh(named, seen)
    if named:
        return named
    if seen:
        return seen
    if kind_of(column) == "text" and sample and not keyed:
        return _by_look(plain, sample)
    return plain


def _tell_house_numbers(state: _State, table: Table, columns: Sequence[Column]) -> None:
    """``numero`` beside ``rua`` is the number of a house."""
    streets = any(
        guess.data_class == "address.street"
        for column in columns
        if (guess := state.named.get((table.key, column.name)))
    )
    for column in columns:
        ref = (table.key, column.name)
        if streets and ref not in state.named and canonical(state.words[ref]) == ("number",):
            reason = f"the name {column.name} beside a street"
            state.named[ref] = Guess("address.street", 0.75, reason)


def _read_values(state: _State, table: Table, sample: Sample) -> None:
    for column in classified_columns(table, state.catalog):
        values = sample.get(column.name)
        if not values:
            continue
        guess = None
        if kind_of(column) == "text":
            guess = guess_by_values(values)
        elif column.type.kind in {"integer", "numeric"} and not _is_keyed(table, column):
            guess = guess_by_numbers(values)
        if guess:
            state.seen[table.key, column.name] = guess


def _weigh(named: Guess | None, seen: Guess) -> Guess:
    """What the values say counts where the name says nothing, or where their format leaves no doubt."""
    if named is None:
        return seen
    if named.data_class == seen.data_class:
        return Guess(named.data_class, _AGREED, f"{named.reason}, and {seen.reason}")
    return seen if seen.data_class in _STRONG and not named.data_class.startswith("credential.") else named


def _by_look(plain: Guess, sample: Sequence[str | None]) -> Guess:
    """The class of text that neither a name nor a format tells, by how it looks."""
    if plain.data_class == "public" and holds_contacts(sample):
        return Guess("free_text", 0.6, "some sampled values contain addresses or numbers of persons")
    if plain.data_class != "free_text":
        return plain
    if is_label(sample):
        return Guess("public", 0.6, "a few short values that come again and again")
    if looks_secret(sample):
        return Guess("credential.token", 0.5, "sampled values are long runs of letters and digits")
    return plain


def _is_keyed(table: Table, column: Column) -> bool:
    primary = table.primary_key
    if primary and column.name in primary.columns:
        return True
    return any(column.name in key.columns for key in table.foreign_keys)


def _settle_search_indexes(state: _State) -> None:
    """A search vector over nothing personal is public."""
    personal = {
        table
        for (table, _), guess in state.found.items()
        if guess.data_class != "search_index" and CLASSES[guess.data_class].personal
    }
    for (table, column), guess in state.found.items():
        if guess.data_class == "search_index" and table not in personal:
            state.found[table, column] = Guess("public", 0.6, "a search vector over public columns")
