"""Random small databases with rows that meet all of their keys, policies for them, and what masking makes of the rows."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

from datamask.catalog.model import Catalog, Column, ForeignKey, Table, UniqueKey
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.policy.compile import compile_policy
from datamask.policy.plan import Plan

from .policies import catalog, classified, column, policy

KEY = MaskingKey(bytes(range(32)))

TEXTS = ("", "a", "A", "ada", "ada@web.example", "Bob Ray", "0171 5550", "z9", "ünï")
UUIDS = tuple(f"{number:08x}-0000-4000-8000-000000000000" for number in range(1, 7))
VALUES = {
    "text": TEXTS,
    "varchar(30)": TEXTS,
    "varchar(16)": TEXTS,
    "int": ("-1", "0", "1", "2", "7", "40000", "2147483647"),
    "bigint": ("-1", "0", "1", "2", "7", "40000", "2147483647"),
    "uuid": UUIDS,
    "date": ("1999-12-31", "2000-01-01", "2000-01-02", "2024-02-29"),
}
# What a foreign key may join: equal values, types of different width.
FAMILIES = (("text", "varchar(30)", "varchar(16)"), ("int", "bigint"), ("uuid",), ("date",))
CLASSES = (
    "key", "public", "person.email", "person.name", "person.phone", "person.username", "free_text", "credential.token",
)  # fmt: skip
RULES = (
    "keep", "hash", "email", "full_name", "'null'", "[full_name, hash]", "auto", "key", "ff1", "uuid", "redact",
    "{shift_date: {within: 9d}}", "username", "{hash: {}, domain: shared}",
)  # fmt: skip

Row = dict[str, str | None]


@dataclass
class Rows:
    """A database with rows that meet all of its keys; rows by the table that stores them."""

    tables: list[Table] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def of(self, table: Table) -> list[Row]:
        """Rows of a table and of its partitions."""
        parts = [one.key for one in self.tables if one.key == table.key or one.root == table.key]
        return [row for part in parts for row in self.rows.get(part, [])]


def violates(rows: Sequence[Row], key: UniqueKey) -> bool:
    seen = set()
    for row in rows:
        values = tuple(row[name] for name in key.columns)
        if key.nulls_distinct and None in values:
            continue
        if values in seen:
            return True
        seen.add(values)
    return False


def dangling(rows: Sequence[Row], referenced: Sequence[Row], key: ForeignKey) -> bool:
    known = {tuple(row[name] for name in key.referenced_columns) for row in referenced}
    for row in rows:
        values = tuple(row[name] for name in key.columns)
        if None in values:
            if key.match_full and values != (None,) * len(values):
                return True
            continue
        if values not in known:
            return True
    return False


@st.composite
def databases(draw: st.DrawFn) -> Rows:
    made = Rows()
    for number in range(draw(st.integers(1, 3))):
        add_table(draw, made, f"t{number}")
    add_circle(draw, made)
    return made


def add_table(draw: st.DrawFn, made: Rows, name: str) -> None:
    types = {f"c{at}": draw(st.sampled_from(tuple(VALUES))) for at in range(draw(st.integers(1, 3)))}
    foreign = []
    targets = [
        (one, key)
        for one in made.tables
        if one.root is None
        for key in one.unique_keys
        if key.kind in {"primary", "index"} and not key.partial
    ]
    for at in range(draw(st.integers(0, 2)) if targets else 0):
        target, key = draw(st.sampled_from(targets))
        columns = []
        for position, there in enumerate(key.columns):
            kind = target.column(there).type.name
            family = next(family for family in FAMILIES if kind in family)
            columns.append(f"f{at}_{position}")
            types[columns[-1]] = draw(st.sampled_from(family))
        full = len(columns) > 1 and draw(st.booleans())
        foreign.append(ForeignKey(f"{name}_f{at}", tuple(columns), target.key, key.columns, match_full=full))
    columns = [
        column(f"{one} {kind}{' not null' if draw(st.booleans()) and one[0] == 'c' else ''}", at)
        for at, (one, kind) in enumerate(types.items(), 1)
    ]
    keys = tuple(
        UniqueKey(
            f"{name}_u{at}",
            tuple(draw(st.lists(st.sampled_from(tuple(types)), min_size=1, max_size=3, unique=True))),
            "index",
            nulls_distinct=draw(st.booleans()),
        )
        for at in range(draw(st.integers(0, 3)))
    )
    table = Table("public", name, tuple(columns), unique_keys=keys, foreign_keys=tuple(foreign))
    parts = [table]
    if draw(st.integers(0, 3)) == 0:
        root = replace(table, kind="partitioned", partition_key=(table.columns[0].name,))
        parts = [
            replace(table, name=f"{name}_p{at}", parent=table.key, root=table.key, foreign_keys=())
            for at in range(2)
        ]
        made.tables.append(root)
        table = root
    made.tables += parts
    made.rows |= {part.key: [] for part in parts}
    for _ in range(draw(st.integers(0, 8))):
        row = draw_row(draw, made, table)
        everything = [*made.of(table), row]
        if not any(violates(everything, key) for key in keys):
            made.rows[draw(st.sampled_from(parts)).key].append(row)


def draw_row(draw: st.DrawFn, made: Rows, table: Table) -> Row:
    row: Row = {}
    for one in table.columns:
        values = VALUES[one.type.name]
        if one.type.max_length:
            values = tuple(value for value in values if len(value) <= one.type.max_length)
        row[one.name] = draw(st.sampled_from(values if one.not_null else (*values, None)))
    for key in table.foreign_keys:
        target = next(one for one in made.tables if one.key == key.referenced_table)
        complete = [
            found
            for found in made.of(target)
            if all(found[name] is not None for name in key.referenced_columns)
        ]
        chosen = draw(st.sampled_from((*complete, None)))
        for here, there in zip(key.columns, key.referenced_columns, strict=True):
            row[here] = chosen[there] if chosen else None
    return row


def add_circle(draw: st.DrawFn, made: Rows) -> None:
    """A foreign key from the first table to one that came later, or to itself."""
    plain = [one for one in made.tables if one.kind == "table" and one.root is None]
    targets = [(one, key) for one in plain for key in one.unique_keys if len(key.columns) == 1]
    if not targets or not draw(st.booleans()):
        return
    first = plain[0]
    target, key = draw(st.sampled_from(targets))
    kind = target.column(key.columns[0]).type
    known = [row[key.columns[0]] for row in made.rows[target.key] if row[key.columns[0]] is not None]
    edge = ForeignKey("circle", ("circle",), target.key, key.columns)
    for row in made.rows[first.key]:
        row["circle"] = draw(st.sampled_from((*known, None)))
    columns = (*first.columns, Column("circle", kind, len(first.columns) + 1))
    made.tables[made.tables.index(first)] = replace(
        first, columns=columns, foreign_keys=(*first.foreign_keys, edge)
    )


@st.composite
def compiled(draw: st.DrawFn) -> tuple[Rows, Catalog, Plan]:
    made = draw(databases())
    database = catalog(*made.tables)
    logical = [one for one in made.tables if one.root is None]
    classes = {
        one.name: {listed.name: draw(st.sampled_from(CLASSES)) for listed in one.columns} for one in logical
    }
    refs = [(one.name, listed.name) for one in logical for listed in one.columns]
    rules = draw(st.dictionaries(st.sampled_from(refs), st.sampled_from(RULES), max_size=3))
    text = ""
    if rules:
        text += "columns:\n" + "".join(
            f"  public.{one}.{two}: {rule}\n" for (one, two), rule in rules.items()
        )
    emptied = draw(st.lists(st.sampled_from([one.name for one in logical]), max_size=1))
    if emptied:
        text += "tables:\n" + "".join(f"  public.{one}: {{rows: none}}\n" for one in emptied)
    with tempfile.TemporaryDirectory() as folder:
        written = policy(Path(folder), text)
    return made, database, compile_policy(written, classified(classes), database)


def masked(made: Rows, plan: Plan) -> Rows:
    result = Rows(made.tables)
    for key, rows in made.rows.items():
        planned = plan.by_table[key]
        if planned.rows == "none" or not rows:
            result.rows[key] = []
            continue
        frame = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))
        result.rows[key] = (Masker(planned.masks, KEY).mask(frame) if planned.masks else frame).to_dicts()
    return result


def by_key(tables: Sequence[Table]) -> Mapping[str, Table]:
    return {one.key: one for one in tables}
