"""Making one fresh database from a snapshot."""

from __future__ import annotations

from dataclasses import replace

from datamask.db.conninfo import with_database
from datamask.db.quoting import quote_identifier, quote_literal
from datamask.errors import DatabaseError
from datamask.execution.processes import WorkerPool
from datamask.load.server import Server
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest, SourceIdentity
from datamask.store.protocol import Folder

# What CREATE DATABASE says of a locale that the server does not have, or not for this encoding; an older server
# calls a provider that it does not know a syntax error.
_WRONG_LOCALE = frozenset({"22023", "42809", "42704", "0A000", "22P02", "42601"})


def build(
    server: Server,
    name: str,
    manifest: Manifest,
    folder: Folder,
    workers: int,
    progress: Progress,
    warnings: list[str],
    *,
    cloned_next: bool,
) -> None:
    """Make a database of that name and fill it with the snapshot; on failure it is gone again.

    :param cloned_next: it is going to be cloned at once.
    """
    with server.dropping(name), WorkerPool(workers, warm_up="datamask.load.worker") as pool:
        # The workers import what they need while this process does, and while the server makes the database.
        from datamask.load.restore import restore

        server.drop(name)
        _create(server, name, manifest.source, warnings)
        restore(
            conninfo=with_database(server.conninfo, name),
            folder=folder,
            manifest=manifest,
            pool=pool,
            progress=progress,
            cloned_next=cloned_next,
        )


def _create(server: Server, name: str, source: SourceIdentity, warnings: list[str]) -> None:
    """An empty database with the source's encoding and, where the server knows it, its locale."""
    base = f"CREATE DATABASE {quote_identifier(name)} TEMPLATE template0 ENCODING {quote_literal(source.encoding)}"
    try:
        server.session.script(base + _locale(source, server.session.major))
        return
    except DatabaseError as error:
        if error.sqlstate not in _WRONG_LOCALE:
            raise
    warnings.append(
        f"the target's server does not know the source's locale {source.locale or source.collate}: "
        "texts sort by code point"
    )
    plain = replace(source, locale_provider="libc", collate="C", ctype="C")
    server.session.script(base + _locale(plain, server.session.major))


def _locale(source: SourceIdentity, major: int) -> str:
    clause = f" LC_COLLATE {quote_literal(source.collate)} LC_CTYPE {quote_literal(source.ctype)}"
    if major < 15:
        return clause
    # Said even where it is the usual one: the server's default may be another.
    clause += f" LOCALE_PROVIDER {source.locale_provider}"
    if source.locale_provider == "libc":
        return clause
    option = "ICU_LOCALE" if source.locale_provider == "icu" else "BUILTIN_LOCALE"
    return f"{clause} {option} {quote_literal(source.locale or '')}"
