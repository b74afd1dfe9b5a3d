"""Records of an audit log, chained by their hashes. Pure.

Each record holds the hash of the one before it, so that nobody can change, remove or reorder one without
every later hash being wrong: Haber and Stornetta, How to Time-Stamp a Digital Document, 1991. What the
chain cannot show by itself is that its end was cut off; the head, kept elsewhere, does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Phase = Literal["intent", "outcome"]
Detail = str | int | float | bool | None | list[str]

NO_HASH = "0" * 64
"""What stands in the first record for the one before it."""

_KEYS = frozenset(("number", "time", "action", "phase", "who", "details", "previous", "hash"))


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the log.

    :param number: counts from 1 without a gap.
    :param time: UTC, ISO 8601 with microseconds.
    :param action: a verb, such as ``load``.
    :param phase: ``intent`` before the action, ``outcome`` after it.
    :param who: user, host and process that acted.
    :param details: what about; never a value of a row, never a secret.
    :param previous: the hash of the record before, ``NO_HASH`` for the first.
    """

    number: int
    time: str
    action: str
    phase: Phase
    who: Mapping[str, Detail]
    details: Mapping[str, Detail]
    previous: str

    @property
    def hash(self) -> str:
        """SHA-256 over the record's canonical JSON, in hexadecimal."""
        return hashlib.sha256(_canonical(self._content()).encode()).hexdigest()

    def line(self) -> str:
        """The record as one line of JSON, without a line break."""
        return _canonical({**self._content(), "hash": self.hash})

    def _content(self) -> dict[str, object]:
        return {
            "number": self.number,
            "time": self.time,
            "action": self.action,
            "phase": self.phase,
            "who": dict(self.who),
            "details": dict(self.details),
            "previous": self.previous,
        }


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a log is not what was written.

    :param line: counts from 1.
    """

    line: int
    reason: str


def parse_record(line: str) -> Record | str:
    """A record from its line, or what is wrong with it."""
    try:
        content = json.loads(line)
    except ValueError:
        return "it is no JSON"
    if not isinstance(content, dict) or content.keys() != _KEYS:
        return "it is no audit record"
    stated = content.pop("hash")
    record = Record(**content)
    try:
        same = record.hash == stated and record.line() == line
    except (TypeError, ValueError):
        return "it is no audit record"
    return record if same else "its content does not match its hash: it was edited"


def find_breach(lines: Iterable[str], *, head: str | None = None) -> tuple[int, str, Breach | None]:
    """Check a whole chain.

    :param head: the hash of a record that must be there, as it was noted elsewhere.
    :returns: how many records hold, the hash of the last of them, and the first place where the chain is broken.
    """
    count, last, seen = 0, NO_HASH, head is None or head == NO_HASH
    for number, record in _numbered(lines):
        reason = record if isinstance(record, str) else _out_of_place(record, number, last)
        if isinstance(record, str) or reason:
            return count, last, Breach(number, str(reason))
        count, last = number, record.hash
        seen = seen or last == head
    if not seen:
        return count, last, Breach(count, "records after it are missing: the end was cut off or written anew")
    return count, last, None


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, Record | str]]:
    for number, line in enumerate(lines, start=1):
        yield number, parse_record(line)


def _out_of_place(record: Record, number: int, last: str) -> str | None:
    if record.previous != last:
        return "it does not follow the record before it: something was removed, inserted or moved"
    if record.number != number:
        return f"it is numbered {record.number}"
    return None


def _canonical(content: object) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
