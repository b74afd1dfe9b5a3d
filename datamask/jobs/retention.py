"""Which of many snapshots stay: grandfather, father, son. Pure.

The scheme is that of backup rotations: the newest of each of the last days, weeks and months stay, whichever
rule asks for them, as in restic's and borg's ``keep`` options.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime

Bucket = tuple[int, ...]

_BUCKETS: dict[str, Callable[[datetime], Bucket]] = {
    "daily": lambda moment: (moment.year, moment.month, moment.day),
    "weekly": lambda moment: tuple(moment.isocalendar()[:2]),
    "monthly": lambda moment: (moment.year, moment.month),
}


@dataclass(frozen=True, slots=True)
class Keep:
    """How many snapshots of each policy stay.

    :param last: the newest ones.
    :param daily: the newest of each of so many days (of UTC) that have one.
    :param weekly: the newest of each of so many ISO weeks that have one.
    :param monthly: the newest of each of so many months that have one.
    """

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    def __str__(self) -> str:
        said = ((field.name, getattr(self, field.name)) for field in fields(self))
        return ", ".join(f"{name} {number}" for name, number in said if number)


NO_RULES = Keep()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot as retention sees it.

    :param group: rules count in each group (a policy) for itself.
    """

    id: str
    group: str
    created: datetime


def staying(
    candidates: Iterable[Candidate], keep: Keep, *, in_use: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """The snapshots that stay, with the reasons why.

    The newest of each group stays whatever the rules say, and so does what is in use; neither takes a place
    from another one.

    :param in_use: ids that environments hold.
    :returns: reasons by id; who is not in it goes.
    """
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.group, []).append(candidate)
    reasons: dict[str, list[str]] = {}
    for group in groups.values():
        # Of two of one instant the greater id is the newer one, so that the order is always the same.
        newest_first = sorted(group, key=lambda item: (item.created, item.id), reverse=True)
        reasons.setdefault(newest_first[0].id, []).append("newest")
        for candidate in newest_first[: keep.last]:
            reasons.setdefault(candidate.id, []).append("last")
        for rule, bucket in _BUCKETS.items():
            for candidate in _newest_of_each(newest_first, bucket, getattr(keep, rule)):
                reasons.setdefault(candidate.id, []).append(rule)
        for candidate in newest_first:
            if candidate.id in in_use:
                reasons.setdefault(candidate.id, []).append("in use")
    return {name: tuple(found) for name, found in reasons.items()}


def _newest_of_each(
    newest_first: list[Candidate], bucket: Callable[[datetime], Bucket], count: int
) -> list[Candidate]:
    found: dict[Bucket, Candidate] = {}
    for candidate in newest_first:
        found.setdefault(bucket(candidate.created.astimezone(UTC)), candidate)
    return list(found.values())[:count]
