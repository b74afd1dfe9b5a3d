"""Anchors: the hash of every record, kept where whoever can write the log cannot.

A line is ``{"number": N, "hash": H, "time": T}``. The file is only ever appended to, so an append-only file
(``chattr +a``), another machine's disk or a repository can hold it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from datamask.audit.record import Breach, Record
from datamask.errors import RefusedError, UsageError


def note(path: Path, record: Record) -> None:
    """Add a record's hash to the anchor, on the disk when this returns.

    :raises RefusedError: where it cannot be written: what is configured to leave a trace there is not done
        without one.
    """
    line = json.dumps({"number": record.number, "hash": record.hash, "time": record.time})
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # One write of less than a page: whole, or a piece that the reader skips.
            os.write(descriptor, line.encode("ascii") + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise RefusedError(
            f"the audit log's anchor {path} cannot be written: {error.strerror}; nothing was done",
            hint="mount its disk and give the right to append there, or change audit.anchor in datamask.yaml",
        ) from None


def read_anchor(path: Path) -> dict[int, str] | Breach:
    """The hashes by the number of their record, or where the anchor itself shows that the log was written anew.

    :raises UsageError: where there is no anchor to read.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(
            f"the audit log's anchor {path} cannot be read: {error.strerror}",
            hint="the first record after it was configured makes it; bring it back where it was there before",
        ) from None
    return parse_anchor(text.splitlines())


def parse_anchor(lines: Iterable[str]) -> dict[int, str] | Breach:
    """As ``read_anchor``, for lines at hand."""
    noted: dict[int, str] = {}
    for place, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
            number, value = said["number"], said["hash"]
        except (ValueError, TypeError, KeyError):
            # What a crash in the middle of a line left.
            continue
        if not isinstance(number, int) or not isinstance(value, str):
            continue
        if noted.setdefault(number, value) != value:
            return Breach(
                place, f"record {number} was noted before with another hash: the log was written anew"
            )
    return noted
