"""A database that a test may do anything to, and its address as libraries take it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from datamask.db.conninfo import conninfo_parts
from datamask.load.addresses import database_url


@dataclass(frozen=True, slots=True)
class MaskedDatabase:
    """A clone of an environment's golden.

    :param conninfo: libpq's connection string, for ``psycopg.connect``; it may hold a password, so it is not shown.
    :param name: the database's name.
    :param snapshot: the id of the snapshot that it holds.
    """

    conninfo: str = field(repr=False)
    name: str
    snapshot: str

    @property
    def url(self) -> str:
        """``postgresql://…``, for psycopg, asyncpg, libpq's programs and most of the rest."""
        return database_url(self.conninfo)

    def url_for(self, driver: str) -> str:
        """SQLAlchemy's URL for one of its drivers: ``psycopg``, ``asyncpg``, ``psycopg2``, ``pg8000``."""
        return urlsplit(self.url)._replace(scheme=f"postgresql+{driver}").geturl()

    @property
    def sqlalchemy_url(self) -> str:
        """For ``create_engine`` and ``create_async_engine`` alike: psycopg 3 does both."""
        return self.url_for("psycopg")

    @property
    def django(self) -> dict[str, str]:
        """For Django's ``DATABASES``."""
        parts = conninfo_parts(self.conninfo)
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
        found = {key: parts.get(part, "") for key, part in names.items()}
        return {"ENGINE": "django.db.backends.postgresql", **found}

    @property
    def variables(self) -> dict[str, str]:
        """``PGHOST`` and so on: for programs that are configured by libpq's variables, and by ``DATABASE_URL``."""
        parts = conninfo_parts(self.conninfo)
        names = {
            "PGDATABASE": "dbname",
            "PGUSER": "user",
            "PGPASSWORD": "password",
            "PGHOST": "host",
            "PGPORT": "port",
        }
        found = {name: parts[part] for name, part in names.items() if part in parts}
        return {**found, "DATABASE_URL": self.url}
