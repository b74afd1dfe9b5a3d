"""One run of a job at a time: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datamask.commands.project import STATE_FOLDER, Project
from datamask.errors import DatamaskError, RefusedError

# Who only looks whether the lock is free holds it for an instant.
_PATIENCE_SECONDS = 1.0
_PAUSE_SECONDS = 0.05


@contextmanager
def job_lock(project: Project, job: str) -> Iterator[None]:
    """Hold the job's lock on this machine.

    :raises RefusedError: another process holds it.
    """
    path = _path(project, job)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise DatamaskError(f"the job's lock {path} cannot be made: {error.strerror}") from None
    try:
        patience = time.monotonic() + _PATIENCE_SECONDS
        while not _locked(descriptor, fcntl.LOCK_EX):
            if time.monotonic() >= patience:
                raise RefusedError(
                    f"job {job} is running already, as process {_holder(descriptor)}",
                    hint="wait for its end; datamask runs shows how far it is",
                )
            time.sleep(_PAUSE_SECONDS)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        # The file stays: whoever removed it could remove one that another process has just locked.
        os.close(descriptor)


def is_running(project: Project, job: str) -> bool:
    """Does a process of this machine hold the job's lock?"""
    try:
        descriptor = os.open(_path(project, job), os.O_RDWR)
    except OSError:
        return False
    try:
        # Shared, so that two who look do not take each other for a run.
        return not _locked(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 20, 0).decode("ascii", errors="replace") or "unknown"


def _path(project: Project, job: str) -> Path:
    return project.settings.root / STATE_FOLDER / "jobs" / f"{job}.lock"
