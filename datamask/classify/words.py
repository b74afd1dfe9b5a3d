"""Names cut into words: ``BillingZipCode``, ``billing_zip_code`` and ``billingzipcode`` alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache

from datamask.classify.vocabulary import vocabulary

_BOUNDARY = re.compile(r"[\W_]+")
_LOWER, _UPPER = "a-z0-9ß-öø-ÿı", "A-ZÀ-ÖØ-Þİ"
_HUMP = re.compile(f"(?<=[{_LOWER}])(?=[{_UPPER}])|(?<=[{_UPPER}])(?=[{_UPPER}][{_LOWER}])")
_DIGITS = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")
_SPELLED = str.maketrans(
    {"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "ł": "l", "ı": "i", "đ": "d", "æ": "ae", "œ": "oe"}
)

# Shorter words would cut at random: "orderid" must not become "or de rid".
_SHORTEST = 3
_SHORT_WORDS = frozenset({"id", "no", "ip", "nr", "of"})
_LONGEST = 20

# A word that this part of a table's columns begin or end with says nothing about any of them.
_AFFIX_SHARE = 0.6
_AFFIX_COLUMNS = 3


def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a name, accents removed, digits on their own; empty for a name of signs."""
    found: list[str] = []
    for part in _BOUNDARY.split(name):
        for hump in _HUMP.split(part):
            for piece in _DIGITS.split(hump):
                if piece:
                    found.extend(_cut(plain(piece)))
    return tuple(found)


def words_of_columns(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The words of a table's columns, without a prefix or suffix that most of them share.

    ``adh_nom, adh_prenom, adh_ville`` tell as much as ``nom, prenom, ville``; only a word of no meaning goes.
    """
    words = {name: words_of(name) for name in names}
    for place in (0, -1):
        ends = [found[place] for found in words.values() if len(found) > 1]
        common = max(set(ends), key=lambda word: (ends.count(word), word)) if ends else ""
        share = ends.count(common) / len(names) if ends else 0.0
        if ends.count(common) >= _AFFIX_COLUMNS and share >= _AFFIX_SHARE and not _means_something(common):
            for name, found in words.items():
                if len(found) > 1 and found[place] == common:
                    words[name] = found[1:] if place == 0 else found[:-1]
    return words


def singular(word: str) -> str:
    """The English singular of a word, roughly; only for comparing with lists of singulars."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def is_one_of(word: str, nouns: Collection[str]) -> bool:
    """True where the word or its singular is listed."""
    return word in nouns or singular(word) in nouns


def plain(word: str) -> str:
    """Lower case, without accents; umlauts as two letters."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", word).lower().translate(_SPELLED))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@cache
def _vocabulary() -> frozenset[str]:
    words = vocabulary()
    every = words.transparent | words.person_nouns | words.company_nouns | words.public_heads
    every |= words.key_heads | words.common_words
    every |= {word for phrase in words.phrases for word in phrase}
    return frozenset(word for word in every if len(word) >= _SHORTEST) | _SHORT_WORDS


def _means_something(word: str) -> bool:
    return len(word) > 1 and (word in _vocabulary() or is_one_of(word, vocabulary().person_nouns))


def _is_plural(word: str, known: frozenset[str]) -> bool:
    return len(word) > _SHORTEST + 1 and word[-1] == "s" and word[:-1] in known


@cache
def _cut(word: str) -> tuple[str, ...]:
    """A run of letters as the fewest known words that cover all of it, else as it is."""
    known = _vocabulary()
    if word in known or len(word) < 2 * _SHORTEST - 1 or not word.isalpha() or singular(word) in known:
        return (word,)
    # best[i] is the shortest cutting of the first i letters.
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST), end):
            before = best[start]
            if before is None or not (word[start:end] in known or _is_plural(word[start:end], known)):
                continue
            candidate = (*before, word[start:end])
            current = best[end]
            if current is None or len(candidate) < len(current):
                best[end] = candidate
    return best[-1] or (word,)
