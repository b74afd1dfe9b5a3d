"""Spares: the clone that the next reset will need, made in advance by a process in the background.

A reset then only renames. The process holds the spare's lock while it works, so a reset that comes too
early waits for the rest of the very work that it would do itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict

from datamask.config.reset import CloneMethod
from datamask.db.quoting import quote_identifier
from datamask.errors import DatamaskError
from datamask.load.clone import clone
from datamask.load.content import Content
from datamask.load.golden import drop_unused, golden_lock, has_golden
from datamask.load.names import GOLDEN_PREFIX, previous_name, spare_name
from datamask.load.server import Server, open_server

# A clone of a very large database on a slow disk; past it, cloning again would not be faster either.
_WAIT_SECONDS = 1800.0


def has_spare(server: Server, content: Content) -> bool:
    """True where the server's target has a spare that holds the content."""
    info = server.database(spare_name(server.target))
    return info is not None and not info.broken and content.is_in(info.marks)


def take_spare(server: Server, content: Content, following: str) -> bool:
    """Give the spare of the server's target the name ``following``, if it holds the content.

    :returns: False where there is no such spare.
    """
    name = spare_name(server.target)
    with server.lock(_lock_name(server), what=f"the spare of {server.target}", deadline=_WAIT_SECONDS):
        if not has_spare(server, content):
            return False
        server.session.script(
            f"ALTER DATABASE {quote_identifier(name)} RENAME TO {quote_identifier(following)}"
        )
        return True


def prepare_in_background(
    conninfo: str, content: Content, *, method: CloneMethod, keep_previous: bool
) -> None:
    """Start a process that outlives this one and makes the spare."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    assert process.stdin is not None
    # By a pipe, as the connection string may hold a password.
    order = {"conninfo": conninfo, "content": asdict(content), "method": method, "keep": keep_previous}
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
    # It is nobody's child to wait for.
    process.returncode = 0


def prepare(conninfo: str, content: Content, *, method: CloneMethod = "auto", keep_previous: bool) -> None:
    """Make the spare of the database that ``conninfo`` names, and drop the one that was replaced.

    Does nothing where the golden is gone: another load has made it useless.
    """
    with open_server(conninfo) as server:
        with server.lock(_lock_name(server), what=f"the spare of {server.target}", deadline=0):
            name = spare_name(server.target)
            if has_spare(server, content):
                return
            server.drop(name)
            with server.lock(
                golden_lock(content.key), what=f"snapshot {content.snapshot}", deadline=_WAIT_SECONDS
            ):
                if has_golden(server, content):
                    clone(server, GOLDEN_PREFIX + content.key, name, method)
                    server.mark(name, content.marks(), comment=None)
        if not keep_previous:
            server.drop(previous_name(server.target))
            # Without it, its golden may have lost its last use.
            drop_unused(server)


def drop_spare(server: Server) -> None:
    """Drop the spare of the server's target, once nobody works on it."""
    with server.lock(_lock_name(server), what=f"the spare of {server.target}", deadline=_WAIT_SECONDS):
        server.drop(spare_name(server.target))


def _lock_name(server: Server) -> str:
    return f"datamask spare {server.target}"


if __name__ == "__main__":
    order = json.load(sys.stdin)
    # There is nobody to tell: what could not be done in advance, the next reset does itself.
    with suppress(DatamaskError):
        prepare(
            order["conninfo"],
            Content(**order["content"]),
            method=order["method"],
            keep_previous=order["keep"],
        )
