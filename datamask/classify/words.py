"""Names cut into words: ``BillingZipCode``, ``billing_zip_code`` and ``billingzipcode`` alike."""

from __future__ import annotations

import re
import unicodedata
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
_SHORT_WORDS = frozenset({"id", "no", "ip"})


def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a name, accents removed, digits on their own; empty for a name of signs."""
    found: list[str] = []
    for part in _BOUNDARY.split(name):
        for hump in _HUMP.split(part):
            for piece in _DIGITS.split(hump):
                if piece:
                    found.extend(_cut(_plain(piece)))
    return tuple(found)


def singular(word: str) -> str:
    """The English singular of a word, roughly; only for comparing with lists of singulars."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def _plain(word: str) -> str:
    """Lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", word).lower().translate(_SPELLED))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@cache
def _vocabulary() -> frozenset[str]:
    words = vocabulary()
    every = words.transparent | words.person_nouns | words.company_nouns | words.public_heads
    every |= words.key_heads | words.common_words
    every |= {word for phrases in words.phrases.values() for phrase in phrases for word in phrase}
    return frozenset(word for word in every if len(word) >= _SHORTEST) | _SHORT_WORDS


@cache
def _cut(word: str) -> tuple[str, ...]:
    """A run of letters as the fewest known words that cover all of it, else as it is."""
    known = _vocabulary()
    if word in known or len(word) < 2 * _SHORTEST - 1 or not word.isalpha():
        return (word,)
    # best[i] is the shortest cutting of the first i letters.
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 20), end):
            before = best[start]
            if before is None or word[start:end] not in known:
                continue
            candidate = (*before, word[start:end])
            current = best[end]
            if current is None or len(candidate) < len(current):
                best[end] = candidate
    return best[-1] or (word,)
