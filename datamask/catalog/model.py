"""What a database contains, as plain immutable values: no connection, no row.

Everything downstream (policy compiler, snapshot planner, loader) reads this model and nothing else
of the server's system catalogs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

TypeKind = Literal[
    "text", "integer", "numeric", "float", "boolean", "date", "time", "timestamp", "interval",
    "uuid", "inet", "json", "xml", "bytea", "enum", "array", "composite", "range", "tsvector", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type, domains resolved to their base.

    :param name: as ``format_type`` writes it, e.g. ``character varying(40)`` or ``public.email_domain``.
    :param kind: the family that transforms care about; of a domain, its base type's.
    :param base: the base type's bare name: ``varchar``, ``int4``, ``numeric``, ``timestamptz``…
    :param max_length: characters that ``varchar(n)``/``char(n)`` hold, else None.
    :param precision: of ``numeric(p,s)``, else None.
    :param scale: of ``numeric(p,s)``, else None.
    :param labels: an enum's labels, in order.
    :param domain: the domain's qualified name, else None.
    :param element: the kind of an array's elements, else None.
    """

    name: str
    kind: TypeKind
    base: str
    max_length: int | None = None
    precision: int | None = None
    scale: int | None = None
    labels: tuple[str, ...] = ()
    domain: str | None = None
    element: TypeKind | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    :param generated: ``stored`` or ``virtual`` for a generated column, else None.
    :param identity: ``always`` or ``by default`` for an identity column, else None.
    :param default: the default's or the generation expression's SQL, else None.
    """

    name: str
    type: ColumnType
    position: int
    not_null: bool = False
    generated: Literal["stored", "virtual"] | None = None
    identity: Literal["always", "by default"] | None = None
    default: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """A set of columns that no two rows share: primary key, UNIQUE constraint, unique index or exclusion.

    :param columns: plain columns; those inside index expressions stand in ``expression_columns``.
    :param partial: True where a WHERE clause limits the index.
    :param predicate: that clause as SQL, None without one.
    :param nulls_distinct: rows with a NULL in the key never conflict (NULLS NOT DISTINCT makes it False).
    """

    name: str
    columns: tuple[str, ...]
    kind: Literal["primary", "unique", "index", "exclusion"]
    expression_columns: tuple[str, ...] = ()
    partial: bool = False
    predicate: str | None = None
    nulls_distinct: bool = True


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """``columns`` of one table reference ``referenced_columns`` of another (or the same).

    :param match_full: either all columns are NULL or none (MATCH FULL).
    """

    name: str
    columns: tuple[str, ...]
    referenced_table: str
    referenced_columns: tuple[str, ...]
    deferrable: bool = False
    declared: bool = True
    match_full: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint: its columns and its SQL definition."""

    name: str
    columns: tuple[str, ...]
    definition: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table, a partitioned root or a partition.

    :param kind: ``partitioned`` tables hold no rows of their own; their leaves do.
    :param parent: the partitioned table (its ``key``) that this is a partition of, else None.
    :param root: the topmost partitioned table's ``key``, else None.
    :param inherits: ``key`` of plain-inheritance parents.
    :param trigger_bodies: PL/pgSQL of the functions that row triggers call, each once.
    :param pages: heap size in blocks of 8 KiB as the server has it now (not an estimate).
    :param bytes: heap and TOAST size in bytes, without indexes.
    :param rows_estimate: ``pg_class.reltuples``; -1 where never analyzed.
    :param row_security: row-level security is enabled on the table.
    :param extension: the extension that owns the table, else None.
    :param extension_condition: the WHERE clause that the extension's ``pg_extension_config_dump``
        registered (may be empty), None where it registered nothing.
    :param readable: the session's role may SELECT from the table as a whole.
    :param partition_key: columns that decide a partitioned table's partition, those in expressions included.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    kind: Literal["table", "partitioned", "foreign"] = "table"
    parent: str | None = None
    root: str | None = None
    inherits: tuple[str, ...] = ()
    unique_keys: tuple[UniqueKey, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    triggers: tuple[str, ...] = ()
    trigger_bodies: tuple[str, ...] = ()
    pages: int = 0
    bytes: int = 0
    rows_estimate: int = -1
    unlogged: bool = False
    row_security: bool = False
    extension: str | None = None
    extension_condition: str | None = None
    readable: bool = True
    comment: str | None = None
    partition_key: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The table's name in policies, messages and manifests: ``schema.table``."""
        return table_key(self.schema, self.name)

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def primary_key(self) -> UniqueKey | None:
        """The primary key, or None."""
        return next((key for key in self.unique_keys if key.kind == "primary"), None)

    @property
    def has_rows(self) -> bool:
        """True where rows are stored here and are a snapshot's business."""
        if self.kind != "table":
            return False
        return self.extension is None or self.extension_condition is not None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence and where it stands.

    :param last_value: as stored; None where the role may not read it.
    :param is_called: whether ``last_value`` has been handed out.
    """

    schema: str
    name: str
    last_value: int | None
    is_called: bool
    owned_by: str | None = None
    extension: str | None = None

    @property
    def key(self) -> str:
        """``schema.sequence``."""
        return table_key(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class MaterializedView:
    """A materialized view.

    :param populated: False where it was created or refreshed WITH NO DATA.
    :param depends_on: keys of tables and materialized views that it reads, directly or through views.
    """

    schema: str
    name: str
    populated: bool
    depends_on: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """``schema.view``."""
        return table_key(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class Extension:
    """An installed extension."""

    name: str
    version: str
    schema: str


@dataclass(frozen=True)
class Catalog:
    """Everything datamask knows about one database.

    :param system_identifier: of the cluster, None where the role may not read it.
    :param large_objects: number of large objects (their content is not carried).
    """

    database: str
    database_oid: int
    server_version: int
    encoding: str
    collation: str
    tables: tuple[Table, ...]
    sequences: tuple[Sequence, ...] = ()
    materialized_views: tuple[MaterializedView, ...] = ()
    extensions: tuple[Extension, ...] = ()
    system_identifier: str | None = None
    in_recovery: bool = False
    large_objects: int = 0
    settings: dict[str, str] = field(default_factory=dict)

    @cached_property
    def by_key(self) -> dict[str, Table]:
        """Tables by ``key``."""
        return {table.key: table for table in self.tables}

    def table(self, key: str) -> Table | None:
        """The table of that key, or None."""
        return self.by_key.get(key)


def table_key(schema: str, name: str) -> str:
    """``schema.name``; a part that itself holds a dot or a double quote is double-quoted as in SQL."""
    return f"{_key_part(schema)}.{_key_part(name)}"


def _key_part(part: str) -> str:
    if "." in part or '"' in part:
        return '"' + part.replace('"', '""') + '"'
    return part
