"""How many people must approve, and who may: as the configuration says it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Whose yes it takes.

    :param count: that many different people, told by their keys.
    :param not_requester: who asks cannot be one of them.
    :param people: the names that count, None for all of ``approvers``.
    """

    count: int = 1
    not_requester: bool = True
    people: tuple[str, ...] | None = None
