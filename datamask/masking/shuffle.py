"""Keyed permutations of small sets, which FF1 must not be used for (fewer than a million elements)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datamask.masking.prf import BlockCipher


def shuffled(key: bytes, size: int, label: int) -> NDArray[np.int64]:
    """A permutation of ``range(size)``: its elements in the order of their AES images.

    Sorting by a pseudo-random function's values is a uniform shuffle, up to ties (which keep their order).

    :param label: sets shuffled under one key are told apart by it; below 2**64.
    """
    blocks = np.empty((size, 2), dtype="<u8")
    blocks[:, 0] = np.arange(size, dtype=np.uint64)
    blocks[:, 1] = np.uint64(label)
    order = BlockCipher(key).encrypt(blocks)[:, 0]
    return np.argsort(order, kind="stable")
