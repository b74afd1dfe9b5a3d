"""Databases to try things on: real ones that live beside the repository, and the torture database."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from .programs import run_sql

_REPOSITORY = Path(__file__).parents[2]
TORTURE = _REPOSITORY / "fixtures" / "torture"

SAMPLES = ("adventureworks", "chinook", "northwind", "pagila")


def sample_data_dir() -> Path | None:
    """The folder of real databases: $DATAMASK_SAMPLE_DATA, else ../shared/data; None where it is missing."""
    folder = Path(os.environ.get("DATAMASK_SAMPLE_DATA") or _REPOSITORY.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def load_sample(name: str, url: str) -> None:
    """Fill the empty database at ``url`` with one of ``SAMPLES``.

    :raises FileNotFoundError: where there is no such sample.
    """
    folder = sample_data_dir()
    files = sorted((folder / name).glob("*.sql.gz")) if folder else []
    if not files:
        raise FileNotFoundError(f"no sample database {name!r} under {folder}")
    # One session for all files: a later one may rely on what an earlier one set.
    run_sql(url, b"".join(gzip.decompress(file.read_bytes()) for file in files))


def torture_extras(major: int) -> tuple[str, ...]:
    """The extra parts that every load must carry over whole, on a server of that major version."""
    return ("row_security", "postgres18") if major >= 18 else ("row_security",)


def load_torture(url: str, extras: tuple[str, ...] = ()) -> None:
    """Fill the empty database at ``url`` with the torture fixture.

    :param extras: names of files in ``fixtures/torture/extra``, without ``.sql``.
    """
    scripts = [*sorted(TORTURE.glob("*.sql")), *(TORTURE / "extra" / f"{name}.sql" for name in extras)]
    run_sql(url, *(script.read_bytes() for script in scripts))
