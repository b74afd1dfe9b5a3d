"""Numbers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

_BYTE_UNITS = ("kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """Bytes in decimal units: ``45.2 MB``."""
    if count < 1000:
        return f"{count:.0f} B"
    for unit in _BYTE_UNITS:
        count /= 1000
        if count < 999.5 or unit == _BYTE_UNITS[-1]:
            break
    return f"{count:.1f} {unit}" if count < 99.95 else f"{count:.0f} {unit}"


def duration(seconds: float) -> str:
    """A time span: ``0.84 s``, ``12.3 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min"


def age(created: str, now: datetime | None = None) -> str:
    """How long ago an ISO 8601 time was, roughly: ``5 min``, ``3 h``, ``12 d``."""
    seconds = max(0.0, ((now or datetime.now(UTC)) - datetime.fromisoformat(created)).total_seconds())
    for limit, unit, length in ((90, "s", 1), (5400, "min", 60), (129600, "h", 3600)):
        if seconds < limit:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """``1 table``, ``12,345 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
