"""What an environment held, as the audit log tells it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from datamask.audit.record import Record

LOADS = frozenset(("load", "promote", "reset", "seed"))
"""The actions that put a snapshot into an environment."""

UNDO = "reset undo"
REVOKE = "approve revoke"


def digests_held(records: Iterable[Record], environment: str, *, gated: bool = False) -> dict[str, str]:
    """The digests that were loaded into an environment, with the time of the last load.

    What was undone counts as never loaded: somebody took it back, and had a reason.

    :param gated: only loads that went through the environment's gates count.
    """
    held: dict[str, str] = {}
    digests: dict[str, str] = {}
    good: set[str] = set()
    now: str | None = None
    for record in records:
        details = record.details
        done = record.phase == "outcome" and details.get("result") == "done"
        if not done or details.get("environment") != environment:
            continue
        if record.action in LOADS and isinstance(details.get("digest"), str):
            now = str(details["digest"])
            digests[str(details.get("snapshot"))] = now
            if not gated or details.get("admitted"):
                held[now] = record.time
                good.add(now)
        elif record.action == UNDO:
            if now is not None:
                held.pop(now, None)
            now = digests.get(str(details.get("snapshot")))
            if now in good:
                held[now] = record.time
    return held


def revoked_requests(records: Iterable[Record]) -> set[str]:
    """The ids of the requests that somebody revoked: their files may be lost, the record stays."""
    return {
        str(record.details.get("request"))
        for record in records
        if record.action == REVOKE and record.phase == "outcome" and record.details.get("result") == "done"
    }
