"""Numbers whose kind is not said: each stays valid as what it is by its own check digits.

The kinds in which a number is valid, the first two in a fixed order, are its class. A number is enciphered as
one of the first kind, again and again until the result is of the same class: a permutation of each class, and so of all
numbers. What is valid in no kind is enciphered among all that is valid in none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from datamask.masking.characters import OutsideCipher, one_case
from datamask.masking.keys import MaskingKey
from datamask.masking.ranges import RangeCipher
from datamask.masking.schemes import CASE, Flags, Scheme
from datamask.masking.text import Bytes

Classes = NDArray[np.int32]
_NONE = 0
# Steps that are made before their results are judged, and results that are judged at a time.
_MOST_STEPS, _AT_A_TIME = 128, 8192


class RecognizingCipher:
    """A permutation of all strings of digits and letters that keeps a number valid in the kinds that it is valid in.

    Of more than two kinds, in the first two. Letters of one case stay in it; with both cases a number is valid in none.

    :param kinds: the schemes of each kind, in the order in which they are asked. A kind's schemes exclude each other.
    """

    def __init__(self, key: MaskingKey, purpose: str, domain: str, kinds: Sequence[Sequence[Scheme]]) -> None:
        self._outside = OutsideCipher(key, purpose, domain)
        self._base = len(kinds) + 1
        # By length, the kinds that have numbers of it: from 1 on, since 0 stands for none.
        self._kinds: dict[int, list[tuple[int, list[tuple[Scheme, RangeCipher]]]]] = {}
        for number, schemes in enumerate(kinds, 1):
            for place, scheme in enumerate(schemes):
                cipher = RangeCipher(key.derive(f"{purpose} {number} {place}", domain))
                of_length = self._kinds.setdefault(scheme.length + len(scheme.prefix), [])
                if not of_length or of_length[-1][0] != number:
                    of_length.append((number, []))
                of_length[-1][1].append((scheme, cipher))

    def __call__(self, chars: Bytes) -> Bytes:
        """Each row of ASCII digits and letters enciphered."""
        result = chars.copy()
        plain, small, mixed = one_case(chars)
        classes = self._classes(plain)
        classes[mixed] = _NONE
        for number, schemes in self._kinds.get(chars.shape[1], ()):
            rest = np.flatnonzero(classes // self._base == number)
            for scheme, cipher in schemes:
                own = scheme.valid(plain[rest])
                rows, rest = rest[own], rest[~own]
                if not len(rows):
                    continue
                permuted = self._permuted(scheme, cipher, plain[rows], classes[rows])
                # Digits have the bit set already: only letters change.
                result[rows] = np.where(small[rows][:, None], permuted | CASE, permuted)
        others = classes == _NONE
        if others.any():
            result[others] = self._outside.encrypt(chars[others], self.valid)
        return result

    def valid(self, chars: Bytes) -> Flags:
        """Which rows are valid numbers of some kind in one case."""
        plain, _, mixed = one_case(chars)
        valid: Flags = (self._classes(plain) != _NONE) & ~mixed
        return valid

    def _classes(self, plain: Bytes) -> Classes:
        """The class of each row: the first kind that it is valid in times the base, and the second; 0 for none."""
        first = np.zeros(len(plain), dtype=np.int32)
        second = np.zeros(len(plain), dtype=np.int32)
        for number, schemes in self._kinds.get(plain.shape[1], ()):
            rows = np.flatnonzero(second == 0)
            part = plain[rows]
            valid = np.zeros(len(rows), dtype=np.bool_)
            for scheme, _ in schemes:
                valid |= scheme.valid(part)
            rows = rows[valid]
            known = first[rows] != 0
            second[rows[known]] = number
            first[rows[~known]] = number
        return first * np.int32(self._base) + second

    def _permuted(self, scheme: Scheme, cipher: RangeCipher, plain: Bytes, classes: Classes) -> Bytes:
        """Valid numbers of a scheme, enciphered until each is of its class again."""
        number, result, rows = scheme.ordinals(plain), plain.copy(), np.arange(len(plain))
        while len(rows):
            # Some steps at a time, the more the fewer are left: judging costs more than enciphering.
            steps = max(1, min(_MOST_STEPS, _AT_A_TIME // len(rows)))
            trail = np.empty((steps, len(rows)), dtype=np.uint64)
            for step in range(steps):
                number = trail[step] = cipher.encrypt_below(number, scheme.size)
            made, fine = scheme.spelled(trail.reshape(-1), np.tile(plain[rows], (steps, 1)))
            judged = np.flatnonzero(fine)
            fine[judged] = self._classes(made[judged]) == classes[rows][judged % len(rows)]
            found = fine.reshape(steps, -1)
            done = found.any(axis=0)
            first = found.argmax(axis=0) * len(rows) + np.arange(len(rows))
            result[rows[done]] = made[first[done]]
            rows, number = rows[~done], number[~done]
        return result
