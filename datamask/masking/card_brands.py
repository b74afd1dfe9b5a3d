"""The leading digits by which card schemes are known (ISO/IEC 7812 and the schemes' published ranges)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datamask.masking.numerals import to_number
from datamask.masking.text import Bytes

# From and to, by their leading digits: American Express, Diners Club, Discover, JCB, Mastercard, Mir, UnionPay,
# Visa. Others (Maestro, stores, airlines) are told by four digits, or by their first where no scheme shares it.
_RANGES = (
    (34, 34), (37, 37), (300, 305), (3095, 3095), (36, 36), (38, 39), (6011, 6011), (644, 649), (65, 65),
    (3528, 3589), (51, 55), (2221, 2720), (2200, 2204), (62, 62), (81, 81), (4, 4),
)  # fmt: skip


def _table() -> NDArray[np.int64]:
    digits = np.ones(10_000, dtype=np.int64)
    for first, _ in _RANGES:
        start = int(str(first)[0]) * 1000
        digits[start : start + 1000] = 4
    for first, last in _RANGES:
        width = len(str(first))
        scale = 10 ** (4 - width)
        digits[first * scale : (last + 1) * scale] = width
    return digits


_DIGITS = _table()


def brand_digits(numerals: Bytes) -> NDArray[np.int64]:
    """How many leading digits of every number tell the card's brand, 1 to 4.

    It depends on those digits alone, so that a number keeps its brand where they stay.
    """
    return _DIGITS[to_number(numerals[:, :4], 10)]
