"""UUIDs: uuid."""

from __future__ import annotations

import numpy as np
import polars as pl

from datamask.masking.ff1 import Ff1
from datamask.masking.text import Bytes, Words, matrix, pack, strings
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_LENGTH = 36
# Where the groups of hexadecimal digits start and end, in the text and without dashes.
_GROUPS = ((0, 8, 0), (9, 13, 8), (14, 18, 12), (19, 23, 16), (24, 36, 20))
_BIG = np.dtype(">u8")
# Version and variant take 6 bits; what is left are two halves of 61.
_HALF = 61
_LOW61 = np.uint64((1 << 61) - 1)
_LOW62 = np.uint64((1 << 62) - 1)
_LOW12 = np.uint64((1 << 12) - 1)
_VERSION = np.uint64(0xF << 12)
_VARIANT = np.uint64(3 << 62)


class Uuid(Transform):
    """FF1 over the 122 bits of a UUID that are not version and variant: a permutation.

    In text columns, what is no UUID in lower case becomes a version 4 UUID of 122 bits of keyed hash.
    """

    name = "uuid"
    summary = "a keyed permutation of UUIDs; version and variant stay"
    kinds = frozenset(("uuid", "text"))
    cost = 150

    def column_laws(self, case: Case) -> Laws:
        """A permutation of UUIDs; of other text, up to 122 bits."""
        text = case.type.kind == "text"
        return Laws(
            injective=True, max_length=_LENGTH, reversible=not text, collision_bits=122 if text else None
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        return uuid_function(binding)


def uuid_function(binding: Binding) -> MaskFunction:
    """The function behind ``uuid``, and behind ``key`` on UUIDs: one permutation for a domain."""
    ff1 = Ff1(binding.subkey("uuid"), 2)
    prf = binding.prf("uuid of text") if binding.mask.type.kind == "text" else None

    def masked(values: pl.Series, _: object) -> pl.Series:
        packed = pack(values)
        odd = np.flatnonzero(packed.lengths != _LENGTH)
        table = matrix(packed.cut(_LENGTH), 40)[:, :_LENGTH]
        words = _decode(table)
        result = _encipher(ff1, words)
        if prf is not None:
            odd = np.union1d(odd, np.flatnonzero((_encode(words) != table).any(axis=1)))
            if len(odd):
                result[odd] = _version_4(prf.packed(packed.take(odd)))
        return strings(_encode(result))

    return masked


def _encipher(ff1: Ff1, words: Words) -> Words:
    high, low = words[:, 0], words[:, 1]
    # 60 bits of the first word and 62 of the second, as 61 and 61.
    sixty = ((high >> np.uint64(16)) << np.uint64(12)) | (high & _LOW12)
    rest = low & _LOW62
    a, b = ff1.encrypt_halves((sixty << np.uint64(1)) | (rest >> np.uint64(_HALF)), rest & _LOW61, 2 * _HALF)
    sixty = a >> np.uint64(1)
    result = np.empty_like(words)
    result[:, 0] = ((sixty >> np.uint64(12)) << np.uint64(16)) | (sixty & _LOW12) | (high & _VERSION)
    result[:, 1] = ((a & np.uint64(1)) << np.uint64(_HALF)) | b | (low & _VARIANT)
    return result


def _version_4(tags: Words) -> Words:
    result = tags.copy()
    result[:, 0] = (result[:, 0] & ~_VERSION) | np.uint64(4 << 12)
    result[:, 1] = (result[:, 1] & ~_VARIANT) | np.uint64(2 << 62)
    return result


def _decode(table: Bytes) -> Words:
    """Rows of 36 characters as two words each, most significant first; nonsense for other text."""
    chars = np.empty((len(table), 32), dtype=np.uint8)
    for start, stop, at in _GROUPS:
        chars[:, at : at + stop - start] = table[:, start:stop]
    # Letters have bit 6 set and count from 1; digits are their own low bits.
    nibbles = (chars & np.uint8(15)) + np.uint8(9) * (chars >> np.uint8(6))
    octets = (nibbles[:, ::2] << np.uint8(4)) | (nibbles[:, 1::2] & np.uint8(15))
    return octets.view(_BIG).astype(np.uint64)


def _encode(words: Words) -> Bytes:
    octets = words.astype(_BIG).view(np.uint8).reshape(-1, 16)
    nibbles = np.empty((len(words), 32), dtype=np.uint8)
    nibbles[:, ::2] = octets >> np.uint8(4)
    nibbles[:, 1::2] = octets & np.uint8(15)
    # "a" (97) stands 39 behind the character after "9".
    nibbles += np.uint8(48) + np.uint8(39) * (nibbles > 9)
    table = np.full((len(words), _LENGTH), ord("-"), dtype=np.uint8)
    for start, stop, at in _GROUPS:
        table[:, start:stop] = nibbles[:, at : at + stop - start]
    return table
