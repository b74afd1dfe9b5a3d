"""The demo's production database, on the demo's own embedded server."""

from __future__ import annotations

from dataclasses import dataclass

from datamask.db.conninfo import with_database
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.demo.shop import create_shop
from datamask.load.names import BUILDING_PREFIX, GOLDEN_PREFIX
from datamask.load.server import open_server

DATABASE = "shop_production"

_PREFIXES = ("shop_", GOLDEN_PREFIX, BUILDING_PREFIX)

# What a release that nobody announced adds on a Tuesday night.
_NEW_COLUMN = """\
alter table public.customers add column emergency_contact text;
update public.customers set emergency_contact = last_name || ' ' || phone where id % 10 = 0;
"""


@dataclass(frozen=True, slots=True)
class Production:
    """What was made.

    :param bytes: the database's size on disk.
    """

    conninfo: str
    customers: int
    orders: int
    bytes: int


def create_production(server: EmbeddedServer, *, megabytes: float) -> Production:
    """A new shop, in place of all that an earlier demo left on the server.

    :param megabytes: of COPY text, about.
    """
    _drop_earlier(server)
    conninfo = server.ensure_database(DATABASE)
    with connect(conninfo) as session:
        create_shop(session, megabytes=megabytes)
        customers, orders, size = session.rows(
            "SELECT (SELECT count(*) FROM public.customers), (SELECT count(*) FROM public.orders),"
            " pg_catalog.pg_database_size(pg_catalog.current_database())"
        )[0]
    return Production(conninfo, customers, orders, size)


def release_new_column(conninfo: str) -> str:
    """Let production get a column that no classification knows yet; its name."""
    with connect(conninfo) as session:
        session.script(_NEW_COLUMN)
    return "public.customers.emergency_contact"


def _drop_earlier(server: EmbeddedServer) -> None:
    # Whatever an earlier demo still does in the background ends with its connections.
    server.stop()
    with open_server(with_database(server.ensure_running(), DATABASE)) as databases:
        for name in databases.databases():
            if name.startswith(_PREFIXES):
                databases.drop(name)
