"""Which way of replacing an environment's data its server allows, and which one is the best of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datamask.errors import RefusedError
from datamask.load.content import Content
from datamask.load.golden import has_golden
from datamask.load.guards import Target
from datamask.load.preflight import check_rights
from datamask.load.server import DatabaseInfo, Server
from datamask.load.spare import has_spare

Way = Literal["spare", "clone", "build and clone", "build", "in-place"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A way, and why it is this one."""

    way: Way
    reason: str


def choose(server: Server, target: Target, info: DatabaseInfo | None, content: Content) -> Choice:
    """The best way that the server allows and the environment wants.

    :param info: the target's database, None where it is to be made.
    :raises RefusedError: where the way that is asked for is not possible.
    """
    wanted = target.reset.strategy
    if wanted == "in-place":
        if info is None:
            raise RefusedError(
                f"there is no database {server.target} to be filled in place",
                hint="load by a role with CREATEDB",
            )
        return Choice("in-place", "asked for")
    try:
        check_rights(server, info)
    except RefusedError as refused:
        if wanted != "auto" or info is None:
            raise
        return Choice("in-place", refused.message)
    if wanted == "build":
        return Choice("build", "asked for")
    if target.spare and has_spare(server, content):
        return Choice("spare", "it was made in advance")
    if has_golden(server, content):
        return Choice("clone", "the snapshot's golden is on the server")
    if wanted == "auto" and not target.golden:
        return Choice("build", "the environment keeps no golden")
    return Choice("build and clone", "the server has no golden of this snapshot yet")
