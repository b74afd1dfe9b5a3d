"""Fill a database with a shop of a given size, and say how long that took and what is in it.

    python tests/benchmarks/shop_scale.py URL --megabytes 1000

The database at URL must be empty.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

from datamask.db.session import Session, connect
from datamask.demo.shop import create_shop

# Partitions count as their root.
_TABLES = """
    select root::regclass::text, array_agg(class.oid::regclass::text)
    from pg_catalog.pg_class as class,
         lateral (select coalesce(pg_catalog.pg_partition_root(class.oid), class.oid) as root) as top
    where class.relkind = 'r' and class.relnamespace in ('public'::regnamespace, 'audit'::regnamespace)
    group by root
"""


@dataclass(frozen=True)
class ShopScale:
    """A generated shop.

    :param seconds: that generating it took, indexes and constraints included.
    :param copy_bytes: bytes of COPY text by table.
    :param database_bytes: size of the whole database on disk.
    """

    seconds: float
    copy_bytes: dict[str, int]
    database_bytes: int

    @property
    def total(self) -> int:
        """Bytes of COPY text of all tables."""
        return sum(self.copy_bytes.values())


def scale_shop(url: str, megabytes: float) -> ShopScale:
    """Create a shop of about that many megabytes of COPY text in the empty database at ``url``."""
    with connect(url, application_name="datamask-benchmark") as session:
        started = time.perf_counter()
        create_shop(session, megabytes=megabytes)
        seconds = time.perf_counter() - started
        # Neither vacuum nor checkpoint shall run into the measurement that follows.
        session.script("vacuum analyze")
        session.script("checkpoint")
        sizes = {
            root: sum(_copy_bytes(session, table) for table in tables)
            for root, tables in session.rows(_TABLES)
        }
        database_bytes = session.value("select pg_catalog.pg_database_size(current_database())")
    return ShopScale(seconds, sizes, database_bytes)


def _copy_bytes(session: Session, table: str) -> int:
    return sum(map(len, session.copy_out(f"copy (select * from only {table}) to stdout")))


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--megabytes", type=float, default=1000)
    arguments = parser.parse_args()
    shop = scale_shop(arguments.url, arguments.megabytes)
    for table, size in sorted(shop.copy_bytes.items(), key=lambda item: -item[1]):
        print(f"{size / 1e6:10.1f} MB {100 * size / shop.total:5.1f} %  {table}")
    print(
        f"{shop.total / 1e6:10.1f} MB of COPY text, {shop.database_bytes / 1e6:.1f} MB on disk, "
        f"made in {shop.seconds:.1f} s"
    )


if __name__ == "__main__":
    main()
