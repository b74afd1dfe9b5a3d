"""The keyed pseudo-random function behind every pick, suffix and noise: AES-CMAC, a column at a time.

AES-CMAC is NIST SP 800-38B and RFC 4493 (here with a 256-bit key). One call of AES-ECB encrypts a
block of every value at once, NumPy does the chaining around it, so a value costs some tens of
nanoseconds. The message is the value's UTF-8 text, the result what any other CMAC would give.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from datamask.masking.text import Packed, Words, pack

_BLOCK = 16
_MASK64 = (1 << 64) - 1
_WORD = np.dtype("<u8")


class BlockCipher:
    """AES over many independent blocks (ECB is the block function here, never a mode of its own).

    :param key: 16, 24 or 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()

    def encrypt(self, blocks: Words) -> Words:
        """Every row of ``blocks`` (n × 2 words, 16 bytes in memory order) encrypted."""
        if not len(blocks):
            return blocks
        source = np.ascontiguousarray(blocks)
        # The binding asks for room for a block more, which it never writes.
        target = np.empty(2 * len(source) + 2, dtype=_WORD)
        self._encryptor.update_into(source.data.cast("B"), target.data.cast("B"))
        return target[: 2 * len(source)].reshape(-1, 2)


class Prf:
    """AES-CMAC under one key.

    :param key: 16, 24 or 32 bytes; derived by :class:`datamask.masking.keys.MaskingKey`.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = BlockCipher(key)
        zero = self._cipher.encrypt(np.zeros((1, 2), dtype=_WORD)).tobytes()
        k1 = _double(int.from_bytes(zero, "big"))
        self._tables = _Tables.of(k1, _double(k1))

    def wide(self, values: pl.Series) -> Words:
        """The 128-bit tag of every value of a String series without nulls: n × 2 little-endian words."""
        return self.packed(pack(values))

    def words(self, values: pl.Series) -> Words:
        """The first 64 bits of every value's tag, as a little-endian number."""
        return np.ascontiguousarray(self.wide(values)[:, 0])

    def packed(self, values: Packed) -> Words:
        """As :meth:`wide`, over bytes."""
        result = np.empty((len(values.starts), 2), dtype=_WORD)
        rows: NDArray[np.intp] | None = None
        state: Words | None = None
        number = 0
        while len(values.starts):
            state = self._step(values, number, state)
            more = values.lengths > _BLOCK * (number + 1)
            number += 1
            if bool(more.all()):
                continue
            done = np.flatnonzero(~more)
            if rows is None and len(done) == len(more):
                return state
            rows = np.arange(len(more)) if rows is None else rows
            result[rows[done]] = state[done]
            left = np.flatnonzero(more)
            rows, state, values = rows[left], state[left], values.take(left)
        return result

    def _step(self, values: Packed, number: int, state: Words | None) -> Words:
        """Chain block ``number`` of every value: pad and key it where it is the last."""
        tables = self._tables
        left = values.lengths - _BLOCK * number
        # 0…16 bytes left: the last block. 17 stands for more to come.
        same = int(left[0]) if int(left.min()) == int(left.max()) else None
        size = np.minimum(left, 17) if same is None else np.int64(min(same, 17))
        blocks = np.empty((len(left), 2), dtype=_WORD)
        for half, word in enumerate(values.words(2 * number, 2)):
            word &= tables.keep[half].take(size)
            word ^= tables.add[half].take(size)
            if state is not None:
                word ^= state[:, half]
            blocks[:, half] = word
        return self._cipher.encrypt(blocks)


class _Tables:
    """What CMAC does to a block with 0…16 bytes left in its value, or more (17), as AND and XOR words."""

    def __init__(self, keep: list[Words], add: list[Words]) -> None:
        self.keep = keep
        self.add = add

    @classmethod
    def of(cls, k1: int, k2: int) -> _Tables:
        keep, add = [], []
        for left in range(18):
            size = min(left, _BLOCK)
            keep.append(b"\xff" * size + b"\0" * (_BLOCK - size))
            padding = (b"\0" * left + b"\x80").ljust(_BLOCK, b"\0") if left < _BLOCK else bytes(_BLOCK)
            key = {16: k1, 17: 0}.get(left, k2)
            add.append((int.from_bytes(padding, "big") ^ key).to_bytes(_BLOCK, "big"))
        return cls(_halves(keep), _halves(add))


def _halves(blocks: list[bytes]) -> list[Words]:
    words = np.frombuffer(b"".join(blocks), dtype=_WORD).reshape(-1, 2)
    return [words[:, 0].copy(), words[:, 1].copy()]


def _double(block: int) -> int:
    """Multiply by x in GF(2^128), as SP 800-38B makes its subkeys."""
    return ((block << 1) & ((1 << 128) - 1)) ^ (0x87 if block >> 127 else 0)
