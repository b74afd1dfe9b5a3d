"""Opaque identifiers of random-looking characters: token."""

from __future__ import annotations

import math
import string
from collections.abc import Mapping

import numpy as np
import polars as pl

from datamask.errors import PolicyError
from datamask.masking.literals import UNSAFE_IN_COPY
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, optional_whole, text
from datamask.masking.text import Bytes, Words, strings
from datamask.masking.transform import INJECTIVE_BITS, Binding, Case, Laws, MaskFunction, Transform

_ALPHABETS = {
    "base62": string.digits + string.ascii_uppercase + string.ascii_lowercase,
    "base32": string.ascii_lowercase + "234567",
    "hex": string.digits + "abcdef",
    "digits": string.digits,
}
_DEFAULT, _LONGEST = 16, 32
# Characters from one word of 64 bits: the more, the less evenly they are hit. With 8 of 62 letters
# one token is likelier than another by at most 1 : 84,000.
_PER_WORD = 8


class Token(Transform):
    """A prefix and random-looking characters: a keyed hash of the value, of one length whatever the value.

    Nobody can compute the original; take ``ff1`` for a pseudonym that the key holder can turn back.
    """

    name = "token"
    summary = "an opaque token: a prefix and random-looking characters"
    params = (
        Param("prefix", "text", "", "what every token begins with, such as tok_"),
        Param(
            "length",
            "integer",
            None,
            f"characters behind the prefix; {_DEFAULT}, or as many as the column holds, if left out",
            minimum=4,
            maximum=_LONGEST,
        ),
        Param("alphabet", "text", "base62", "what the characters are", choices=tuple(_ALPHABETS)),
    )
    kinds = frozenset(("text",))
    cost = 120

    def column_laws(self, case: Case) -> Laws:
        """As many bits as the characters hold keep values apart."""
        prefix, length = text(case.params, "prefix"), _length(case)
        bits = int(length * math.log2(len(_alphabet(case.params))))
        injective = bits >= INJECTIVE_BITS
        return Laws(
            injective=injective,
            max_length=len(prefix) + length,
            copy_safe=UNSAFE_IN_COPY.isdisjoint(prefix),
            collision_bits=bits if injective else None,
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prefix = np.frombuffer(text(binding.params, "prefix").encode(), dtype=np.uint8)
        length = _length(Case(binding.params, binding.mask.type))
        alphabet = np.frombuffer(_alphabet(binding.params).encode(), dtype=np.uint8)
        # Each gives 16 characters.
        prfs = [binding.prf(f"token {part}") for part in range(-(-length // (2 * _PER_WORD)))]

        def masked(values: pl.Series, _: object) -> pl.Series:
            table = np.empty((values.len(), len(prefix) + length), dtype=np.uint8)
            table[:, : len(prefix)] = prefix
            tokens = table[:, len(prefix) :]
            for part, prf in enumerate(prfs):
                tags = prf.wide(values)
                for half in range(2):
                    start = (2 * part + half) * _PER_WORD
                    _fill(tokens[:, start : start + _PER_WORD], tags[:, half], alphabet)
            return strings(table)

        return masked


def _fill(columns: Bytes, words: Words, alphabet: Bytes) -> None:
    """Write a character of each word into every column."""
    size = np.uint64(len(alphabet))
    for column in range(columns.shape[1]):
        rest = words // size
        columns[:, column] = alphabet[words - rest * size]
        words = rest


def _alphabet(params: Mapping[str, JSONValue]) -> str:
    return _ALPHABETS[text(params, "alphabet")]


def _length(case: Case) -> int:
    """Characters behind the prefix.

    :raises PolicyError: the column has no room for four of them.
    """
    given = optional_whole(case.params, "length")
    if given is not None:
        return given
    room = (case.type.max_length or 1 << 20) - len(text(case.params, "prefix"))
    if room < 4:
        raise PolicyError(
            f"token: {case.type.name} has no room for a token behind the prefix", hint="take a shorter prefix"
        )
    return min(_DEFAULT, room)
