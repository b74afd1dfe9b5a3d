"""Columns labelled by hand, and how well discovery does on them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from datamask.catalog.model import Catalog, Column, ColumnType, Table, TypeKind
from datamask.classify.classes import CLASSES
from datamask.classify.discover import Proposals

LABELS = Path(__file__).parents[1] / "discovery" / "labels"


class Label(NamedTuple):
    """What one column holds.

    :param table: ``schema.table``.
    :param kind: of its values, where the labels say it.
    :param data_class: of a personal column where the labels say it.
    """

    table: str
    column: str
    kind: TypeKind
    personal: bool
    data_class: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Score:
    """Personal or not: what was found, what was missed, what was taken for personal and is not."""

    hits: tuple[str, ...]
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    same_class: int

    @property
    def recall(self) -> float:
        """The part of the personal columns that was found."""
        return len(self.hits) / max(1, len(self.hits) + len(self.missed))

    @property
    def precision(self) -> float:
        """The part of what was found that is personal."""
        return len(self.hits) / max(1, len(self.hits) + len(self.wrong))

    @property
    def class_share(self) -> float:
        """The part of the hits whose class is the labelled one."""
        return self.same_class / max(1, len(self.hits))

    def __add__(self, other: Score) -> Score:
        return Score(
            self.hits + other.hits,
            self.missed + other.missed,
            self.wrong + other.wrong,
            self.same_class + other.same_class,
        )

    def __str__(self) -> str:
        return (
            f"recall {self.recall:.3f}  precision {self.precision:.3f}  class {self.class_share:.2f}  "
            f"(personal {len(self.hits) + len(self.missed)}, missed {len(self.missed)}, wrong {len(self.wrong)})"
        )


def score(labels: Iterable[Label], proposals: Proposals) -> Score:
    """Compare; a column that discovery leaves out counts as not personal."""
    hits, missed, wrong = [], [], []
    same = 0
    for label in labels:
        proposal = proposals.by_column.get((label.table, label.column))
        found = proposal is not None and CLASSES[proposal.data_class].personal
        name = f"{label.table}.{label.column} ({proposal.data_class if proposal else 'left out'})"
        if found and label.personal:
            hits.append(name)
            same += proposal is not None and proposal.data_class == label.data_class
        elif label.personal:
            missed.append(name)
        elif found:
            wrong.append(name)
    return Score(tuple(hits), tuple(missed), tuple(wrong), same)


def database_labels(name: str) -> list[Label]:
    """The hand labels of a sample database."""
    return [
        Label(row["table"], row["column"], "text", row["personal"] == "yes", _class(row["class"]))
        for row in _rows(LABELS / f"{name}.tsv")
    ]


def schema_labels(split: str) -> list[Label]:
    """The invented schemas in eight languages; ``dev`` was looked at while tuning, ``holdout`` was not."""
    return [
        Label(
            f"{row['schema']}.{row['table']}",
            row["column"],
            _KINDS[row["type"]],
            row["personal"] == "yes",
            _class(row["class"]),
        )
        for row in _rows(LABELS / "schemas.tsv")
        if row["split"] == split
    ]


def names_only(labels: Iterable[Label]) -> Catalog:
    """A catalog of the labelled columns: names and types, no key and no row."""
    tables: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        tables[label.table].append(label)
    return Catalog(
        "labels", 1, 180000, "UTF8", "C", tuple(_table(key, found) for key, found in tables.items())
    )


def _table(key: str, labels: list[Label]) -> Table:
    schema, _, name = key.partition(".")
    columns = tuple(
        Column(
            label.column,
            ColumnType(label.kind, label.kind, _BASES.get(label.kind, label.kind)),
            place,
            comment=label.comment,
        )
        for place, label in enumerate(labels, 1)
    )
    return Table(schema, name, columns)


def _rows(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _class(text: str) -> str | None:
    return None if text == "-" else text


_BASES = {"integer": "int4", "float": "float8"}
_KINDS: dict[str, TypeKind] = {
    "text": "text",
    "char": "text",
    "integer": "integer",
    "numeric": "numeric",
    "float": "float",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "boolean": "boolean",
    "json": "json",
    "uuid": "uuid",
    "inet": "inet",
}


def noisy_labels(name: str, folder: Path) -> list[Label]:
    """Labels of others, made from names alone for purposes of their own: ``fides`` or ``dfe``.

    :param folder: where the files are.
    """
    return [_NOISY[name](row) for row in _rows(folder / f"{name}.tsv")]


def _fides(row: Mapping[str, str]) -> Label:
    *around, column = row["field"].split(".")
    table = f"{row['dataset']}.{'_'.join((row['collection'], *around))}"
    return Label(table, column, "text", row["personal"] == "1")


def _dfe(row: Mapping[str, str]) -> Label:
    kinds = (found for start, found in _SQL_KINDS.items() if row["type"].startswith(start))
    kind: TypeKind = next(kinds, "text")
    personal = row["label"] == "pii"
    return Label(
        f"{row['app']}.{row['table']}", row["column"], kind, personal, comment=row["comment"] or None
    )


_NOISY = {"fides": _fides, "dfe": _dfe}
_SQL_KINDS: dict[str, TypeKind] = {
    "bigint": "integer",
    "integer": "integer",
    "smallint": "integer",
    "numeric": "numeric",
    "double": "float",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "json": "json",
    "uuid": "uuid",
    "inet": "inet",
    "bytea": "bytea",
}


def without_names(catalog: Catalog) -> tuple[Catalog, dict[tuple[str, str], str]]:
    """The catalog with every column called ``c1``, ``c2``… and every table ``t1``, ``t2``…, without comments.

    :returns: with the new ``table.column`` of each old table and column.
    """
    keys = {table.key: f"{table.schema}.t{number}" for number, table in enumerate(catalog.tables, 1)}
    places = {
        (table.key, column.name): f"c{place}"
        for table in catalog.tables
        for place, column in enumerate(table.columns, 1)
    }

    def renamed(key: str, columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(places[key, name] for name in columns)

    tables = tuple(
        replace(
            table,
            name=keys[table.key].partition(".")[2],
            columns=tuple(
                replace(column, name=places[table.key, column.name], comment=None, default=None)
                for column in table.columns
            ),
            unique_keys=tuple(
                replace(key, columns=renamed(table.key, key.columns), expression_columns=())
                for key in table.unique_keys
            ),
            foreign_keys=tuple(
                replace(
                    key,
                    columns=renamed(table.key, key.columns),
                    referenced_table=keys[key.referenced_table],
                    referenced_columns=renamed(key.referenced_table, key.referenced_columns),
                )
                for key in table.foreign_keys
            ),
            checks=(),
            parent=keys.get(table.parent or ""),
            root=keys.get(table.root or ""),
            partition_key=(),
        )
        for table in catalog.tables
    )
    return replace(catalog, tables=tables), {ref: f"{keys[ref[0]]}.{place}" for ref, place in places.items()}
