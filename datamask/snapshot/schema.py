"""The schema of a snapshot: ``pg_dump``'s SQL, taken apart into its entries.

``pg_restore --verbose`` writes before each object its entry number, what it depends on, its type and
name. That makes the plain SQL file, which anyone can read and run with psql, enough to restore from in
parallel and to say which object failed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from datamask.db.clients import convert_archive, find_client, run_client
from datamask.db.hints import hint_for
from datamask.db.quoting import qualified
from datamask.db.session import SOURCE_LOCK_TIMEOUT
from datamask.errors import DatabaseError, DatamaskError

SCHEMA_FILE = "schema.sql"

_LOCK_NOT_AVAILABLE = "55P03"

# What does not travel: owners and grants (a load has its own), placement on disk, replication set-up, labels
# of security providers that the target may lack, and the values that statistics are made of.
_LEFT_OUT = (
    "--no-owner", "--no-privileges", "--no-tablespaces", "--no-publications", "--no-subscriptions",
    "--no-security-labels",
)  # fmt: skip

# User mappings hold passwords of other servers.
_SECRET_TYPES = frozenset({"USER MAPPING", "SUBSCRIPTION", "SUBSCRIPTION TABLE"})

# The types that begin the part of a dump that comes after the data. pg_dump sorts all of it behind the rest,
# so the first of them is the border; views and functions that had to wait for a key stand behind it as well.
_AFTER_DATA = frozenset(
    {
        "INDEX", "CONSTRAINT", "FK CONSTRAINT", "CHECK CONSTRAINT", "TRIGGER", "RULE", "EVENT TRIGGER",
        "POLICY", "ROW SECURITY", "STATISTICS", "INDEX ATTACH", "PUBLICATION", "PUBLICATION TABLE",
        "PUBLICATION TABLES IN SCHEMA",
    }
)  # fmt: skip

_HEADER = (
    r"--\n-- TOC entry (?P<id>\d+) \(class \d+ OID \d+\)\n"
    r"(?:-- Dependencies:(?P<needs>[ \d]*)\n)?"
    r"-- Name: (?P<name>[^\n]*); Type: (?P<type>[A-Z ]+); Schema: (?P<schema>[^\n]*); Owner: [^\n]*\n"
    r"(?:-- [^\n]*\n)*--\n"
)

# A header counts only where it is not inside a string, a quoted name, a function body or a comment.
_TOKEN = re.compile(
    rf"^(?P<header>{_HEADER})"
    r"|'(?:[^']|'')*'"
    r'|"(?:[^"]|"")*"'
    r"|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$"
    r"|--[^\n]*"
    r"|/\*.*?\*/",
    re.MULTILINE | re.DOTALL,
)
_META = re.compile(r"^\\(?:un)?restrict\b.*\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SchemaEntry:
    """One object of the schema.

    :param id: its number in the dump.
    :param needs: numbers of entries that must exist before it.
    :param type: as ``pg_dump`` names it: ``TABLE``, ``INDEX``, ``FK CONSTRAINT``…
    :param schema: ``-`` where the object stands in none.
    :param after_data: created once the data is in.
    """

    id: int
    needs: frozenset[int]
    name: str
    type: str
    schema: str
    sql: str
    after_data: bool

    @property
    def label(self) -> str:
        """The object as messages name it."""
        name = self.name if self.schema == "-" else f"{self.schema}.{self.name}"
        return f"{self.type.lower()} {name}"


def entry_name(name: str) -> str:
    """A name as it stands in an entry's comment: on one line."""
    return name.replace("\n", " ").replace("\r", " ")


def dump_schema(
    conninfo: str, snapshot_id: str | None, *, server_major: int, without: Sequence[tuple[str, str]] = ()
) -> str:
    """The schema as of an exported snapshot, as SQL without anything that is secret.

    :param snapshot_id: None for the schema as it is now.
    :param without: schema and name of tables to leave out: ``pg_dump`` locks all others, which takes a right to them.
    :raises DatabaseError: where no ``pg_dump`` fits the server, or it fails.
    """
    client = find_client("pg_dump", server_major, conninfo=conninfo)
    arguments = [
        "--schema-only",
        "--format=custom",
        *([f"--snapshot={snapshot_id}"] if snapshot_id is not None else []),
        *(f"--exclude-table={qualified(schema, name)}" for schema, name in without),
        # It also locks what the leader has not: whoever is in the way there may be waiting for the leader.
        f"--lock-wait-timeout={round(SOURCE_LOCK_TIMEOUT * 1000)}",
        *_LEFT_OUT,
    ]
    # Plain output leaves the dependencies out; the archive that has them passes through memory only, as it
    # may hold what must not be written.
    try:
        archive = run_client(client, conninfo, arguments, what="cannot dump the schema")
    except DatabaseError as error:
        # The only limit that pg_dump sets is the one on its wait for locks.
        if "statement timeout" not in error.message:
            raise
        raise DatabaseError(
            f"cannot dump the schema: another session has held a lock for {SOURCE_LOCK_TIMEOUT:g} s",
            hint=hint_for(_LOCK_NOT_AVAILABLE, ""),
            sqlstate=_LOCK_NOT_AVAILABLE,
        ) from None
    text = convert_archive(find_client("pg_restore", client.major), archive, _LEFT_OUT)
    preamble, entries = parse_schema(text)
    return render_schema(preamble, [entry for entry in entries if entry.type not in _SECRET_TYPES])


def parse_schema(dump: str) -> tuple[str, list[SchemaEntry]]:
    """The settings at a dump's start, and its entries in their order.

    :raises DatamaskError: where the text has no entries that can be told apart.
    """
    starts = list(_headers(dump))
    if not starts:
        return _META.sub("", dump), []
    entries: list[SchemaEntry] = []
    after_data = False
    for index, header in enumerate(starts):
        end = starts[index + 1].start if index + 1 < len(starts) else len(dump)
        after_data = after_data or header.type in _AFTER_DATA
        sql = dump[header.end : end]
        if index + 1 == len(starts):
            sql = _tail(sql)
        entries.append(
            SchemaEntry(
                header.id, header.needs, header.name, header.type, header.schema, sql.strip("\n"), after_data
            )
        )
    if len({entry.id for entry in entries}) != len(entries):
        raise DatamaskError("the schema's dump names an entry twice")
    return _META.sub("", dump[: starts[0].start]).strip("\n"), entries


def render_schema(preamble: str, entries: list[SchemaEntry]) -> str:
    """SQL that psql can run and ``parse_schema`` takes apart again."""
    parts = [preamble]
    for entry in entries:
        needs = " ".join(str(number) for number in sorted(entry.needs))
        parts.append(
            f"--\n-- TOC entry {entry.id} (class 0 OID 0)\n"
            + (f"-- Dependencies: {needs}\n" if needs else "")
            + f"-- Name: {entry.name}; Type: {entry.type}; Schema: {entry.schema}; Owner: -\n--\n\n{entry.sql}"
        )
    return "\n\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True)
class _Header:
    start: int
    end: int
    id: int
    needs: frozenset[int]
    name: str
    type: str
    schema: str


def _headers(dump: str) -> list[_Header]:
    headers: list[_Header] = []
    for match in _TOKEN.finditer(dump):
        if match["header"] is None:
            continue
        headers.append(
            _Header(
                match.start(),
                match.end(),
                int(match["id"]),
                frozenset(int(number) for number in (match["needs"] or "").split()),
                match["name"],
                match["type"],
                match["schema"],
            )
        )
    return headers


def _tail(sql: str) -> str:
    """The last entry without the line with which ``pg_dump`` says that it is complete."""
    lines = sql.split("\n")
    while lines and (
        not lines[-1].strip() or lines[-1].startswith("-- ") or lines[-1] == "--" or _META.match(lines[-1])
    ):
        lines.pop()
    return "\n".join(lines)
