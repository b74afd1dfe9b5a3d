"""A load or a reset, from the guard rails to what comes after the swap."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from datamask.db.session import Session
from datamask.errors import DatamaskError, RefusedError
from datamask.load import guards, preflight
from datamask.load.content import mark_in_place
from datamask.load.golden import has_golden
from datamask.load.guards import Target
from datamask.load.hooks import run_hooks, run_script
from datamask.load.marks import NO_MARKS, Marks
from datamask.load.names import next_name, previous_name
from datamask.load.order import Order, Run
from datamask.load.properties import copy_properties
from datamask.load.recipe import Routine, SqlScript, task_name
from datamask.load.replacement import replace_database
from datamask.load.server import Server, open_server
from datamask.load.strategy import choose
from datamask.load.swap import exchange
from datamask.load.versions import Migration, compare_with_code, migrations_in
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest
from datamask.store.protocol import Folder


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What a load or reset did.

    :param strategy: ``spare`` (prepared before), ``clone`` of a golden that was there, ``build and clone``,
        ``build``, or ``in-place``.
    :param phases: seconds by phase.
    :param server: the system identifier of the server, None where the role may not read it.
    :param reason: why that strategy.
    :param migrations: how far migration tools have brought the new database.
    """

    strategy: str
    phases: dict[str, float]
    warnings: tuple[str, ...]
    server: str | None = None
    reason: str = ""
    migrations: tuple[Migration, ...] = ()


def load_snapshot(
    target: Target,
    manifest: Manifest,
    folder: Folder,
    *,
    confirm: str | None,
    pinned: bool,
    trust_golden: bool,
    workers: int,
    progress: Progress,
    admitted: str | None = None,
    creating: bool = False,
    expires: str | None = None,
    output: bool = True,
) -> LoadOutcome:
    """Replace what an environment holds by a snapshot, wholly or not at all.

    The parameters are those of ``Order``.

    :raises RefusedError: where a guard rail or the server's state forbids it; nothing was written.
    :raises DatamaskError: where something fails; the environment is as it was.
    """
    order = Order(
        target, manifest, folder, confirm, pinned, trust_golden, workers, progress,
        admitted=admitted, creating=creating, expires=expires, output=output,
    )  # fmt: skip
    run = Run()
    guards.check_tier(target.environment, target.tier)
    guards.check_confirmed(target.environment, target.tier, confirm)
    with open_server(target.conninfo) as server:
        with run.phase("checks"):
            check_rails(order, server)
            identifier = server.system_identifier()
        with environment_lock(server, target):
            info = server.database(server.target)
            if creating and info is not None:
                raise RefusedError(f"there is a database {info.name} already", hint="choose another name")
            run.warnings += preflight.check_extensions(server, manifest, target.extensions)
            choice = choose(server, target, info, order.content)
            if choice.way == "in-place":
                with run.phase("in place"):
                    _fill_in_place(order, info.marks if info is not None else NO_MARKS, run)
            else:
                choice = replace_database(order, server, info, choice, run)
    migrations = _afterwards(order, run)
    return LoadOutcome(choice.way, run.phases, tuple(run.warnings), identifier, choice.reason, migrations)


def check_rails(order: Order, server: Server) -> None:
    """The guard rails that need a server; tier and confirmation were looked at before."""
    target, manifest = order.target, order.manifest
    if not order.creating:
        guards.check_marker(target, server)
    guards.check_not_source(target, server, manifest)
    if order.trust_golden and has_golden(server, order.content):
        guards.check_policy(target, manifest.policy, manifest.id)
    else:
        guards.check_snapshot(target, manifest, order.folder)


def check_in_place(order: Order) -> None:
    """Refuse hooks that a load in place cannot run.

    :raises RefusedError: for programs: nobody but the transaction itself sees its rows before it is over.
    """
    programs = order.target.recipe.programs
    if programs:
        raise RefusedError(
            f"hook {task_name(programs[0])} is a program, and a load in place is one transaction, which no "
            "program can look into",
            hint="make it an after_swap hook, or load by a role with CREATEDB",
        )


def _fill_in_place(order: Order, before: Marks, run: Run) -> None:
    # It needs Polars, which a reset that clones does not.
    from datamask.load.in_place import InPlace, load_in_place

    target = order.target
    check_in_place(order)

    def finish(session: Session) -> None:
        for task in (*target.recipe.kept, *target.recipe.always):
            if isinstance(task, Routine):
                task.run(session)
            elif isinstance(task, SqlScript):
                run_script(task, session)
        mark_in_place(session, order.marks(before), order.manifest)

    run.warnings += load_in_place(
        InPlace(target.conninfo, order.manifest, order.folder, target.reset.lock_timeout),
        order.progress,
        finish,
    )


def _afterwards(order: Order, run: Run) -> tuple[Migration, ...]:
    """What comes once the environment holds the new data; it goes on holding it whatever happens here."""
    target = order.target
    migrations: tuple[Migration, ...] = ()
    try:
        if target.recipe.afterwards:
            with run.phase("hooks after"):
                run_hooks(target.recipe.afterwards, target.conninfo, order.surroundings)
        migrations = migrations_in(target.conninfo)
        if target.code_version is not None:
            run.warnings += compare_with_code(
                migrations, target.code_version, target.conninfo, order.surroundings
            )
    except DatamaskError as error:
        run.warnings.append(f"{error.message}; environment {target.environment} holds the new data")
    return migrations


def environment_lock(server: Server, target: Target) -> AbstractContextManager[None]:
    """Hold the lock of whoever changes an environment."""
    return server.lock(
        f"datamask environment {server.target}", what=f"environment {target.environment}", deadline=0
    )


@dataclass(frozen=True, slots=True)
class UndoOutcome:
    """What an undo brought back.

    :param snapshot: what the environment was loaded from before, None where it never was.
    """

    snapshot: str | None
    warnings: tuple[str, ...]


def undo(target: Target, *, confirm: str | None) -> UndoOutcome:
    """Let an environment and the database that the last load replaced take each other's place.

    Another undo undoes that.

    :raises RefusedError: where a guard rail forbids it, or there is no such database; nothing was written.
    """
    guards.check_tier(target.environment, target.tier)
    guards.check_confirmed(target.environment, target.tier, confirm)
    with open_server(target.conninfo) as server:
        guards.check_marker(target, server)
        guards.check_not_source(target, server, None)
        with environment_lock(server, target):
            info = server.database(server.target)
            previous = server.database(previous_name(server.target))
            if info is None or previous is None or previous.broken:
                raise RefusedError(
                    f"there is no previous database of environment {target.environment} to go back to",
                    hint=f"`keep_previous: true` for {target.environment} keeps it from the next load or reset on",
                )
            server.drop(next_name(server.target))
            preflight.check_rights(server, info)
            preflight.check_attachments(server, info)
            warnings = copy_properties(server, info, previous.name)
            marks = replace(previous.marks, environment=target.environment, expires=info.marks.expires)
            server.mark(previous.name, marks, comment=info.comment)
            exchange(server, server.target)
    return UndoOutcome(previous.marks.snapshot, tuple(warnings))
