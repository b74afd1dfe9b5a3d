"""National telephone numbers without a sign of being one: told by the numbering plans of countries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

FEWEST: Final = 8
_PROBE: Final = 24
_SHARE: Final = 0.8

# The trunk prefix sets them apart from numbers that merely count; countries without one cannot be told.
_TRUNK = re.compile(r"0[1-9]\d{7,10}")
_REGIONS: Final = ("DE", "FR", "GB", "NL", "IT", "AT", "CH", "BE", "AU", "JP", "SE", "TR")


def are_national_phones(values: Sequence[str]) -> bool:
    """True where most of the values are valid numbers of one country, written as they are dialled there.

    :param values: distinct values, without white space around them.
    """
    probe = values[:: max(1, len(values) // _PROBE)]
    if len(values) < FEWEST or sum(map(_is_dialled, probe)) < _SHARE * len(probe):
        return False
    return any(sum(_is_valid(value, region) for value in probe) >= _SHARE * len(probe) for region in _REGIONS)


def _is_dialled(value: str) -> bool:
    return _TRUNK.fullmatch(value) is not None


def _is_valid(value: str, region: str) -> bool:
    # Its tables take a tenth of a second to load, and hardly any column gets as far as this.
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value, region))
    except phonenumbers.NumberParseException:
        return False
