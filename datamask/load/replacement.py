"""An environment's database replaced by a new one: built or cloned aside, then swapped in."""

from __future__ import annotations

from collections.abc import Callable

from datamask.db.conninfo import with_database
from datamask.load import guards, preflight
from datamask.load.clone import clone
from datamask.load.content import Content
from datamask.load.golden import drop_unfinished, drop_unused, golden, has_golden
from datamask.load.guards import Target
from datamask.load.hooks import run_hooks
from datamask.load.marks import NO_MARKS
from datamask.load.names import golden_name, next_name, previous_name
from datamask.load.order import Order, Run
from datamask.load.properties import copy_properties
from datamask.load.server import DatabaseInfo, Server
from datamask.load.spare import drop_spare, prepare_in_background, take_spare
from datamask.load.strategy import Choice
from datamask.load.swap import swap_in


def replace_database(
    order: Order, server: Server, info: DatabaseInfo | None, choice: Choice, run: Run
) -> Choice:
    """Make the new database and put it in the target's place.

    :param info: the target's database, None where it is made.
    :returns: the way that was gone: a spare may have been taken, or a golden built, by somebody else meanwhile.
    """
    target = order.target
    recover(server, target)
    preflight.check_attachments(server, info)
    taken = _prepare(order, server, choice, run)
    following = next_name(server.target)
    with server.dropping(following):
        if target.recipe.always:
            with run.phase("hooks"):
                run_hooks(target.recipe.always, with_database(server.conninfo, following), order.surroundings)
        with run.phase("swap"):
            # What a hook left connected would keep the database from being renamed.
            server.terminate_sessions(following)
            model = info if info is not None else server.database(target.origin or "")
            if model is not None:
                run.warnings += copy_properties(server, model, following)
            before = info.marks if info is not None else NO_MARKS
            server.mark(following, order.marks(before), comment=info.comment if info is not None else None)
            swap_in(server, server.target)
    with run.phase("clean up"):
        _clean_up(order, server, taken)
    return taken


def recover(server: Server, target: Target) -> None:
    """Remove what killed processes left: half-built databases, a next one that never got in, an old one.

    The target itself needs no repair: the swap is one transaction.
    """
    server.drop(next_name(server.target))
    if not target.keep_previous:
        server.drop(previous_name(server.target))
    if not target.spare:
        drop_spare(server)
    drop_unfinished(server)


def _clean_up(order: Order, server: Server, taken: Choice) -> None:
    target = order.target
    leaving = None if target.keep_previous else previous_name(server.target)
    if target.spare and taken.way != "build":
        # It also drops the previous database, which nobody needs to wait for.
        prepare_in_background(
            target.conninfo, order.content, method=target.reset.clone, keep_previous=target.keep_previous
        )
        leaving = None
    elif leaving is not None:
        server.drop_unattended(leaving)
    drop_unused(server, leaving=leaving)


def _prepare(order: Order, server: Server, choice: Choice, run: Run) -> Choice:
    """Make the database that is to be swapped in."""
    following, content, method = next_name(server.target), order.content, order.target.reset.clone
    if choice.way == "build":
        _build(order, server, run, following, cloned_next=False)
        return choice
    # One that is being made right now is waited for: it is the very work that would be done here.
    if order.target.spare and take_spare(server, content, following):
        return Choice("spare", "it was made in advance")

    def build(name: str) -> None:
        _build(order, server, run, name, cloned_next=True)

    make = _from_plain(order, server, content, run) or build
    with golden(server, content, make) as (name, built), run.phase("clone"):
        clone(server, name, following, method)
    if built:
        return Choice("build and clone", "the server had no golden of this snapshot yet")
    return Choice("clone", "the snapshot's golden is on the server")


def _from_plain(order: Order, server: Server, content: Content, run: Run) -> Callable[[str], None] | None:
    """Where hooks make something of a snapshot whose plain golden is there: a clone of that, and the hooks."""
    plain = Content(content.snapshot, content.digest)
    if not content.recipe or not has_golden(server, plain):
        return None

    def build(name: str) -> None:
        server.drop(name)
        with server.dropping(name):
            with run.phase("clone"):
                clone(server, golden_name(content.snapshot), name, order.target.reset.clone)
            _season(order, server, run, name)

    return build


def _build(order: Order, server: Server, run: Run, name: str, *, cloned_next: bool) -> None:
    # Only a build needs Polars; a reset that clones is over before it is imported.
    from datamask.load.build import build

    if order.trust_golden:
        # There was a golden when the guard rails looked, and now there is none.
        guards.check_snapshot(order.target, order.manifest, order.folder)
    with run.phase("build"):
        build(
            server,
            name,
            order.manifest,
            order.folder,
            order.workers,
            order.progress,
            run.warnings,
            cloned_next=cloned_next,
        )
    with server.dropping(name):
        _season(order, server, run, name)


def _season(order: Order, server: Server, run: Run, name: str) -> None:
    """Run the hooks whose work is kept."""
    if order.target.recipe.kept:
        with run.phase("hooks kept"):
            run_hooks(order.target.recipe.kept, with_database(server.conninfo, name), order.surroundings)
