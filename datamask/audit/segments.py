"""The files of a log: the one that grows, and before it those that were rotated away.

``audit.jsonl`` is the growing one; ``audit.000000001-000000500.jsonl`` held its first 500 records. The chain goes
on from file to file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from datamask.audit.record import Record, parse_record
from datamask.errors import UsageError

# More than a record takes; the last one is looked for in a file's end.
_TAIL_BYTES = 1 << 16


def segments(path: Path) -> list[Path]:
    """The rotated files of a log, the oldest first."""
    form = re.compile(rf"{re.escape(path.stem)}\.[0-9]{{9,}}-[0-9]{{9,}}{re.escape(path.suffix)}")
    try:
        found = [entry for entry in path.parent.iterdir() if form.fullmatch(entry.name)]
    except OSError:
        return []
    return sorted(found, key=lambda entry: int(entry.name[len(path.stem) + 1 :].split("-")[0]))


def segment_path(path: Path, first: int, last: int) -> Path:
    """What a log's file is called once it is rotated.

    :param first: the number of its first record.
    :param last: of its last one.
    """
    return path.with_name(f"{path.stem}.{first:09d}-{last:09d}{path.suffix}")


def read_lines(path: Path) -> Iterator[str]:
    """A file's whole lines without their breaks; nothing where there is no file.

    What stands behind the last break is being written at this moment, or was when its writer was killed.
    """
    try:
        file = path.open(encoding="utf-8", errors="replace", newline="\n")
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"the audit log {path} cannot be read: {error.strerror}") from None
    with file:
        for line in file:
            if line.endswith("\n"):
                yield line[:-1]


def last_record(path: Path) -> tuple[Record | str | None, int]:
    """The last whole record of a file, or what is wrong with it; None where there is none.

    :returns: with it, how many bytes a crash left behind it.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        whole, _, torn = file.read().rpartition(b"\n")
    if not whole:
        return None, len(torn)
    return parse_record(whole.rpartition(b"\n")[2].decode("utf-8", errors="replace")), len(torn)
