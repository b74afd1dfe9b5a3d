"""What one worker process does in a load: Parquet to COPY text to the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from datamask.db.quoting import identifier_list, qualified
from datamask.db.session import Session, connect
from datamask.errors import DatamaskError, VerificationError
from datamask.snapshot import copytext
from datamask.snapshot.manifest import DataFile
from datamask.snapshot.verify import require_same
from datamask.store.protocol import Folder

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
    folder: Folder
    schema: str
    name: str
    columns: tuple[str, ...]
    files: tuple[DataFile, ...]
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
    with session.transaction():
        if task.frozen:
            # FREEZE asks that the table be new in this very transaction; emptying it has the same effect.
            session.script(f"TRUNCATE ONLY {qualified(task.schema, task.name)}")
        return copy_rows(session, task)


def copy_rows(session: Session, task: CopyTask) -> int:
    """Copy the task's rows into its table by a session that is there; the task's own address is not used.

    :returns: rows that the server took.
    """
    table = qualified(task.schema, task.name)
    columns = f" ({identifier_list(task.columns)})" if task.columns else ""
    statement = f"COPY {table}{columns} FROM STDIN" + (" WITH (FREEZE)" if task.frozen else "")
    with session.copy_in(statement) as copy:
        for frame in _frames(task):
            copy.write(copytext.render(frame))
        if task.empty_rows:
            copy.write(b"\n" * task.empty_rows)
    return copy.rows


def _frames(task: CopyTask) -> Iterator[pl.DataFrame]:
    contents = task.folder.contents(file.path for file in task.files)
    for file, content in zip(task.files, contents, strict=True):
        if task.folder.remote:
            # Of a folder here all digests were compared before the load began.
            require_same(file, content)
        try:
            yield pl.read_parquet(content)
        except pl.exceptions.PolarsError:
            raise VerificationError(
                f"the data file {file.path} cannot be read",
                hint="datamask snapshots verify says which files are damaged",
            ) from None
