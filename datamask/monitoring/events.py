"""What happens in a run, as it happens: for a terminal, or as one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol, TextIO

Kind = Literal[
    "run.started",
    "run.ended",
    "run.warning",
    "step.started",
    "step.retried",
    "step.ended",
    "note",
]
Field = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    :param fields: what more there is to say of it; no value of a row is.
    """

    kind: Kind
    time: datetime
    run: str
    job: str
    fields: Mapping[str, Field] = field(default_factory=dict)


class Listener(Protocol):
    """Told of events; returns at once."""

    def __call__(self, event: Event) -> None:
        """Something happened."""


class JsonLines:
    """Events as JSON lines, and the progress of what steps do as events among them.

    :param stream: usually ``sys.stderr``.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._stream = stream
        self._clock = clock
        self._run = ""
        self._job = ""

    def __call__(self, event: Event) -> None:
        """Write a line."""
        self._run, self._job = event.run, event.job
        content = {
            "time": event.time.isoformat(timespec="milliseconds"),
            "event": event.kind,
            "job": event.job,
            "run": event.run,
            **event.fields,
        }
        print(json.dumps(content, ensure_ascii=False), file=self._stream, flush=True)

    def start(self, what: str, *, total_bytes: int, tables: int) -> None:
        """Say what begins."""
        self._note(what, bytes=total_bytes, tables=tables)

    def advance(self, table: str, *, rows: int, bytes_done: int, table_done: bool) -> None:
        """Too much for a log."""

    def note(self, message: str) -> None:
        """Say it."""
        self._note(message)

    def finish(self) -> None:
        """The step's own end says more."""

    def _note(self, message: str, **fields: Field) -> None:
        self(Event("note", self._clock(), self._run, self._job, {"message": message, **fields}))
