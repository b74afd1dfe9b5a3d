"""Maintenance windows: the hours of a day in which a job's steps may begin. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

from datamask.jobs.schedule import time_zone

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})(?:\s+(\S+))?")


@dataclass(frozen=True, slots=True)
class Window:
    """From one time of day up to another, which may be on the next day.

    :param begin: included.
    :param end: not included.
    :param zone: a name of the IANA time zone database.
    """

    begin: time
    end: time
    zone: str

    def contains(self, moment: datetime) -> bool:
        """Is it that time of day in the window's zone?"""
        clock = moment.astimezone(time_zone(self.zone)).time()
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M} {self.zone}"


def parse_window(text: str, zone: str) -> Window:
    """A window from ``22:00-05:00`` or ``22:00-05:00 Europe/Berlin``.

    :param zone: where the text names none.
    :raises ValueError: with what is wrong.
    """
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        raise ValueError("it must be written like 22:00-05:00, or 22:00-05:00 Europe/Berlin")
    numbers = [int(part) for part in match.groups()[:4]]
    if max(numbers[0], numbers[2]) > 23 or max(numbers[1], numbers[3]) > 59:
        raise ValueError(f"{text.strip()!r} has a time that no day has")
    begin, end = time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
    if begin == end:
        raise ValueError("it begins when it ends: a job that may run at any time needs no window")
    named = match.group(5) or zone
    time_zone(named)
    return Window(begin, end, named)
