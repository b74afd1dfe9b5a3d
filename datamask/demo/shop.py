"""The demo's production database: a small web shop, and what a careless developer does to a copy of it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from datamask.errors import UsageError

if TYPE_CHECKING:
    from datamask.db.session import Session

# Measured: an order with its items, payment, views and its share of customers and tickets is 630 bytes of
# COPY text, 43 % of them in `orders`; tables have their least size from 200 orders on.
_ORDERS_PER_MEGABYTE = 1590
_LEAST_ORDERS = 200

_SCRIPTS = ("shop.sql", "shop_names.sql", "shop_rows.sql", "shop_keys.sql")


def create_shop(session: Session, *, megabytes: float = 5, seed: int = 1) -> None:
    """Create the shop in the session's database, in one transaction; the schema must not be there yet.

    The server computes every row from its number and the seed, so equal arguments give equal rows.
    (Statistics, object ids and the time of creation differ.)

    :param megabytes: about how much COPY text all tables hold together (10**6 bytes each).
    :param seed: another number gives other people and orders, in as many rows; not negative.
    :raises UsageError: where a parameter is out of range.
    :raises DatabaseError: where the database refuses, as it does when it already holds a shop.
    """
    if not (megabytes > 0 and 0 <= seed < 2**40):
        raise UsageError(
            "the shop needs a size above 0 MB and a seed from 0 to 2^40",
            hint="for the usual shop leave both out: 5 MB, seed 1",
        )
    orders = max(_LEAST_ORDERS, round(megabytes * _ORDERS_PER_MEGABYTE))
    with session.transaction():
        session.script(
            "set local search_path = public; set local client_min_messages = warning;"
            "set local work_mem = '64MB'; set local maintenance_work_mem = '256MB';"
            "set local synchronous_commit = off"
        )
        session.execute("select set_config('shop.orders', %s::text, true)", [orders])
        session.execute("select set_config('shop.seed', %s::text, true)", [seed])
        for script in _SCRIPTS:
            session.script(_script(script))


def spoil(session: Session) -> str:
    """Damage a copy of the shop as a careless afternoon does; gives one sentence that says what was done.

    :raises DatabaseError: where the database holds no shop, or one that is spoiled already.
    """
    with session.transaction():
        session.script("set local search_path = public; set local client_min_messages = warning")
        deleted = session.execute("delete from order_items where line_no > 1")
        session.execute("update products set price = 0.01")
        renamed = session.execute("update customers set last_name = 'Test' where id % 3 = 0")
        session.script(_script("spoil.sql"))
    return (
        f"deleted {deleted:,} order items, set every price to 0.01, renamed {renamed:,} customers to Test, "
        "dropped the table promotions and the column customers.phone, left junk rows and a table tmp_backup"
    )


def _script(name: str) -> str:
    return files("datamask.demo").joinpath(name).read_text(encoding="utf-8")
