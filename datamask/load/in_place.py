"""A load into the tables that are there: one transaction, for roles that may not create databases.

Nothing but ownership of the tables is needed: foreign keys and indexes are dropped and made again, the tables are
emptied in one statement and filled one after the other. Whatever goes wrong, and however the process ends, the
server rolls it back. PostgreSQL has no transaction over several sessions, so nothing of it runs in parallel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from datamask.db.quoting import qualified, quote_literal
from datamask.db.session import Session, connect
from datamask.errors import DatabaseError, DatamaskError, RefusedError, VerificationError
from datamask.execution.processes import answer_interrupts
from datamask.load import standing_tables
from datamask.load.restore import refresh_views
from datamask.load.schema_comparison import Comparison, compare
from datamask.load.standing_tables import Standing
from datamask.load.worker import CopyTask, copy_rows
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest, ManifestTable
from datamask.snapshot.schema import SchemaEntry, dump_schema, entry_name, parse_schema
from datamask.snapshot.verify import read_schema
from datamask.store.protocol import Folder

# What is dropped and made again, with the comments on it.
_KEYS = frozenset({"CONSTRAINT", "FK CONSTRAINT", "CHECK CONSTRAINT", "INDEX"})

_LOCK_NOT_AVAILABLE = "55P03"

# Of what stands in the way, as many are named.
_NAMED = 5

_EVENT_TRIGGERS = (
    "SELECT evtname FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D'"
    " AND evtevent IN ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite') ORDER BY 1"
)

_UNREADABLE = (
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    " AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2"
)


@dataclass(frozen=True, slots=True)
class InPlace:
    """A load in place that is about to begin.

    :param lock_timeout: seconds to wait for other sessions' locks.
    """

    conninfo: str
    manifest: Manifest
    folder: Folder
    lock_timeout: float


def load_in_place(order: InPlace, progress: Progress, finish: Callable[[Session], None]) -> list[str]:
    """Replace the rows of the snapshot's tables, all or none.

    :param finish: what else belongs to the transaction: hooks, the mark.
    :returns: what the reader should know, a sentence each.
    :raises RefusedError: where the target is not as the snapshot needs it; nothing has changed.
    :raises DatamaskError: where something fails; nothing has changed.
    """
    answer_interrupts()
    with connect(
        order.conninfo, application_name="datamask load", lock_timeout=order.lock_timeout
    ) as session:
        session.script("SET check_function_bodies = off; SET row_security = off")
        try:
            with session.transaction():
                return _Load(order, session, progress).run(finish)
        except DatabaseError as error:
            if error.sqlstate == _LOCK_NOT_AVAILABLE:
                raise _busy(order) from None
            raise


def examine(order: InPlace) -> list[str]:
    """Would a load in place be refused? Changes nothing, and holds up nobody.

    :returns: as ``load_in_place``.
    :raises RefusedError: as ``load_in_place``.
    """
    with connect(
        order.conninfo, application_name="datamask load", lock_timeout=order.lock_timeout
    ) as session:
        load = _Load(order, session, None)
        load.check_rights(load.find())
        return load.check_schema()[1]


class _Load:
    def __init__(self, order: InPlace, session: Session, progress: Progress | None) -> None:
        self._order = order
        self._manifest = order.manifest
        self._session = session
        self._progress = progress
        # What extensions put into their tables cannot be told from what users did, so those stay as they are.
        self._tables = [table for table in order.manifest.tables if table.extension is None]

    def run(self, finish: Callable[[Session], None]) -> list[str]:
        """Everything between BEGIN and COMMIT."""
        session = self._session
        # Rows that a deferred constraint has still to look at would keep its table from being altered.
        session.script("SET CONSTRAINTS ALL IMMEDIATE")
        standing = self.find()
        self.check_rights(standing)
        if len(standing.tables) < len(self._tables):
            # What is missing cannot be locked; the comparison names it.
            self.check_schema()
        # Readers and writers go on, changes of the schema have to wait: what is compared now stays as it is.
        self._lock("SHARE UPDATE EXCLUSIVE")
        standing = self.find()
        entries, warnings = self.check_schema()
        self._lock("ACCESS EXCLUSIVE")
        before = standing_tables.state(session, standing)
        loud = standing_tables.silence(session, standing)
        standing_tables.drop_keys(session, standing)
        self._fill()
        self._rebuild(entries, standing)
        for statement in loud:
            session.script(statement)
        if standing_tables.state(session, standing) != before:
            raise DatamaskError(
                "the keys, indexes and triggers that were made again are not those that were there",
                hint="nothing was changed; load by a role with CREATEDB, which replaces the whole database",
            )
        self._set_sequences()
        refresh_views(session, self._manifest)
        for view in self._manifest.materialized_views:
            if not view.populated:
                session.script(f"REFRESH MATERIALIZED VIEW {qualified(view.schema, view.name)} WITH NO DATA")
        for table in self._tables:
            session.script(f"ANALYZE {qualified(table.schema, table.name)}")
        finish(session)
        return warnings

    def find(self) -> Standing:
        """The snapshot's tables, as far as they are there."""
        return standing_tables.find_tables(
            self._session, [(table.schema, table.name) for table in self._tables]
        )

    def check_rights(self, standing: Standing) -> None:
        """Refuse where the role lacks what it takes, or something would notice the load that must not.

        :raises RefusedError: naming it.
        """
        session, manifest = self._session, self._manifest
        others = [(item.schema, item.name) for item in manifest.sequences]
        others += [(item.schema, item.name) for item in manifest.materialized_views]
        oids = [*standing.family, *standing_tables.relation_ids(session, others)]
        foreign = standing_tables.not_owned(session, oids)
        if foreign:
            schema, name, owner = foreign[0]
            user = session.info.user
            more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
            belong = "belong" if more else "belongs"
            raise RefusedError(
                f"{schema}.{name}{more} {belong} to role {owner}, and role {user} may not replace what they hold",
                hint=f"GRANT {owner} TO {user}",
            )
        filled = [table.key for table in manifest.tables if table.extension is not None and table.rows]
        if filled:
            raise RefusedError(
                f"the snapshot has rows for {filled[0]}, a table that an extension brings along",
                hint="load by a role with CREATEDB, which replaces the whole database",
            )
        triggers = [row[0] for row in session.rows(_EVENT_TRIGGERS)]
        if triggers:
            raise RefusedError(
                f"the event trigger {triggers[0]} would fire while keys and indexes are made again",
                hint="load by a role with CREATEDB, which replaces the whole database",
            )

    def check_schema(self) -> tuple[list[SchemaEntry], list[str]]:
        """Refuse where the target's schema is not the snapshot's.

        :returns: the target's schema, and what is in the target that is not in the snapshot.
        :raises RefusedError: naming what differs.
        """
        unreadable = [(schema, name) for schema, name in self._session.rows(_UNREADABLE)]
        major = max(self._session.major, self._manifest.source.server_version // 10000)
        dump = dump_schema(self._order.conninfo, None, server_major=major, without=unreadable)
        _, entries = parse_schema(dump)
        _, wanted = parse_schema(read_schema(self._order.folder, self._manifest))
        found = compare(wanted, entries)
        if found.differences:
            raise _different(found)
        extra = [*found.extra, *(f"table {schema}.{name}" for schema, name in unreadable)]
        if not extra:
            return entries, []
        return entries, [f"not in the snapshot, and left as it is: {_named(extra)}"]

    def _lock(self, mode: str) -> None:
        if self._tables:
            self._session.script(f"LOCK TABLE {self._names()} IN {mode} MODE")

    def _names(self) -> str:
        return ", ".join(f"ONLY {qualified(table.schema, table.name)}" for table in self._tables)

    def _fill(self) -> None:
        session = self._session
        progress = self._progress
        assert progress is not None
        filled = [table for table in self._tables if table.rows]
        progress.start("load", total_bytes=sum(table.text_bytes for table in filled), tables=len(filled))
        if self._tables:
            session.script(f"TRUNCATE {self._names()}")
        for table in filled:
            try:
                rows = copy_rows(session, self._task(table))
            except DatamaskError as error:
                error.message = f"cannot fill table {table.schema}.{table.name}: {error.message}"
                error.args = (error.message,)
                raise
            if rows != table.rows:
                raise VerificationError(
                    f"table {table.key} took {rows} rows of the snapshot's {table.rows}",
                    hint="the load was undone; datamask snapshots verify checks the snapshot",
                )
            progress.advance(table.key, rows=rows, bytes_done=table.text_bytes, table_done=True)
        progress.finish()

    def _task(self, table: ManifestTable) -> CopyTask:
        return CopyTask(
            conninfo=self._order.conninfo,
            folder=self._order.folder,
            schema=table.schema,
            name=table.name,
            columns=tuple(column.name for column in table.columns),
            files=table.files,
            empty_rows=0 if table.columns else table.rows,
        )

    def _rebuild(self, entries: list[SchemaEntry], standing: Standing) -> None:
        """Run the part of the target's own dump that makes what was dropped."""
        there = {
            (entry_name(schema), entry_name(name))
            for schema, name in standing_tables.present_keys(self._session, standing)
        }
        tables = {entry.id for entry in entries if entry.type == "TABLE"}
        made: set[int] = set()
        for entry in entries:
            if entry.type in _KEYS:
                wanted = (entry.schema, entry.name) not in there and not entry.needs.isdisjoint(tables)
            else:
                wanted = entry.type in {"INDEX ATTACH", "COMMENT"} and not entry.needs.isdisjoint(made)
            if wanted:
                made.add(entry.id)
                self._execute(entry)

    def _execute(self, entry: SchemaEntry) -> None:
        try:
            self._session.script(entry.sql)
        except DatabaseError as error:
            raise DatabaseError(
                f"cannot create {entry.label}: {error.message}", hint=error.hint, sqlstate=error.sqlstate
            ) from None

    def _set_sequences(self) -> None:
        for sequence in self._manifest.sequences:
            name = qualified(sequence.schema, sequence.name)
            # A sequence's own value survives a rollback. Restarted, it has a new file that the rollback removes, and
            # what is set then is set there.
            self._session.script(
                f"ALTER SEQUENCE {name} RESTART; SELECT pg_catalog.setval({quote_literal(name)}::pg_catalog.regclass,"
                f" {sequence.last_value}, {str(sequence.is_called).lower()})"
            )


def _different(found: Comparison) -> RefusedError:
    return RefusedError(
        f"the target's schema is not the snapshot's: {_named(found.differences)}",
        hint="bring the target's schema to the snapshot's (schema.sql in its folder), or load by a role with CREATEDB, "
        "which replaces the whole database",
    )


def _busy(order: InPlace) -> RefusedError:
    return RefusedError(
        f"other sessions have held a lock on the tables for {order.lock_timeout:g} s; nothing was changed",
        hint="end long transactions on them, or raise reset.lock_timeout",
    )


def _named(things: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(things) - _NAMED} more" if len(things) > _NAMED else ""
    return ", ".join(things[:_NAMED]) + more
