"""Records of an audit log, chained by their hashes. Pure.

Each record holds the hash of the one before it, so that nobody can change, remove or reorder one without
every later hash being wrong: Haber and Stornetta, How to Time-Stamp a Digital Document, 1991. What the
chain cannot show by itself is that its end was cut off; the head, kept elsewhere, does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
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
    :param who: user, host and process that acted, and what else is known of where from.
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

    :param line: counts from 1; 0 where there is none.
    """

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Link:
    """The end of a chain, which the next record hangs on.

    :param number: of the last record, 0 where there is none yet.
    :param hash: its hash.
    """

    number: int = 0
    hash: str = NO_HASH


START = Link()


def parse_record(line: str) -> Record | str:
    """A record from its line, or what is wrong with it."""
    try:
        content = json.loads(line)
    except ValueError:
        return "it is no JSON"
    if not isinstance(content, dict) or content.keys() != _KEYS or not _is_number(content["number"]):
        return "it is no audit record"
    stated = content.pop("hash")
    record = Record(**content)
    try:
        same = record.hash == stated and record.line() == line
    except (TypeError, ValueError):
        return "it is no audit record"
    return record if same else "its content does not match its hash: it was edited"


def find_breach(
    lines: Iterable[str],
    *,
    head: str | None = None,
    after: Link = START,
    noted: Mapping[int, str] = MappingProxyType({}),
) -> tuple[Link, Breach | None]:
    """Check a whole chain.

    :param head: the hash of a record that must be there, as it was noted elsewhere.
    :param after: where the chain that the lines go on with ends.
    :param noted: hashes by the number of their record, as they were noted elsewhere; all must be there.
    :returns: the last record that holds, and the first place where the chain is broken.
    """
    end, seen, number = after, head in (None, NO_HASH, after.hash), 0
    for number, line in enumerate(lines, start=1):
        record = parse_record(line)
        if isinstance(record, str):
            return end, Breach(number, record)
        reason = _out_of_place(record, end, noted)
        if reason:
            return end, Breach(number, reason)
        end = Link(record.number, record.hash)
        seen = seen or end.hash == head
    if not seen or max(noted, default=0) > end.number:
        return end, Breach(number, "records after it are missing: the end was cut off or written anew")
    return end, None


def _out_of_place(record: Record, before: Link, noted: Mapping[int, str]) -> str | None:
    if record.number > 1 and before == START:
        return f"records 1 to {record.number - 1} before it are not here"
    if record.previous != before.hash:
        return "it does not follow the record before it: something was removed, inserted or moved"
    if record.number != before.number + 1:
        return f"it is numbered {record.number}"
    if noted.get(record.number, record.hash) != record.hash:
        return "its hash was noted otherwise when it was written: the log was written anew"
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _canonical(content: object) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
