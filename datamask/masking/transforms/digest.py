"""A keyed hash as text or as a whole number: hash."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.params import Param, optional_whole, text
from datamask.masking.text import Bytes, strings
from datamask.masking.transform import INJECTIVE_BITS, Binding, Case, Laws, MaskFunction, Transform

_BITS = 256
_SHORTEST = 8
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE64 = _LETTERS + _LETTERS.lower() + b"0123456789"
# Bits in a character, and the characters: RFC 4648, without the padding that says nothing.
_ALPHABETS = {
    "hex": (4, b"0123456789abcdef"),
    "base32": (5, _LETTERS + b"234567"),
    "base64": (6, _BASE64 + b"+/"),
    "base64url": (6, _BASE64 + b"-_"),
}
# Decimal digits that come from one word of 64 bits.
_DIGITS = 18
_INTEGER_BITS = {"int2": 15, "int4": 31, "int8": 63}


class Hash(Transform):
    """HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the value's UTF-8 text, as text or as a number that is not negative.

    The HMAC key is the 64 hexadecimal digits of the domain's sub-key. base32 and base64 are those of RFC 4648 without
    padding, cut to ``length``. A number is the digest's first 64 bits, in integer columns without those that
    do not fit, in text columns as the remainder of as many decimal digits.
    """

    name = "hash"
    summary = "HMAC-SHA-256 of the value"
    params = (
        Param(
            "length",
            "integer",
            None,
            f"characters; all, or as many as the column holds, if left out; of numbers at most {_DIGITS}",
            minimum=_SHORTEST,
            maximum=_BITS // 4,
        ),
        Param(
            "format",
            "text",
            None,
            "how it is written; integer in integer columns, else hex, if left out",
            choices=(*_ALPHABETS, "integer"),
        ),
    )
    kinds = frozenset(("text", "integer"))
    cost = 300

    def column_laws(self, case: Case) -> Laws:
        """As many bits as the result has room for keep values apart."""
        shown, length = _format(case), _length(case)
        if case.type.kind == "integer":
            if shown != "integer" or case.params["length"] is not None:
                raise PolicyError(
                    f"hash: {case.type.name} holds a number of its own size",
                    hint="leave format and length out",
                )
            bits = _integer_bits(case.type)
        elif shown == "integer":
            if length > _DIGITS:
                raise PolicyError(
                    f"hash: a number has at most {_DIGITS} digits", hint="take a smaller length"
                )
            bits = int(length * math.log2(10))
        else:
            bits = min(_BITS, _ALPHABETS[shown][0] * length)
        injective = bits >= INJECTIVE_BITS
        return Laws(injective=injective, max_length=length, collision_bits=bits if injective else None)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        # Registers the namespace, and takes a moment: not before something is hashed.
        import polars_hash as plh

        key = binding.subkey("hash").hex()
        case = Case(binding.params, binding.mask.type)
        shown, length = _format(case), _length(case)
        expression = plh.col("value").chash.hmac_sha256(key=key)
        if shown == "hex" and length < _BITS // 4:
            expression = expression.str.head(length)

        def masked(values: pl.Series, _: object) -> pl.Series:
            digests = values.alias("value").to_frame().select(expression.alias("value")).to_series()
            if shown == "hex":
                return digests
            table = _decoded(digests)
            if case.type.kind == "integer":
                return _numbers(table, _integer_bits(case.type))
            if shown == "integer":
                return _decimal_digits(table, length)
            return strings(_encoded(table, *_ALPHABETS[shown], length))

        return masked


def _decoded(digests: pl.Series) -> Bytes:
    """The digests' bytes, one a row."""
    lists = digests.str.decode("hex").cast(pl.List(pl.UInt8))
    return lists.explode(empty_as_null=False).to_numpy().reshape(-1, _BITS // 8)


def _first_words(table: Bytes) -> NDArray[np.uint64]:
    """The digests' first eight bytes as numbers, the first byte the highest."""
    return np.ascontiguousarray(table[:, :8]).view(">u8")[:, 0].astype(np.uint64)


def _numbers(table: Bytes, bits: int) -> pl.Series:
    return pl.Series((_first_words(table) >> np.uint64(64 - bits)).astype(np.int64)).cast(pl.String)


def _decimal_digits(table: Bytes, length: int) -> pl.Series:
    numbers = _first_words(table) % np.uint64(10**length)
    return pl.Series(numbers).cast(pl.String).str.zfill(length)


def _encoded(table: Bytes, bits: int, alphabet: bytes, length: int) -> Bytes:
    """The digests in characters of some bits each, the last one filled up with zeros."""
    # A byte of zeros behind the digest: the last character may reach into it.
    padded = np.zeros((len(table), table.shape[1] + 1), dtype=np.uint16)
    padded[:, :-1] = table
    characters = np.frombuffer(alphabet, dtype=np.uint8)
    result = np.empty((len(table), length), dtype=np.uint8)
    mask = np.uint16((1 << bits) - 1)
    for place in range(length):
        byte, offset = divmod(place * bits, 8)
        pair = (padded[:, byte] << np.uint16(8)) | padded[:, byte + 1]
        result[:, place] = characters[(pair >> np.uint16(16 - bits - offset)) & mask]
    return result


def _integer_bits(column_type: ColumnType) -> int:
    return _INTEGER_BITS.get(column_type.base, _INTEGER_BITS["int8"])


def _format(case: Case) -> str:
    if case.params["format"] is not None:
        return text(case.params, "format")
    return "integer" if case.type.kind == "integer" else "hex"


def _length(case: Case) -> int:
    """Characters of a result; of a number in an integer column, its digits at most."""
    shown = _format(case)
    if case.type.kind == "integer":
        return len(str((1 << _integer_bits(case.type)) - 1))
    longest = _DIGITS if shown == "integer" else -(-_BITS // _ALPHABETS[shown][0])
    given = optional_whole(case.params, "length")
    if given is not None:
        return given if shown == "integer" else min(given, longest)
    return min(longest, case.type.max_length or longest)
