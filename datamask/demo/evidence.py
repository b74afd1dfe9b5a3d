"""The demo's own measurements: what is left of production in a copy, and what a reset brings back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from datamask.catalog.introspect import introspect
from datamask.db.quoting import qualified
from datamask.db.session import Session, connect

# What follows the at sign of an address, also of one that stands in a URL.
_MAIL_DOMAIN = re.compile(rb"(?:@|%40)([a-z0-9-]+(?:\.[a-z0-9-]+)+)")

_MEASURES = {
    "order items": "SELECT pg_catalog.to_char(count(*), 'FM999,999,999') FROM public.order_items",
    "cheapest product": "SELECT min(price)::text FROM public.products",
    "customers called Test": "SELECT pg_catalog.to_char(count(*), 'FM999,999,999') FROM public.customers"
    " WHERE last_name = 'Test'",
    "columns of customers": "SELECT count(*)::text FROM information_schema.columns"
    " WHERE (table_schema, table_name) = ('public', 'customers')",
    "promotions": "SELECT CASE WHEN pg_catalog.to_regclass('public.promotions') IS NULL THEN 'gone' ELSE 'there' END",
    "tmp_backup": "SELECT CASE WHEN pg_catalog.to_regclass('public.tmp_backup') IS NULL THEN '–' ELSE 'there' END",
}


def mail_domains(conninfo: str) -> frozenset[bytes]:
    """The mail domains of a shop's customers."""
    with connect(conninfo, read_only=True) as session:
        rows = session.rows(
            "SELECT DISTINCT pg_catalog.lower(pg_catalog.split_part(email, '@', 2)) FROM public.customers"
        )
    return frozenset(domain.encode() for (domain,) in rows)


def count_addresses(conninfo: str, domains: frozenset[bytes]) -> int:
    """How often an e-mail address at one of the domains stands anywhere in a database.

    Looks into every column of every table and materialized view: inside text, URLs, JSON, arrays, search
    vectors.
    """
    with connect(conninfo, read_only=True) as session:
        return sum(
            domain in domains
            for block in _everything(session)
            for domain in _MAIL_DOMAIN.findall(block.lower())
        )


def measure(conninfo: str) -> dict[str, str]:
    """A few figures by which a spoiled shop shows."""
    with connect(conninfo, read_only=True) as session:
        return {name: str(session.value(sql)) for name, sql in _MEASURES.items()}


def _everything(session: Session) -> Iterator[bytes]:
    catalog = introspect(session)
    # A partitioned table gives the rows of its partitions.
    names = [(table.schema, table.name) for table in catalog.tables if table.parent is None]
    names += [(view.schema, view.name) for view in catalog.materialized_views]
    for schema, name in names:
        yield from session.copy_out(f"COPY (TABLE {qualified(schema, name)}) TO STDOUT")
