"""UUIDs: uuid."""

from __future__ import annotations

import numpy as np
import polars as pl

from datamask.masking.ff1 import Ff1
from datamask.masking.text import Words, pack, strings, with_slack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_LENGTH = 36
_WORD = np.dtype("<u8")
# Version and variant take 6 bits; what is left are two halves of 61.
_HALF = 61
_LOW61 = np.uint64((1 << 61) - 1)
_LOW62 = np.uint64((1 << 62) - 1)
_LOW12 = np.uint64((1 << 12) - 1)
_VERSION = np.uint64(0xF << 12)
_VARIANT = np.uint64(3 << 62)

_ONES = np.uint64(0x0101010101010101)
_LOW_NIBBLES = np.uint64(0x0F0F0F0F0F0F0F0F)
_EVERY_SECOND = np.uint64(0x00FF00FF00FF00FF)
_TWO_OF_FOUR = np.uint64(0x0000FFFF0000FFFF)
_LOW32, _LOW16 = np.uint64(0xFFFFFFFF), np.uint64(0xFFFF)
_8, _16, _24, _32, _48 = (np.uint64(bits) for bits in (8, 16, 24, 32, 48))
# Dashes are characters 8, 13, 18 and 23: bytes 0 and 5 of the text's second word, 2 and 7 of its third.
_DASHES = (np.uint64(0x2D | 0x2D << 40), np.uint64(0x2D << 16 | 0x2D << 56))


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
        text = list(with_slack(packed, 40).words(0, 5))
        words = _decode(text)
        result = _encipher(ff1, words)
        if prf is not None:
            text[4] &= _LOW32
            wrong = packed.lengths != _LENGTH
            for one, other in zip(text, _encode(words), strict=True):
                wrong |= one != other
            odd = np.flatnonzero(wrong)
            if len(odd):
                result[odd] = _version_4(prf.packed(packed.take(odd)))
        return strings(np.stack(_encode(result), axis=1).view(np.uint8)[:, :_LENGTH])

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


def _decode(text: list[Words]) -> Words:
    """UUIDs as two words each, most significant first, from 5 words of text; nonsense for other text."""
    second = ((text[1] >> _8) & _LOW32) | ((text[1] >> _48) << _32) | (text[2] << _48)
    third = ((text[2] >> _24) & _LOW32) | (text[3] << _32)
    fourth = (text[3] >> _32) | (text[4] << _32)
    result = np.empty((len(second), 2), dtype=_WORD)
    result[:, 0] = (_octets(text[0]) | (_octets(second) << _32)).byteswap()
    result[:, 1] = (_octets(third) | (_octets(fourth) << _32)).byteswap()
    return result


def _encode(words: Words) -> list[Words]:
    """The inverse of :func:`_decode`."""
    high, low = words[:, 0].byteswap(), words[:, 1].byteswap()
    first, second = _characters(high & _LOW32), _characters(high >> _32)
    third, fourth = _characters(low & _LOW32), _characters(low >> _32)
    return [
        first,
        _DASHES[0] | ((second & _LOW32) << _8) | ((second >> _32) << _48),
        _DASHES[1] | (second >> _48) | ((third & _LOW32) << _24),
        (third >> _32) | (fourth << _32),
        fourth >> _32,
    ]


def _octets(characters: Words) -> Words:
    """Eight hexadecimal digits in memory order as four octets in memory order."""
    # Letters have bit 6 set and count from 1; digits are their own low bits.
    nibbles = (characters & _LOW_NIBBLES) + np.uint64(9) * ((characters >> np.uint64(6)) & _ONES)
    octets = ((nibbles << np.uint64(4)) | (nibbles >> _8)) & _EVERY_SECOND
    octets = (octets | (octets >> _8)) & _TWO_OF_FOUR
    four: Words = (octets | (octets >> _16)) & _LOW32
    return four


def _characters(octets: Words) -> Words:
    """The inverse of :func:`_octets`."""
    spread = (octets | (octets << _16)) & _TWO_OF_FOUR
    spread = (spread | (spread << _8)) & _EVERY_SECOND
    nibbles = ((spread >> np.uint64(4)) | (spread << _8)) & _LOW_NIBBLES
    # 6 more takes 10 to 15 across the nibble's end; "a" (97) stands 39 behind the character after "9".
    beyond = ((nibbles + np.uint64(6) * _ONES) >> np.uint64(4)) & _ONES
    characters: Words = nibbles + np.uint64(48) * _ONES + np.uint64(39) * beyond
    return characters
