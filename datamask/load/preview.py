"""What a load or reset would do, looked at without changing anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from datamask.errors import DatamaskError
from datamask.load import guards, preflight
from datamask.load.clone import database_bytes, measured
from datamask.load.golden import has_golden
from datamask.load.names import golden_name
from datamask.load.operation import check_in_place
from datamask.load.order import Order
from datamask.load.recipe import task_name
from datamask.load.server import open_server
from datamask.load.strategy import Choice, choose

_SESSIONS = (
    "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE datname = %s"
    " AND pid <> pg_catalog.pg_backend_pid() AND backend_type IS NOT DISTINCT FROM 'client backend'"
)


@dataclass(frozen=True, slots=True)
class Rail:
    """A guard rail, and what it says.

    :param refusal: why it refuses, None where it lets pass.
    :param hint: what to do about it.
    """

    name: str
    refusal: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen.

    :param choice: the way that would be gone, None where none is possible.
    :param rails: every guard rail that could be asked.
    :param sessions: of other clients, that would be ended; in place, none is.
    :param bytes_now: of the database that would be replaced, None where it is unknown.
    :param bytes_golden: of the golden that would be cloned, None where there is none.
    :param clone_seconds: what clones of that golden took, by the server's method.
    :param hooks: names, by when they would run.
    :param warnings: what else there is to know.
    """

    database: str
    choice: Choice | None
    rails: tuple[Rail, ...]
    sessions: int
    bytes_now: int | None
    bytes_golden: int | None
    clone_seconds: dict[str, float]
    hooks: dict[str, tuple[str, ...]]
    warnings: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """True where a guard rail would refuse it."""
        return any(rail.refusal is not None for rail in self.rails)


def preview(order: Order) -> Preview:
    """Look at everything that a load would look at, and do nothing.

    :raises DatabaseError: where the server cannot be reached.
    """
    target, manifest = order.target, order.manifest
    rails = _Rails()
    rails.ask("tier", lambda: guards.check_tier(target.environment, target.tier))
    rails.ask("confirmation", lambda: guards.check_confirmed(target.environment, target.tier, order.confirm))
    with open_server(target.conninfo) as server:
        rails.ask("adopted", lambda: guards.check_marker(target, server))
        rails.ask("identity", lambda: guards.check_not_source(target, server, manifest))
        known = order.trust_golden and has_golden(server, order.content)
        rails.ask(
            "snapshot",
            lambda: (
                guards.check_policy(target, manifest.policy, manifest.id)
                if known
                else guards.check_snapshot(target, manifest, order.folder)
            ),
        )
        warnings: list[str] = []
        rails.ask(
            "extensions",
            lambda: warnings.extend(preflight.check_extensions(server, manifest, target.extensions)),
        )
        info = server.database(server.target)
        choice: list[Choice] = []
        rails.ask("rights", lambda: choice.append(choose(server, target, info, order.content)))
        way = choice[0].way if choice else None
        if way == "in-place":
            rails.ask("in place", lambda: warnings.extend(_examine_in_place(order)))
        elif info is not None:
            rails.ask("attachments", lambda: preflight.check_attachments(server, info))
        golden = server.database(golden_name(order.content.snapshot, order.content.recipe))
        return Preview(
            database=server.target,
            choice=choice[0] if choice else None,
            rails=tuple(rails.asked),
            sessions=0 if way == "in-place" else int(server.session.value(_SESSIONS, [server.target])),
            bytes_now=database_bytes(server, server.target) if info is not None else None,
            bytes_golden=database_bytes(server, golden.name) if golden is not None else None,
            clone_seconds=measured(golden) if golden is not None else {},
            hooks=_hooks(order),
            warnings=tuple(warnings),
        )


class _Rails:
    def __init__(self) -> None:
        self.asked: list[Rail] = []

    def ask(self, name: str, check: Callable[[], object]) -> None:
        try:
            check()
        except DatamaskError as error:
            self.asked.append(Rail(name, error.message, error.hint))
        else:
            self.asked.append(Rail(name))


def _examine_in_place(order: Order) -> list[str]:
    from datamask.load.in_place import InPlace, examine

    check_in_place(order)
    return examine(
        InPlace(order.target.conninfo, order.manifest, order.folder, order.target.reset.lock_timeout)
    )


def _hooks(order: Order) -> dict[str, tuple[str, ...]]:
    recipe = order.target.recipe
    named = {
        "kept in the golden": recipe.kept,
        "before the swap": recipe.always,
        "after the swap": recipe.afterwards,
    }
    return {when: tuple(map(task_name, tasks)) for when, tasks in named.items() if tasks}
