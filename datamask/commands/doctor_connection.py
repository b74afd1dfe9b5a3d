"""What ``doctor`` looks at in a session: encryption, clock, how many more connections there may be."""

from __future__ import annotations

import time
from collections.abc import Iterator

from datamask.catalog.queries import query
from datamask.commands.observation import Observation, ok, problem, warning
from datamask.db.session import Session
from datamask.execution.processes import default_workers

# Times of snapshots, loads and the audit log come from here, times of rows from there.
_SKEW_SECONDS = 2.0

# The leader and pg_dump.
_BESIDE_WORKERS = 2

_VERIFIED = "verify-full"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def span(seconds: float) -> str:
    """A time, roughly: ``12 s``, ``3 min``, ``5 h``, ``2 d``."""
    for limit, unit, length in ((90, "s", 1), (5400, "min", 60), (129600, "h", 3600)):
        if seconds < limit:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def volume(size: float) -> str:
    """Bytes, roughly: ``45 MB``, ``1.2 GB``."""
    return f"{size / 1e6:.0f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"


def look_at_connection(
    session: Session, *, workers: int | None, database: str | None = None
) -> Iterator[Observation]:
    """Everything that one session can tell of itself.

    :param workers: as configured.
    :param database: whose connection limit counts, by default the session's own.
    """
    yield encryption(session)
    yield clock(session)
    yield connections(session, (workers or default_workers()) + _BESIDE_WORKERS, database)


def encryption(session: Session) -> Observation:
    """Whether anybody on the way can read or pretend."""
    host = session.info.host
    row = session.row(query("health/encryption"))
    tls, version, gss = row if row is not None else (False, None, False)
    if host.startswith(("/", "@")) or host in _LOOPBACK:
        return ok(
            "encryption", f"not needed: {host} is this machine" if not tls else f"{version}, to this machine"
        )
    if not (tls or gss):
        return problem(
            "encryption",
            f"none: whoever is on the way to {host} reads every row",
            "add sslmode=verify-full and sslrootcert=system (or a file) to the url; on the server: ssl = on",
        )
    if gss:
        return ok("encryption", "GSSAPI")
    if session.sslmode != _VERIFIED:
        return warning(
            "encryption",
            f"{version}, but with sslmode={session.sslmode} nobody checks that it is {host} that answers",
            "add sslmode=verify-full and sslrootcert=system (or the file of your own authority) to the url",
        )
    return ok("encryption", f"{version}, and the server's certificate is checked")


def clock(session: Session) -> Observation:
    """Whether both clocks tell the same time."""
    before = time.time()
    there = float(session.value("SELECT EXTRACT(EPOCH FROM pg_catalog.clock_timestamp())"))
    after = time.time()
    skew = there - (before + after) / 2
    if abs(skew) - (after - before) / 2 > _SKEW_SECONDS:
        return warning(
            "clock",
            f"the server's is {span(abs(skew))} {'ahead' if skew > 0 else 'behind'}: ages of snapshots and "
            "times in the audit log do not fit those in the data",
            "let both machines follow a time server: chronyc tracking, timedatectl set-ntp true",
        )
    return ok("clock", "tells the same time as this machine's")


def connections(session: Session, needed: int, database: str | None) -> Observation:
    """Whether there are as many connections left as a snapshot or a load opens."""
    row = session.row(query("health/connections"), [database])
    if row is None:
        return ok("connections", "no limit is known")
    most, used, of_role, used_by_role, of_database, used_in_database = row
    left = [(most - used, "the server", "raise max_connections, or close idle connections")]
    if of_role >= 0:
        left.append((of_role - used_by_role, f"role {session.info.user}", "ALTER ROLE … CONNECTION LIMIT"))
    if of_database >= 0:
        left.append((of_database - used_in_database, "the database", "ALTER DATABASE … CONNECTION LIMIT"))
    fewest, whose, fix = min(left)
    if fewest < needed:
        return warning(
            "connections",
            f"{whose} has {max(0, fewest)} left, and {needed} may be needed",
            f"{fix}; or set `workers` in datamask.yaml lower",
        )
    return ok("connections", f"{fewest} left of {most}")
