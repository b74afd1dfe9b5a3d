"""What a column's name says about its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from datamask.classify.vocabulary import vocabulary
from datamask.classify.words import singular, words_of

_NUMBER_WORDS = frozenset({"no", "num", "nr", "nbr", "numero", "nummer", "numbers"})
_LONGEST_PHRASE = 5

_IN_PERSON_TABLES: dict[tuple[str, ...], str] = {
    ("title",): "person.job_title",
    ("titel",): "person.salutation",
    ("extension",): "person.phone",
    ("ext",): "person.phone",
    ("position",): "person.job_title",
    ("language",): "person.demographic",
    ("location",): "address",
    ("description",): "free_text",
}

# A first match at the end of a name is sure; words after it that only qualify make it a little less so.
_SURE = 0.95
_QUALIFIED = 0.85
_FROM_TABLE = 0.75
_FROM_COMMENT = 0.55


@dataclass(frozen=True, slots=True)
class Guess:
    """A data class with how sure it is (0 to 1) and why."""

    data_class: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class TableName:
    """What a table's name says about the things it lists.

    :param person: each row stands for a natural person.
    :param company: each row stands for an organization.
    """

    words: tuple[str, ...]
    noun: str
    person: bool
    company: bool


@cache
def table_name(name: str) -> TableName:
    """Read a table's name; the last word decides, as in ``sales_person`` or ``customer_company``."""
    words = tuple(word for word in words_of(name) if not word.isdigit())
    noun = singular(words[-1]) if words else ""
    return TableName(words, noun, noun in vocabulary().person_nouns, noun in vocabulary().company_nouns)


@cache
def guess_by_name(column: str, table: str) -> Guess | None:
    """The data class that a column's name stands for, or None where it names nothing sensitive.

    The end of the name decides: ``email_verified_at`` is no e-mail address, ``verified_email`` is one.
    """
    words = canonical(words_of(column))
    if not words:
        return None
    found = _at_end(words, qualifiers=False)
    if found:
        return Guess(found, _SURE, f"the name {column}")
    of_a_name = _name_of(words, table_name(table)) or _of_a_person(words, table_name(table))
    if of_a_name:
        return Guess(of_a_name, _QUALIFIED, f"the name {column} in {table}")
    found = _at_end(words, qualifiers=True)
    if found:
        return Guess(found, _QUALIFIED, f"the name {column}")
    if all(word in vocabulary().transparent for word in words):
        found = _at_end((*canonical(table_name(table).words), *words), qualifiers=True)
        if found and table_name(table).noun not in vocabulary().weak_words:
            return Guess(found, _FROM_TABLE, f"the name of its table {table}")
    return None


def guess_by_comment(comment: str) -> Guess | None:
    """The data class that a comment's first words name, or None."""
    words = canonical(words_of(comment.split(".")[0]))
    if not 0 < len(words) <= _LONGEST_PHRASE:
        return None
    found = _at_end(words, qualifiers=False)
    return Guess(found, _FROM_COMMENT, "its comment") if found else None


def canonical(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words with all spellings of "number" made one."""
    return tuple("number" if word in _NUMBER_WORDS else word for word in words)


def _name_of(words: tuple[str, ...], table: TableName) -> str | None:
    """``name`` alone means its table's rows; ``guest_name`` means a guest."""
    if words[-1] not in {"name", "names"} and words != ("nombre",) and words != ("nom",):
        return None
    if len(words) > 1:
        owner = singular(words[-2])
        if owner in vocabulary().person_nouns:
            return "person.name"
        return "company.name" if owner in vocabulary().company_nouns else None
    if table.person:
        return "person.name"
    return "company.name" if table.company else None


def _of_a_person(words: tuple[str, ...], table: TableName) -> str | None:
    """Words that mean something personal only in a table of persons."""
    return _IN_PERSON_TABLES.get(words) if table.person else None


def _at_end(words: tuple[str, ...], *, qualifiers: bool) -> str | None:
    phrases = _phrases()
    end = len(words)
    while end:
        # "cvv 2" and "line 1" are phrases with their digit; of "phone 2" only the word is.
        found = _phrase_ending(words[:end], phrases)
        if found:
            return found
        last = words[end - 1]
        if last.isdigit() and end > 1:
            end -= 1
            continue
        if not qualifiers or not (
            last in vocabulary().transparent or singular(last) in vocabulary().person_nouns
        ):
            return None
        end -= 1
    return None


def _phrase_ending(words: tuple[str, ...], phrases: Mapping[tuple[str, ...], str]) -> str | None:
    for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        tail = words[-length:]
        found = phrases.get(tail) or phrases.get((*tail[:-1], singular(tail[-1])))
        if found and not (
            length == 1 and tail[0] in vocabulary().weak_words and _qualified_by_a_thing(words)
        ):
            return found
    return None


def _qualified_by_a_thing(words: tuple[str, ...]) -> bool:
    """``order_state`` is the state of an order; ``billing_state`` and ``customer_state`` are places."""
    if len(words) < 2:
        return False
    before = singular(words[-2])
    known = vocabulary()
    return not (
        before in known.transparent
        or before in known.person_nouns
        or before in known.company_nouns
        or before in known.place_qualifiers
    )


@cache
def _phrases() -> dict[tuple[str, ...], str]:
    return {
        canonical(phrase): data_class
        for data_class, phrases in vocabulary().phrases.items()
        for phrase in phrases
    }
