"""What a look at a part of the project found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datamask.errors import DatamaskError

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was looked at.

    :param topic: what, in a word or two: ``masking key``, ``rights``.
    :param message: how it is.
    :param fix: the SQL, the command or the change that mends it, None where all is well.
    """

    topic: str
    status: Status
    message: str
    fix: str | None = None


def ok(topic: str, message: str) -> Observation:
    """All is well."""
    return Observation(topic, "ok", message)


def warning(topic: str, message: str, fix: str | None = None) -> Observation:
    """It works, and there is something to know."""
    return Observation(topic, "warning", message, fix)


def problem(topic: str, message: str, fix: str | None = None) -> Observation:
    """It does not work."""
    return Observation(topic, "problem", message, fix)


def failure(topic: str, error: DatamaskError) -> Observation:
    """It does not work, as an error says."""
    return problem(topic, error.message, error.hint)
