"""What a column's name says about its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from datamask.classify.vocabulary import Phrase, canonical, vocabulary
from datamask.classify.words import is_one_of, singular, words_of

_LONGEST_PHRASE = 6

# "name" where things and persons may both have one.
_NAMES = frozenset({"name", "names", "nm", "nombre", "nom", "noms", "nome", "nomi", "naam", "nazwa"})
# The words before "by" and its like in names such as `created_by`, `erstellt_von`, `criado_por`.
_BY = frozenset({"by", "von", "par", "por", "da", "door", "przez"})
_NOBODY = frozenset({"group", "order", "sort", "filter", "step", "split", "partition"})

# A first match at the end of a name is sure; words after it that only qualify make it a little less so.
_SURE = 0.95
_QUALIFIED = 0.85
_FROM_TABLE = 0.75
_FROM_DOMAIN = 0.7
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
    :param pay: each row is about what a person is paid.
    :param card: each row is a payment card.
    :param belonging: each row is what a person left, so that a name in it is the person's.
    """

    words: tuple[str, ...]
    noun: str
    person: bool
    company: bool
    pay: bool
    card: bool
    belonging: bool


@cache
def table_name(name: str) -> TableName:
    """Read a table's name; the last word that says something decides, as in ``sales_person`` or ``customer_details``."""
    known = vocabulary()
    words = tuple(word for word in words_of(name) if not word.isdigit())
    telling = words
    while len(telling) > 1 and is_one_of(telling[-1], known.generic_words):
        telling = telling[:-1]
    last = telling[-1] if telling else ""
    return TableName(
        words,
        singular(last),
        person=is_one_of(last, known.person_nouns),
        company=is_one_of(last, known.company_nouns),
        pay=any(word in known.pay_words for word in words),
        card=any(word in known.card_words for word in words),
        belonging=is_one_of(last, known.belongings),
    )


@cache
def guess_by_name(column: str, words: Phrase, table: str) -> Guess | None:
    """The data class that a column's name stands for, or None where it names nothing sensitive.

    The end of the name decides: ``email_verified_at`` is no e-mail address, ``verified_email`` is one.

    :param words: the name's words, without what all of its table's columns begin with.
    """
    words = canonical(words)
    if not words:
        return None
    own = table_name(table)
    found = _at_end(words, qualifiers=False)
    if found:
        return Guess(found, _SURE, f"the name {column}")
    in_table = _name_of(words, own) or _of_its_table(words, own)
    if in_table:
        return Guess(in_table, _QUALIFIED, f"the name {column} in {table}")
    found = _at_end(words, qualifiers=True)
    if found:
        return Guess(found, _QUALIFIED, f"the name {column}")
    if _is_a_person(words):
        return Guess("person.name", _FROM_TABLE, f"the name {column}")
    if len(words) > 1 and words[-1] in _BY and words[-2] not in _NOBODY:
        return Guess("person.username", _FROM_TABLE, f"the name {column}")
    if all(word in vocabulary().transparent for word in words):
        found = _at_end((*canonical(own.words), *words), qualifiers=True)
        if found and own.noun not in vocabulary().weak_words:
            return Guess(found, _FROM_TABLE, f"the name of its table {table}")
    return None


def guess_by_comment(comment: str) -> Guess | None:
    """The data class that a comment's first words name, or None."""
    words = canonical(words_of(comment.split(".")[0]))
    while words and words[0] in {"the", "a", "an", "der", "die", "das", "le", "la", "el", "il", "de", "o"}:
        words = words[1:]
    if not 0 < len(words) <= _LONGEST_PHRASE:
        return None
    for start in range(len(words)):
        # All that stands before the phrase must qualify it: a "product identification number" is nobody's.
        found = vocabulary().phrases.get(words[start:])
        if found and all(_qualifies(word) for word in words[:start]):
            return Guess(found, _FROM_COMMENT, "its comment")
    return None


def guess_by_domain(domain: str, table: str) -> Guess | None:
    """The data class that the name of a column's domain stands for, or None."""
    name = domain.rpartition(".")[2].strip('"')
    guess = guess_by_name(name, words_of(name), table)
    return Guess(guess.data_class, _FROM_DOMAIN, f"the domain {domain}") if guess else None


def is_bare_name(words: Phrase) -> bool:
    """True for ``name`` and its like: which part of a name it is, the other columns tell."""
    telling = [word for word in words if word not in vocabulary().transparent]
    return len(telling) == 1 and telling[0] in _NAMES


def is_name_of_label(words: Phrase, table: str) -> bool:
    """True for the ``name`` of a ``shipping_method`` or a ``unit_type``: a row is one of a few labels."""
    noun = table_name(table).noun
    return is_bare_name(words) and noun in vocabulary().public_heads


def _is_a_person(words: Phrase) -> bool:
    """``owner``, ``new_tenant``, ``klant``: who it is, as text, is somebody's name."""
    known = vocabulary()
    return (
        is_one_of(words[-1], known.person_nouns)
        and not is_one_of(words[-1], known.persons_or_things)
        and all(word in known.transparent for word in words[:-1])
    )


def _name_of(words: Phrase, table: TableName) -> str | None:
    """``name`` alone means its table's rows; ``guest_name`` and ``nom_client`` mean a guest and a client."""
    if words[-1] in _NAMES:
        rest = words[:-1]
    elif words[0] in _NAMES:
        rest = words[1:]
    else:
        return None
    known = vocabulary()
    owners = [word for word in rest if is_one_of(word, known.person_nouns | known.company_nouns)]
    if owners:
        return "person.name" if is_one_of(owners[-1], known.person_nouns) else "company.name"
    if any(word not in known.transparent and not word.isdigit() for word in rest):
        return None
    if table.person or table.belonging:
        return "person.name"
    return "company.name" if table.company else None


def _of_its_table(words: Phrase, table: TableName) -> str | None:
    """Words that mean something personal only in a table of persons, of their pay or of their cards."""
    known = vocabulary()
    in_tables = (
        (table.person, known.in_person_tables),
        (table.pay, known.in_pay_tables),
        (table.card, known.in_card_tables),
    )
    return next((phrases[words] for applies, phrases in in_tables if applies and words in phrases), None)


def _at_end(words: Phrase, *, qualifiers: bool) -> str | None:
    phrases = vocabulary().phrases
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
        if not qualifiers or not _qualifies(last):
            return None
        end -= 1
    return None


def _qualifies(word: str) -> bool:
    known = vocabulary()
    return (
        word in known.transparent
        or word in known.place_qualifiers
        or is_one_of(word, known.person_nouns)
        or is_one_of(word, known.company_nouns)
    )


def _phrase_ending(words: Phrase, phrases: Mapping[Phrase, str]) -> str | None:
    for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        tail = words[-length:]
        # "GeboorteDatum" is cut at its capital; the list has the compound.
        found = (
            phrases.get(tail)
            or phrases.get((*tail[:-1], singular(tail[-1])))
            or phrases.get(("".join(tail),))
        )
        if found and not (_is_weak(tail) and _qualified_by_a_thing(words[:-length])):
            return found
    return None


def _is_weak(phrase: Phrase) -> bool:
    return is_one_of(" ".join(phrase), vocabulary().weak_words)


def _qualified_by_a_thing(before: Phrase) -> bool:
    """``order_state`` is the state of an order; ``billing_state`` and ``customer_state`` are places."""
    return bool(before) and not before[-1].isdigit() and not _qualifies(before[-1])
