"""Which tables are about persons, and what follows from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from datamask.catalog.model import Table
from datamask.classify.by_name import Guess, table_name
from datamask.classify.vocabulary import canonical, vocabulary
from datamask.classify.words import is_one_of, words_of

Ref = tuple[str, str]

# Classes that also name things: a product's picture, a web page, a composer's country.
_ONLY_NEAR_PERSONS = frozenset(
    {
        "person.image",
        "person.health",
        "person.income",
        "person.education",
        "person.employment",
        "person.demographic",
        "person.job_title",
        "person.gender",
        "network.url",
        "address.region",
        "address.country",
    }
)
_REFERENCES = frozenset({"id", "fk", "number", "uuid", "guid", "ref"})
# A book's author does not make its title a person's.
_MARKS_NOBODY = _ONLY_NEAR_PERSONS | {"person.name", "person.username"}
# Values that look like names of persons may be names of anything.
_SURE_ENOUGH = 0.75
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


def tables_about_persons(
    tables: Sequence[Table], named: Mapping[Ref, Guess], seen: Mapping[Ref, Guess]
) -> set[str]:
    """The keys of the tables that hold data about persons, and of those whose rows belong to one of them.

    :param named: what columns are by their names.
    :param seen: what they are by their values.
    """
    persons = {
        table
        for guesses in (named, seen)
        for (table, _), guess in guesses.items()
        if guess.data_class.startswith(_MARKS_A_PERSON)
        and guess.data_class not in _MARKS_NOBODY
        and guess.confidence >= _SURE_ENOUGH
    }
    persons |= {table.key for table in tables if table_name(table.name).person}
    # Whose words they are, nobody may have written down; that somebody wrote them is enough.
    words = {
        table.key for table in tables if is_one_of(table_name(table.name).noun, vocabulary().content_nouns)
    }
    related = persons | words
    for table in tables:
        declared = any(key.referenced_table in persons for key in table.foreign_keys)
        if declared or any(_points_at_a_person(column.name) for column in table.columns):
            related.add(table.key)
    return related


def is_of_a_thing(named: Guess, table: Table, *, related: bool) -> bool:
    """A country in a table of countries is nobody's address, a bonus in a table of games nobody's income."""
    if named.data_class in {"address.region", "address.country"}:
        return is_one_of(table_name(table.name).noun, vocabulary().reference_heads) or not related
    return not related and named.data_class in _ONLY_NEAR_PERSONS


def follow_foreign_keys(tables: Sequence[Table], found: dict[Ref, Guess]) -> None:
    """A column that references another holds the same values, so it has the same class."""
    for _ in range(len(tables)):
        changed = False
        for table in tables:
            for key in table.foreign_keys:
                for column, target in zip(key.columns, key.referenced_columns, strict=True):
                    there = found.get((key.referenced_table, target))
                    here = found.get((table.key, column))
                    if there and here and here.data_class != there.data_class:
                        reason = f"references {key.referenced_table}.{target}"
                        found[table.key, column] = Guess(there.data_class, there.confidence, reason)
                        changed = True
        if not changed:
            return


def _points_at_a_person(column: str) -> bool:
    """``customer_id``, ``id_cliente``, ``emp_no``: a reference, whether or not the database declares it."""
    words = canonical(words_of(column))
    if len(words) < 2 or not (words[-1] in _REFERENCES or words[0] in _REFERENCES):
        return False
    rest = words[:-1] if words[-1] in _REFERENCES else words[1:]
    return any(is_one_of(word, vocabulary().person_nouns) for word in rest)
