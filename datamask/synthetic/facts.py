"""What a generator needs of a schema beyond the catalog: the bounds of partitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from datamask.catalog.model import table_key
from datamask.db.session import Session


@dataclass(frozen=True)
class Facts:
    """Bounds of partitions.

    :param partitions: by the key of the topmost partitioned table, what each of its leaves demands of a row.
    """

    partitions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NO_FACTS = Facts()


def read_facts(session: Session) -> Facts:
    """Read them from the session's database; no row is read."""
    sql = (files("datamask.synthetic") / "partitions.sql").read_text("utf-8")
    found: dict[str, list[str]] = defaultdict(list)
    for schema, name, constraint in session.rows(sql):
        found[table_key(schema, name)].append(constraint or "true")
    return Facts({root: tuple(texts) for root, texts in found.items()})
