"""What one worker process does in a load: Parquet to COPY text to the server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from datamask.db.quoting import identifier_list, qualified
from datamask.db.session import Session, connect
from datamask.errors import DatamaskError, VerificationError
from datamask.snapshot import copytext

# Sessions that fill a database nobody sees yet: a crash drops it, so a commit need not wait for the disk.
LOAD_SETTINGS = "SET synchronous_commit = off"


@dataclass(frozen=True, slots=True)
class CopyTask:
    """Rows of one table to copy in, in one stream. Picklable.

    :param conninfo: the database that is being filled.
    :param folder: the snapshot's folder; ``files`` are inside it.
    :param empty_rows: for a table without columns: how many rows.
    :param frozen: the stream fills the table alone, so its rows can be written as all-visible at once. What
        follows (index builds, foreign keys, the first queries) then need not touch every page again.
    """

    conninfo: str
    folder: Path
    schema: str
    name: str
    columns: tuple[str, ...]
    files: tuple[str, ...]
    empty_rows: int = 0
    frozen: bool = True


def copy_in(task: CopyTask) -> int:
    """Copy the task's rows into its table, all or none.

    :returns: rows that the server took.
    :raises DatamaskError: naming the table.
    """
    try:
        with connect(task.conninfo, application_name="datamask worker") as session:
            session.script(LOAD_SETTINGS)
            return _copy(session, task)
    except DatamaskError as error:
        error.message = f"cannot fill table {task.schema}.{task.name}: {error.message}"
        error.args = (error.message,)
        raise


def _copy(session: Session, task: CopyTask) -> int:
    table = qualified(task.schema, task.name)
    columns = f" ({identifier_list(task.columns)})" if task.columns else ""
    statement = f"COPY {table}{columns} FROM STDIN"
    with session.transaction():
        if task.frozen:
            # FREEZE asks that the table be new in this very transaction; emptying it has the same effect.
            session.script(f"TRUNCATE ONLY {table}")
            statement += " WITH (FREEZE)"
        with session.copy_in(statement) as copy:
            for file in task.files:
                copy.write(copytext.render(_read(task.folder / file)))
            if task.empty_rows:
                copy.write(b"\n" * task.empty_rows)
    return copy.rows


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path.read_bytes())
    except (OSError, pl.exceptions.PolarsError):
        raise VerificationError(
            f"the data file {path.name} cannot be read",
            hint="datamask snapshots verify says which files are damaged",
        ) from None
