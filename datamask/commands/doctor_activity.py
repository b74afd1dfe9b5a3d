"""What ``doctor`` looks at on a server: what keeps dead rows or WAL from being removed, replication, collations."""

from __future__ import annotations

from collections.abc import Iterator

from datamask.catalog.queries import query
from datamask.commands.doctor_connection import span, volume
from datamask.commands.observation import Observation, ok, warning
from datamask.db.quoting import quote_identifier, quote_literal
from datamask.db.session import Session

# A transaction that is open for longer than any of an application should be.
_LONG_SECONDS = 3600.0
_PREPARED_SECONDS = 300.0
_LAG_SECONDS = 60.0
_KEPT_WAL_BYTES = 1 << 30

# A list in a message ends somewhere.
_NAMED = 5

_VERSIONS_SINCE = 15


def look_at_activity(session: Session, *, database: str | None = None) -> Iterator[Observation]:
    """Everything that is going on at the server.

    :param database: the one that counts, by default the session's own.
    """
    yield transactions(session)
    yield prepared(session)
    yield slots(session)
    yield from replication(session)
    if session.major >= _VERSIONS_SINCE:
        yield collations(session, database)


def transactions(session: Session) -> Observation:
    """Transactions that have been open for long: nothing that died since can be vacuumed away."""
    role = session.info.user
    found = [row for row in session.rows(query("health/transactions"), [_LONG_SECONDS]) if row[4]]
    if not found:
        all_seen = session.value("SELECT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')")
        unseen = "" if all_seen else f"; those of others show only with pg_read_all_stats, which {role} lacks"
        return ok("transactions", f"none has been open for more than an hour{unseen}")
    told = "; ".join(
        f"{span(seconds)} of role {user} by {program or 'an unnamed program'} (process {pid})"
        for pid, user, program, seconds, _ in found[:_NAMED]
    )
    return warning(
        "transactions",
        f"{len(found)} open for long keep dead rows from being removed: {told}",
        "; ".join(f"SELECT pg_terminate_backend({pid})" for pid, *_ in found[:_NAMED]),
    )


def prepared(session: Session) -> Observation:
    """Prepared transactions that nobody ends: they hold their locks and dead rows, through restarts too."""
    found = [row for row in session.rows(query("health/prepared")) if row[2] > _PREPARED_SECONDS]
    if not found:
        return ok("prepared", "no prepared transaction waits")
    told = ", ".join(
        f"{gid!r} in {database} for {span(seconds)}" for gid, database, seconds in found[:_NAMED]
    )
    return warning(
        "prepared",
        f"{len(found)} prepared transactions wait and hold their locks: {told}",
        "; ".join(f"ROLLBACK PREPARED {quote_literal(gid).strip()}" for gid, *_ in found[:_NAMED])
        + ", or COMMIT PREPARED",
    )


def slots(session: Session) -> Observation:
    """Replication slots that keep WAL for nobody, until the disk is full."""
    told, fixes = [], []
    for name, active, status, kept in session.rows(query("health/slots")):
        lost = status in ("lost", "unreserved")
        if lost or (not active and (kept or 0) > _KEPT_WAL_BYTES):
            told.append(
                f"{name} is {status}" if lost else f"nobody reads {name}, and it keeps {volume(kept)} of WAL"
            )
            fixes.append(f"SELECT pg_drop_replication_slot({quote_literal(name).strip()})")
    if not told:
        return ok("slots", "no replication slot keeps WAL for nobody")
    return warning("slots", "; ".join(told[:_NAMED]), "; ".join(fixes[:_NAMED]))


def replication(session: Session) -> Iterator[Observation]:
    """How far a standby is behind, and whether it lets a snapshot end."""
    if not session.value("SELECT pg_catalog.pg_is_in_recovery()"):
        yield from _replicas(session)
        return
    behind, paused, feedback, limit = session.rows(query("health/standby"))[0]
    if paused:
        yield warning(
            "standby", "its replay is paused: what a snapshot sees is old", "SELECT pg_wal_replay_resume()"
        )
    elif behind is not None and behind > _LAG_SECONDS:
        yield warning(
            "standby",
            f"{span(behind)} behind its primary (or nothing was written there since)",
            "SELECT * FROM pg_stat_wal_receiver; see whether it receives, and what its disk does",
        )
    else:
        yield ok("standby", "follows its primary" if behind is None else f"{span(behind)} behind its primary")
    if limit != -1 and not feedback:
        yield warning(
            "standby queries",
            f"a snapshot that takes longer than {span(limit / 1000)} can be cancelled by what the primary removes",
            "ALTER SYSTEM SET hot_standby_feedback = on; SELECT pg_reload_conf()",
        )


def _replicas(session: Session) -> Iterator[Observation]:
    found = session.rows(query("health/replicas"))
    late = [(name, lag) for name, _, lag in found if lag is not None and lag > _LAG_SECONDS]
    if late:
        told = ", ".join(f"{name} by {span(lag)}" for name, lag in late[:_NAMED])
        yield warning(
            "replicas", f"behind: {told}", "SELECT * FROM pg_stat_replication; see what their disks do"
        )
    elif found:
        yield ok("replicas", f"{len(found)}, none far behind")


def collations(session: Session, database: str | None) -> Observation:
    """Collations that sort otherwise than when the indexes were built."""
    found = session.rows(query("health/collation_versions"), [database])
    if not found:
        return ok("collations", "sort as they did when the indexes were built")
    told = ", ".join(f"{kind} {name}: {then} then, {now} now" for kind, name, then, now in found[:_NAMED])
    fixes = [
        f"REINDEX DATABASE {quote_identifier(name)}; ALTER DATABASE {quote_identifier(name)} REFRESH COLLATION VERSION"
        if kind == "database"
        else f"ALTER COLLATION {name} REFRESH VERSION, once its indexes are built anew"
        for kind, name, _, _ in found[:_NAMED]
    ]
    return warning(
        "collations",
        f"the system's collations have changed, so indexes of text may be out of order: {told}",
        "; ".join(fixes),
    )
