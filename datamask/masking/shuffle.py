"""Keyed permutations of small sets, which FF1 must not be used for (fewer than a million elements)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from datamask.masking.keys import SubKey
from datamask.masking.prf import BlockCipher

# A permutation takes up to 60 ms to make and 4 MiB to keep, and a table's partitions and the columns of a
# domain want the same ones.
_KEPT = 12


def shuffled(key: bytes, size: int, label: int) -> NDArray[np.int64]:
    """A permutation of ``range(size)``: its elements in the order of their AES images.

    Sorting by a pseudo-random function's values is a uniform shuffle, up to ties (which keep their order).

    :param label: sets shuffled under one key are told apart by it; below 2**64.
    :returns: an array that must not be written to; for an inverse sub-key, the inverse permutation.
    """
    permutation = _shuffled(bytes(key), size, label)
    return np.argsort(permutation) if isinstance(key, SubKey) and key.inverse else permutation


@lru_cache(_KEPT)
def _shuffled(key: bytes, size: int, label: int) -> NDArray[np.int64]:
    blocks = np.empty((size, 2), dtype="<u8")
    blocks[:, 0] = np.arange(size, dtype=np.uint64)
    blocks[:, 1] = np.uint64(label)
    order = BlockCipher(key).encrypt(blocks)[:, 0]
    permutation = np.argsort(order, kind="stable")
    permutation.setflags(write=False)
    return permutation
