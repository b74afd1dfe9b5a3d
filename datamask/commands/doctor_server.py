"""What ``doctor`` looks at for the sake of loads and snapshots: settings, disk, extensions."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from datamask.catalog.queries import query
from datamask.commands.doctor_connection import volume
from datamask.commands.observation import Observation, failure, ok, problem, warning
from datamask.db.session import Session
from datamask.errors import DatamaskError
from datamask.load.preflight import check_extensions
from datamask.load.server import Server
from datamask.snapshot.manifest import Manifest

# In the units of pg_settings: MB and kB.
_ENOUGH_WAL_MB = 1024
_ENOUGH_MAINTENANCE_KB = 64 << 10


def source_settings(session: Session) -> Iterator[Observation]:
    """Settings under which a long read fails."""
    settings = dict(session.rows(query("health/settings")))
    age = int(settings.get("old_snapshot_threshold", "-1"))
    if age >= 0:
        yield problem(
            "settings",
            f"old_snapshot_threshold is {age} min: a snapshot that takes longer fails",
            "ALTER SYSTEM SET old_snapshot_threshold = -1, and restart the server",
        )
    if settings.get("autovacuum") == "off":
        yield warning(
            "settings",
            "autovacuum is off: estimates are old, so work is split badly",
            "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf()",
        )


def target_settings(session: Session) -> Iterator[Observation]:
    """Settings that make a load slow."""
    settings = dict(session.rows(query("health/settings")))
    slow = []
    if settings.get("archive_mode", "off") != "off":
        slow.append(
            (
                "archive_mode is on: everything that a load writes is archived",
                "keep environments that can be loaded again on a server that archives nothing",
            )
        )
    if settings.get("synchronous_standby_names") and settings.get("synchronous_commit") not in (
        "off",
        "local",
    ):
        slow.append(
            (
                "synchronous_standby_names is set: every commit of a load waits for a standby",
                "ALTER ROLE … SET synchronous_commit = local, for the role that loads",
            )
        )
    if int(settings.get("max_wal_size", _ENOUGH_WAL_MB)) < _ENOUGH_WAL_MB:
        slow.append(
            (
                f"max_wal_size is {settings['max_wal_size']} MB: a load forces checkpoints",
                "ALTER SYSTEM SET max_wal_size = '4GB'; SELECT pg_reload_conf()",
            )
        )
    if int(settings.get("maintenance_work_mem", _ENOUGH_MAINTENANCE_KB)) < _ENOUGH_MAINTENANCE_KB:
        slow.append(
            (
                f"maintenance_work_mem is {int(settings['maintenance_work_mem']) // 1024} MB: indexes are built on disk",
                "ALTER SYSTEM SET maintenance_work_mem = '256MB'; SELECT pg_reload_conf()",
            )
        )
    if settings.get("log_statement") in ("all", "mod"):
        slow.append(
            (
                f"log_statement is {settings['log_statement']}: the server's log grows by every statement of a load",
                "ALTER ROLE … SET log_statement = 'none', for the role that loads",
            )
        )
    yield from (warning("settings", message, fix) for message, fix in slow)
    if not slow:
        yield ok("settings", "nothing that makes a load slow")


def disk(server: Server, *, copies: int) -> Observation:
    """Whether there is room for the database as often as a load keeps it.

    Where the server's files are on another machine, or the role may not know where, only the size is told.

    :param copies: databases of that size beside the one that is there: new one, golden, spare, previous one.
    """
    row = server.session.row(query("health/storage"), [server.target])
    if row is None or row[0] is None:
        return ok("disk", "there is no database yet whose size could be told")
    size, place = row
    told = f"the database has {volume(size)}, and a load takes it {copies} times more"
    free = _free(place) if server.session.info.host.startswith(("/", "@")) else None
    if free is None:
        return ok("disk", f"{told}; how much is free on the server cannot be told from here")
    if free < size * copies:
        return warning(
            "disk",
            f"{told}, but only {volume(free)} are free",
            "free space, or set golden: false, spare: false or keep_previous: false",
        )
    return ok("disk", f"{told}; {volume(free)} are free")


def _free(place: str | None) -> int | None:
    try:
        return None if place is None or not Path(place).exists() else shutil.disk_usage(place).free
    except OSError:
        return None


def extensions(server: Server, manifest: Manifest, declared: Mapping[str, str]) -> Observation:
    """Whether the server has what a snapshot needs and what the environment declares."""
    try:
        others = check_extensions(server, manifest, declared)
    except DatamaskError as error:
        return failure("extensions", error)
    if others:
        return warning(
            "extensions",
            "; ".join(others),
            "install the same versions of the extensions' packages on both servers",
        )
    return ok("extensions", f"the server has all that snapshot {manifest.id} needs")
