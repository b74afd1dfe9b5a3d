"""A failure, told."""

from __future__ import annotations

from datamask.errors import (
    DatabaseError,
    DatamaskError,
    PolicyError,
    RefusedError,
    UsageError,
    VerificationError,
)
from datamask.report.json_text import Object
from datamask.report.style import Style

_CODES: dict[type[DatamaskError], str] = {
    UsageError: "usage",
    RefusedError: "refused",
    PolicyError: "policy",
    VerificationError: "verification",
    DatabaseError: "database",
}


def problem_text(message: str, hint: str | None, style: Style) -> str:
    """``error: …`` and, where there is one, ``hint: …``."""
    text = f"{style.bad('error:')} {message}"
    return f"{text}\n{style.name('hint:')} {hint}" if hint else text


def problem_code(error: DatamaskError) -> str:
    """A stable word for the kind of failure."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), "failed")


def problem_json(code: str, message: str, hint: str | None, exit_code: int) -> Object:
    """The object that ``--json`` prints in place of a result."""
    return {"error": {"code": code, "message": message, "hint": hint, "exit_code": exit_code}}
