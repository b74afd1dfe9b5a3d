"""Whether a probe's result is what it should be. Pure."""

from __future__ import annotations

from decimal import Decimal

from datamask.config.gates import Bounds, Expected


def is_expected(value: object, expected: Expected | Bounds) -> bool:
    """True where a query's first value meets what is expected.

    Numbers are compared as numbers, whatever their types; a boolean is only equal to a boolean; anything
    else is compared as text. NULL is only equal to null, and is in no bounds.
    """
    if isinstance(expected, Bounds):
        number = _number(value)
        return (
            number is not None
            and not number.is_nan()
            and (expected.at_least is None or number >= Decimal(str(expected.at_least)))
            and (expected.at_most is None or number <= Decimal(str(expected.at_most)))
        )
    if expected is None or value is None:
        return value is expected
    if isinstance(expected, bool) or isinstance(value, bool):
        return value is expected
    if isinstance(expected, int | float):
        return _number(value) == Decimal(str(expected))
    return str(value) == expected


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(str(value))
