"""When a job is due: a cron expression in a time zone. Pure.

Fields, names and the two days' *or* are those of Debian's cron, crontab(5), as `cronsim` reads them: a time that
the change to summer time leaves out comes at once after it, one that occurs twice comes once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Every command reads the configuration, and few of them a schedule.
    from cronsim import CronSim

# Any moment: the fields do not depend on it.
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

# 29 February on a given weekday comes once in 28 years.
_HORIZON = timedelta(days=366 * 30)


@dataclass(frozen=True, slots=True)
class Fields:
    """A cron expression's fields as sets; None where the field is ``*``.

    :param weekdays: 0 for Sunday to 6.
    :param either_day: the two days are joined by *or*, as both are restricted.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...] | None
    days: tuple[int, ...] | None
    months: tuple[int, ...] | None
    weekdays: tuple[int, ...] | None
    either_day: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression and the zone that it is meant in.

    :param expression: five fields.
    :param zone: a name of the IANA time zone database.
    """

    expression: str
    zone: str = "UTC"

    def next_after(self, moment: datetime) -> datetime:
        """The first time that is due after ``moment``, in UTC."""
        return next(self._times(moment)).astimezone(UTC)

    def last_before(self, moment: datetime) -> datetime | None:
        """The last time that was due at or before ``moment``, in UTC; None where none was in thirty years."""
        span = timedelta(hours=2)
        while span <= _HORIZON:
            found = None
            for local in self._times(moment - span):
                # Times of one zone are compared by the clock, which an hour that comes twice misleads.
                due = local.astimezone(UTC)
                if due > moment:
                    break
                found = due
            if found is not None:
                return found
            span *= 4
        return None

    def meets(self, condition: Callable[[datetime], bool]) -> bool:
        """Is any of the next times one for which the condition holds? Two thousand of them are looked at."""
        return any(condition(due) for due in islice(self._times(_EPOCH), 2000))

    def fields(self) -> Fields:
        """The expression taken apart.

        :raises ValueError: where it has what other schedulers do not: a last or an nth day.
        """
        cron = self._times(_EPOCH)
        words = self.expression.split()
        if not all(isinstance(day, int) for day in cron.weekdays) or cron.LAST in cron.days:
            raise ValueError("a last or nth day")
        weekdays = {day % 7 for day in cron.weekdays if isinstance(day, int)}
        return Fields(
            minutes=tuple(sorted(cron.minutes)),
            hours=_chosen(cron.hours, 24),
            days=_chosen(cron.days, 31),
            months=_chosen(cron.months, 12),
            weekdays=_chosen(weekdays, 7),
            either_day=not words[2].startswith("*") and not words[4].startswith("*"),
        )

    def _times(self, after: datetime) -> CronSim:
        from cronsim import CronSim

        return CronSim(self.expression, after.astimezone(time_zone(self.zone)))


def parse_schedule(expression: str, zone: str) -> Schedule:
    """A schedule from its texts.

    :raises ValueError: with what is wrong.
    """
    from cronsim import CronSim, CronSimError

    words = " ".join(expression.split())
    try:
        CronSim(words, _EPOCH)
    except CronSimError as error:
        reason = str(error)
        raise ValueError(f"{reason[:1].lower()}{reason[1:]} in {expression!r}") from None
    time_zone(zone)
    schedule = Schedule(words, zone)
    try:
        schedule.next_after(_EPOCH)
    except StopIteration:
        raise ValueError(f"{expression!r} names a time that never comes") from None
    return schedule


def time_zone(name: str) -> tzinfo:
    """A time zone of the IANA database.

    :raises ValueError: there is none of that name.
    """
    if name == "UTC":
        # Known without a database, which small images leave out.
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}") from None


def _chosen(values: set[int], whole: int) -> tuple[int, ...] | None:
    return None if len(values) == whole else tuple(sorted(values))
