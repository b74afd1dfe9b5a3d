"""The class of a column whose name says nothing: from its type, its keys and the table around it.

What cannot be shown to be harmless counts as personal: unknown text is ``free_text``, unknown
payloads are ``document`` and ``binary``.
"""

from __future__ import annotations

from dataclasses import dataclass

from datamask.catalog.model import Column, Table
from datamask.classify.by_name import Guess, canonical, table_name
from datamask.classify.vocabulary import vocabulary
from datamask.classify.words import singular, words_of

# Text that short is a code or a flag; nobody's words fit.
_CODE_LENGTH = 3

_CALENDAR_AND_NUMBER_KINDS = frozenset(
    {
        "integer",
        "numeric",
        "float",
        "boolean",
        "date",
        "time",
        "timestamp",
        "interval",
        "enum",
        "range",
        "other",
    }
)


# Types outside the usual families that tell by themselves what they hold.
_BY_BASE = {
    "macaddr": "network.mac",
    "macaddr8": "network.mac",
    "hstore": "document",
    "point": "address.coordinates",
    "geometry": "address.coordinates",
    "geography": "address.coordinates",
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a column besides its name.

    :param keyed: it is part of a primary key or of a foreign key.
    :param related: its table holds data about persons, or a row of it belongs to one that does.
    """

    keyed: bool
    related: bool


def guess_by_type(column: Column, table: Table, around: Surroundings) -> Guess:
    """A class for every column; low confidence asks for a look."""
    kind = column.type.element if column.type.kind == "array" and column.type.element else column.type.kind
    words = canonical(words_of(column.name))
    head = singular(words[-1]) if words else ""
    if kind == "uuid":
        return Guess("key", 0.8, "a uuid")
    special = _BY_BASE.get(column.type.base)
    if special and (special != "address.coordinates" or around.related):
        return Guess(special, 0.8, "its type")
    if kind in _CALENDAR_AND_NUMBER_KINDS:
        if around.keyed or head in vocabulary().key_heads or column.identity:
            return Guess("key", 0.9, "an identifier")
        return Guess("public", 0.7, f"{_article(kind)} that no personal name goes with")
    if kind == "tsvector":
        return Guess("search_index", 0.9, "a text search vector")
    if kind == "inet":
        return Guess("network.ip", 0.9, "its type")
    if kind in {"json", "xml"}:
        return Guess("document", 0.6, f"{_article(kind)} payload may hold anything")
    if kind == "bytea":
        if head in vocabulary().descriptive_heads and not around.related:
            return Guess("public", 0.6, "an image in a table that no person stands behind")
        return Guess("binary", 0.6, "bytes may hold anything")
    if kind == "composite":
        return Guess("document", 0.5, "a composite value may hold anything")
    return _text(column, table, words, head, around)


def _text(column: Column, table: Table, words: tuple[str, ...], head: str, around: Surroundings) -> Guess:
    if around.keyed:
        return Guess("key", 0.7, "part of a key")
    if column.type.domain and not around.related:
        return Guess(
            "public", 0.5, f"the domain {column.type.domain} in a table that no person stands behind"
        )
    if words and (head in vocabulary().key_heads or words[-1] in vocabulary().key_heads):
        return Guess("key", 0.6, "the name of an identifier")
    if words and (_is_label(words[-1]) or words[0] in {"is", "has", "can"}):
        return Guess("public", 0.7, "the name of a label")
    # `status_name` and `type_description` are labels too.
    if len(words) > 1 and head in vocabulary().descriptive_heads and _is_label(words[-2]):
        return Guess("public", 0.6, "the name of a label")
    if column.type.max_length is not None and column.type.max_length <= _CODE_LENGTH:
        return Guess("public", 0.5, f"at most {column.type.max_length} characters")
    if not around.related and (
        head in vocabulary().descriptive_heads or head in vocabulary().reference_heads
    ):
        return Guess("public", 0.5, "describes a thing in a table that no person stands behind")
    # `products.product_name`: of the thing, whoever it belongs to.
    own = table_name(table.name)
    if len(words) > 1 and head == "name" and singular(words[-2]) == own.noun and not own.person:
        return Guess("public", 0.5, "the name of a thing in its own table")
    # `category.category`, `track.track_name`: named as its table, in a table without persons.
    if not around.related and head and head == own.noun:
        return Guess("public", 0.5, "named as its table")
    return Guess("free_text", 0.3, "text of unknown meaning")


def _is_label(word: str) -> bool:
    heads = vocabulary().public_heads
    return word in heads or singular(word) in heads


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
