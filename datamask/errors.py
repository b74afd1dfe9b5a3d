"""The one error tree of datamask: what, where, why, what to do, and the exit code.

A message never quotes a row's value. Each branch stands for one documented exit code, so a
scheduled job can tell a refusal from a failure without reading text.
"""

from __future__ import annotations

from typing import ClassVar


class DatamaskError(Exception):
    """Something could not be done.

    :param message: what failed and where, one or two sentences, no row values.
    :param hint: what the reader can do about it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DatamaskError):
    """A command line or a configuration that cannot mean anything: unknown name, malformed file."""

    exit_code = 2


class RefusedError(DatamaskError):
    """A guard rail or a gate says no; nothing was written."""

    exit_code = 3


class PolicyError(DatamaskError):
    """A policy or classification is incomplete or wrong."""

    exit_code = 4


class VerificationError(DatamaskError):
    """A verification found a problem: a broken checksum, a missing file, a leak."""

    exit_code = 5


class DriftError(DatamaskError):
    """An environment is not as its baseline says it should be."""

    exit_code = 6


class DatabaseError(DatamaskError):
    """PostgreSQL said no, or could not be reached.

    :param sqlstate: the five-character code of the server's error, where there is one.
    """

    def __init__(self, message: str, *, hint: str | None = None, sqlstate: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.sqlstate = sqlstate
