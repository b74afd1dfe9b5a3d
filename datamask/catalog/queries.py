"""The catalog's SQL: static, one named file a question."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of ``sql/NAME.sql``."""
    return (files("datamask.catalog") / "sql" / f"{name}.sql").read_text("utf-8")
