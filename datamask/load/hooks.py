"""Running hooks: SQL in one transaction, programs with the database's address in a variable."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from datamask.config.durations import duration_text
from datamask.config.hooks import CommandStep
from datamask.db.quoting import quote_literal
from datamask.db.session import Session, connect
from datamask.errors import DatabaseError, DatamaskError
from datamask.load.addresses import database_url
from datamask.load.recipe import Routine, SqlScript, Task, task_name

URL_VARIABLE = "DATABASE_URL"

_NOT_SUPPORTED = "0A000"

# The descriptor: what a program prints is nobody's to look at on its way.
_STDERR = 2


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What hooks are told.

    :param environment: the environment's name; of a branch, that of the environment that it is a branch of.
    :param snapshot: the snapshot's id.
    :param output: show what programs print, on standard error. It is never kept: it may quote rows.
    """

    environment: str
    snapshot: str
    output: bool = True


def run_hooks(tasks: Iterable[Task], conninfo: str, around: Surroundings) -> None:
    """Run tasks one after the other in the database of that address.

    :raises DatamaskError: naming the first one that fails.
    """
    for task in tasks:
        if isinstance(task, SqlScript):
            with connect(conninfo, application_name="datamask hook") as session:
                run_script(task, session)
        elif isinstance(task, Routine):
            with connect(conninfo, application_name="datamask hook") as session, session.transaction():
                task.run(session)
        else:
            _run_program(task, conninfo, around)


def run_script(script: SqlScript, session: Session) -> None:
    """Run an SQL script as one statement: in the open transaction, else in one of its own.

    Inside of a DO block nothing can end the transaction, so a script runs wholly or not at all.

    :raises DatabaseError: naming the script.
    """
    body = f"BEGIN EXECUTE {quote_literal(script.text)}; END"
    try:
        # As the application sees names, by what the role and the database have set.
        session.script("SET search_path TO DEFAULT; SET check_function_bodies TO DEFAULT")
        if script.text.strip():
            session.script(f"DO {quote_literal(body)}")
        session.script("SET search_path = ''")
    except DatabaseError as error:
        if error.sqlstate == _NOT_SUPPORTED:
            raise DatabaseError(
                f"hook {script.name}: one of its statements cannot stand inside of a transaction",
                hint="it runs in one transaction: leave out BEGIN, COMMIT, VACUUM and the like",
                sqlstate=error.sqlstate,
            ) from None
        raise DatabaseError(
            f"hook {script.name}: {error.message}", hint=error.hint, sqlstate=error.sqlstate
        ) from None


def printed_by(step: CommandStep, conninfo: str, around: Surroundings) -> str:
    """What a program prints.

    :raises DatamaskError: where it fails.
    """
    return _run_program(step, conninfo, around, capture=True)


def _run_program(step: CommandStep, conninfo: str, around: Surroundings, *, capture: bool = False) -> str:
    name = task_name(step)
    environment = {
        **os.environ,
        URL_VARIABLE: database_url(conninfo),
        "DATAMASK_ENVIRONMENT": around.environment,
        "DATAMASK_SNAPSHOT": around.snapshot,
    }
    shown = _STDERR if around.output else subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            step.arguments,
            cwd=step.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if capture else shown,
            stderr=shown,
            # Its children end with it.
            start_new_session=True,
        )
    except OSError as error:
        raise DatamaskError(f"hook {name} cannot be started: {error.strerror}") from None
    try:
        printed, _ = process.communicate(timeout=step.timeout.total_seconds())
    except subprocess.TimeoutExpired:
        raise DatamaskError(
            f"hook {name} did not end within {duration_text(step.timeout)}", hint="raise its timeout"
        ) from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        ended = (
            f"was killed by signal {-process.returncode}"
            if process.returncode < 0
            else f"ended with status {process.returncode}"
        )
        raise DatamaskError(
            f"hook {name} {ended}",
            hint=None if around.output else "run again without --quiet to see what it prints",
        )
    return printed.decode("utf-8", "replace") if capture else ""
