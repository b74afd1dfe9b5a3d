"""The class of a column whose name says nothing: from its type, its keys and the table around it.

What cannot be shown to be harmless counts as personal: unknown text is ``free_text``, unknown
payloads are ``document`` and ``binary``.
"""

from __future__ import annotations

from dataclasses import dataclass

from datamask.catalog.model import Column, Table, TypeKind
from datamask.classify.by_name import Guess, table_name
from datamask.classify.vocabulary import Phrase, canonical, vocabulary
from datamask.classify.words import is_one_of, singular

# Text that short is a code or a flag; nobody's words fit.
_CODE_LENGTH = 3

# Types outside the usual families that tell by themselves what they hold.
_BY_BASE = {
    "macaddr": "network.mac",
    "macaddr8": "network.mac",
    "hstore": "document",
    "point": "address.coordinates",
    "geometry": "address.coordinates",
    "geography": "address.coordinates",
}

_CALENDAR = frozenset({"date", "time", "timestamp", "interval"})
_NUMBERS = frozenset({"integer", "numeric", "float"})
_PLAIN_KINDS = _CALENDAR | _NUMBERS | {"boolean", "enum", "range", "other"}

# What a date, a number, an enum or a boolean may tell about a person; every other one is a key or public.
_DATE_CLASSES = frozenset({"person.birth_date", "payment.card_expiry", "person.employment", "person.health"})
_NUMERIC_CLASSES = frozenset(
    {
        "person.phone",
        "person.birth_date",
        "person.national_id",
        "person.income",
        "person.employment",
        "person.education",
        "person.health",
        "person.demographic",
        "address.postal_code",
        "address.street",
        "address.coordinates",
        "payment.card_number",
        "payment.card_expiry",
        "payment.card_code",
        "payment.account",
        "company.registration",
        "credential.password",
        "credential.token",
        "network.ip",
        "network.device_id",
    }
)
_ENUM_CLASSES = frozenset(
    {"person.gender", "person.demographic", "person.salutation", "person.health", "person.education"}
)
_BOOLEAN_CLASSES = frozenset({"person.health", "person.demographic", "person.income"})
_BYTES_CLASSES = ("credential.", "person.", "payment.", "address.coordinates")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a column besides its name.

    :param keyed: it is part of a primary key or of a foreign key.
    :param related: its table holds data about persons, or a row of it belongs to one that does.
    """

    keyed: bool
    related: bool


def kind_of(column: Column) -> TypeKind:
    """The kind of a column's values, of an array its elements'."""
    kind = column.type
    return kind.element if kind.kind == "array" and kind.element else kind.kind


def holds(kind: TypeKind, data_class: str) -> bool:
    """True where values of that kind can be of the class that a name suggests."""
    if kind in {"date", "timestamp"}:
        return data_class in _DATE_CLASSES
    if kind in _NUMBERS:
        return data_class in _NUMERIC_CLASSES
    if kind == "boolean":
        return data_class in _BOOLEAN_CLASSES
    if kind == "inet":
        return data_class in {"network.ip", "network.mac"}
    if kind == "uuid":
        return data_class.startswith("credential.") or data_class == "network.device_id"
    if kind == "enum":
        return data_class in _ENUM_CLASSES
    if kind == "bytea":
        return data_class.startswith(_BYTES_CLASSES)
    # A payload's paths decide what it holds.
    return kind in {"text", "other"}


def guess_by_type(column: Column, words: Phrase, table: Table, around: Surroundings) -> Guess:
    """A class for every column; low confidence asks for a look.

    :param words: of the column's name, without what all of its table's columns begin with.
    """
    kind = kind_of(column)
    words = canonical(words)
    head = singular(words[-1]) if words else ""
    special = _BY_BASE.get(column.type.base)
    if special and (special != "address.coordinates" or around.related):
        return Guess(special, 0.8, "its type")
    if kind == "uuid":
        return Guess("key", 0.8, "a uuid")
    if kind in _PLAIN_KINDS:
        if around.keyed or head in vocabulary().key_heads or column.identity:
            return Guess("key", 0.9, "an identifier")
        return Guess("public", 0.7, f"{_article(kind)} that no personal name goes with")
    if kind == "tsvector":
        return Guess("search_index", 0.9, "a text search vector")
    if kind == "inet":
        return Guess("network.ip", 0.9, "its type")
    if kind in {"json", "xml"}:
        if is_one_of(head, vocabulary().depicting_heads) and not around.related:
            return Guess("public", 0.5, "describes a thing in a table that no person stands behind")
        return Guess("document", 0.6, f"{_article(kind)} payload may hold anything")
    if kind == "bytea":
        if head in vocabulary().descriptive_heads and not around.related:
            return Guess("public", 0.6, "an image in a table that no person stands behind")
        return Guess("binary", 0.6, "bytes may hold anything")
    if kind == "composite":
        return Guess("document", 0.5, "a composite value may hold anything")
    return _text(column, table, words, head, around)


def _text(column: Column, table: Table, words: Phrase, head: str, around: Surroundings) -> Guess:
    known = vocabulary()
    own = table_name(table.name)
    if around.keyed:
        return Guess("key", 0.7, "part of a key")
    if column.type.domain and not around.related:
        return Guess(
            "public", 0.5, f"the domain {column.type.domain} in a table that no person stands behind"
        )
    if words and is_one_of(words[-1], known.key_heads):
        return Guess("key", 0.6, "the name of an identifier")
    if words and _is_label(words):
        return Guess("public", 0.7, "the name of a label")
    # `status_name` and `type_description` are labels too.
    if len(words) > 1 and is_one_of(head, known.descriptive_heads) and _is_label(words[:-1]):
        return Guess("public", 0.6, "the name of a label")
    if column.type.max_length is not None and column.type.max_length <= _CODE_LENGTH:
        return Guess("public", 0.5, f"at most {column.type.max_length} characters")
    if not around.related and words and _describes(words):
        return Guess("public", 0.5, "describes a thing in a table that no person stands behind")
    # `products.product_name`: of the thing, whoever it belongs to.
    if len(words) > 1 and head == "name" and singular(words[-2]) == own.noun and not own.person:
        return Guess("public", 0.5, "the name of a thing in its own table")
    # `category.category`, `track.track_name`: named as its table, in a table without persons.
    if not around.related and head and head == own.noun:
        return Guess("public", 0.5, "named as its table")
    return Guess("free_text", 0.3, "text of unknown meaning")


def _describes(words: Phrase) -> bool:
    """The thing's description stands last in English, and first in Romance languages."""
    known = vocabulary()
    heads = known.descriptive_heads | known.reference_heads
    return is_one_of(words[-1], heads) or is_one_of(words[0], known.descriptive_heads)


def _is_label(words: Phrase) -> bool:
    """True for `order_status`, and for `tipo_conta`: what kind, how many, when."""
    return is_one_of(words[-1], vocabulary().public_heads) or words[0] in vocabulary().label_starts


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
