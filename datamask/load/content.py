"""What a database holds, as its marks say it: a snapshot, and what hooks made of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from datamask.db.quoting import qualified, quote_literal
from datamask.db.session import Session, connect
from datamask.errors import DatamaskError
from datamask.load.marks import NO_MARKS, Marks, parse_comment, render_comment
from datamask.load.names import golden_key
from datamask.load.recipe import Recipe
from datamask.load.server import Server, mark_statement
from datamask.snapshot.manifest import Manifest

_MARKED_TABLES = (
    "SELECT n.nspname, c.relname, d.description, pg_catalog.pg_has_role(c.relowner, 'USAGE')"
    " FROM pg_catalog.pg_description d JOIN pg_catalog.pg_class c ON c.oid = d.objoid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0"
    " AND pg_catalog.strpos(d.description, 'datamask: {') > 0 ORDER BY 1, 2"
)

_OWNS_DATABASE = (
    "SELECT pg_catalog.pg_has_role(datdba, 'USAGE') FROM pg_catalog.pg_database"
    " WHERE datname = pg_catalog.current_database()"
)


@dataclass(frozen=True, slots=True)
class Content:
    """What a golden, a spare and an environment may all hold.

    :param recipe: digest of what hooks made of the snapshot, empty where there are none.
    :param scenario: the name of a scenario that the recipe ends with; it says nothing that the recipe does not.
    """

    snapshot: str
    digest: str
    recipe: str = ""
    scenario: str = ""

    @property
    def key(self) -> str:
        """What names of databases and locks are made of."""
        return golden_key(self.snapshot, self.recipe)

    def is_in(self, marks: Marks) -> bool:
        """True where a database with those marks holds this."""
        return marks.digest == self.digest and (marks.recipe or "") == self.recipe

    def marks(self) -> Marks:
        """What a database that holds it says of itself."""
        return Marks(snapshot=self.snapshot, digest=self.digest, recipe=self.recipe or None)


def content_of(manifest: Manifest, recipe: Recipe) -> Content:
    """What a snapshot and hooks make together."""
    return Content(manifest.id, manifest.digest, recipe.digest, recipe.scenario)


def held(server: Server) -> Marks:
    """The marks of the server's target: of its last load, wherever that could write them down.

    A load in place by a role that owns tables alone has left its mark on one of them.
    """
    info = server.database(server.target)
    marks = info.marks if info is not None else NO_MARKS
    if info is None or not info.allows_connections:
        return marks
    with suppress(DatamaskError), connect(server.conninfo, application_name="datamask") as session:
        for _, _, comment, _ in session.rows(_MARKED_TABLES):
            found = parse_comment(comment)[1]
            if (found.loaded or "") > (marks.loaded or ""):
                marks = replace(found, environment=marks.environment, expires=marks.expires)
    return marks


def mark_in_place(session: Session, marks: Marks, manifest: Manifest) -> None:
    """Write down what a database holds, inside of the transaction that filled it.

    The database's owner writes it where every load does; who owns tables alone, on the first table of the snapshot.
    """
    for schema, table, comment, owned in session.rows(_MARKED_TABLES):
        if owned:
            text = parse_comment(comment)[0]
            session.script(_table_comment(schema, table, text))
    if session.value(_OWNS_DATABASE):
        name, comment = session.rows(
            "SELECT datname, pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database"
            " WHERE datname = pg_catalog.current_database()"
        )[0]
        session.script(mark_statement(name, marks, comment=parse_comment(comment)[0]))
        return
    first = min(
        ((table.schema, table.name) for table in manifest.tables if table.extension is None), default=None
    )
    if first is not None:
        text = session.value(
            "SELECT pg_catalog.obj_description(%s::pg_catalog.regclass, 'pg_class')", [qualified(*first)]
        )
        session.script(_table_comment(*first, render_comment(text, replace(marks, environment=None))))


def _table_comment(schema: str, table: str, text: str | None) -> str:
    return f"COMMENT ON TABLE {qualified(schema, table)} IS {'NULL' if text is None else quote_literal(text)}"
