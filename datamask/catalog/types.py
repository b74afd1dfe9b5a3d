"""Column types from ``pg_type`` rows: domains to their base, arrays to their elements (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datamask.catalog.model import ColumnType, TypeKind, table_key

# The header that PostgreSQL adds to a length or precision in a type modifier (VARHDRSZ).
_MODIFIER_HEADER = 4

_KINDS: dict[str, TypeKind] = {
    "text": "text", "varchar": "text", "bpchar": "text", "name": "text",
    "int2": "integer", "int4": "integer", "int8": "integer",
    "numeric": "numeric", "float4": "float", "float8": "float", "bool": "boolean",
    "date": "date", "time": "time", "timetz": "time", "timestamp": "timestamp", "timestamptz": "timestamp",
    "interval": "interval", "uuid": "uuid", "inet": "inet", "cidr": "inet", "json": "json", "jsonb": "json",
    "xml": "xml", "bytea": "bytea", "tsvector": "tsvector",
}  # fmt: skip

_KIND_BY_TYPTYPE: dict[str, TypeKind] = {"e": "enum", "c": "composite", "r": "range", "m": "range"}


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One row of ``pg_type``, as ``types.sql`` gives it."""

    oid: int
    schema: str
    name: str
    typtype: str
    category: str
    base: int
    modifier: int
    element: int
    not_null: bool

    @property
    def is_array(self) -> bool:
        """A true array; ``typelem`` alone also marks ``name`` and ``point``."""
        return self.category == "A" and self.element != 0


class TypeResolver:
    """Answers what a column of a type can hold."""

    def __init__(self, rows: Iterable[TypeRow], labels: Mapping[int, tuple[str, ...]]) -> None:
        self._rows = {row.oid: row for row in rows}
        self._labels = labels

    def resolve(self, oid: int, modifier: int, name: str) -> ColumnType:
        """The type of a column.

        :param modifier: ``atttypmod``, -1 for none.
        :param name: as ``format_type`` writes it.
        """
        row = self._rows[oid]
        domain = table_key(row.schema, row.name) if row.typtype == "d" else None
        row, modifier = self._undomained(row, modifier)
        kind = self._kind(row)
        inner, element = row, None
        if row.is_array:
            inner, modifier = self._undomained(self._rows[row.element], modifier)
            element = self._kind(inner)
        precision, scale = _precision(inner, modifier)
        return ColumnType(
            name=name,
            kind=kind,
            base=row.name,
            max_length=_max_length(inner, modifier),
            precision=precision,
            scale=scale,
            labels=self._labels.get(inner.oid, ()),
            domain=domain,
            element=element,
        )

    def domains(self, oid: int) -> list[int]:
        """The domain, and those that it is made of, outermost first; empty for other types."""
        chain = []
        row = self._rows[oid]
        while row.typtype == "d":
            chain.append(row.oid)
            row = self._rows[row.base]
        return chain

    def domain_not_null(self, oid: int) -> bool:
        """True where a domain refuses NULL, itself or by one that it is made of."""
        return any(self._rows[domain].not_null for domain in self.domains(oid))

    def _undomained(self, row: TypeRow, modifier: int) -> tuple[TypeRow, int]:
        while row.typtype == "d":
            if modifier == -1:
                modifier = row.modifier
            row = self._rows[row.base]
        return row, modifier

    def _kind(self, row: TypeRow) -> TypeKind:
        if row.is_array:
            return "array"
        if row.typtype in _KIND_BY_TYPTYPE:
            return _KIND_BY_TYPTYPE[row.typtype]
        if row.schema == "pg_catalog":
            return _KINDS.get(row.name, "other")
        # An extension's text type, such as citext, says so by its category.
        return "text" if row.category == "S" else "other"


def _max_length(row: TypeRow, modifier: int) -> int | None:
    if row.name in {"varchar", "bpchar"} and modifier >= _MODIFIER_HEADER:
        return modifier - _MODIFIER_HEADER
    return None


def _precision(row: TypeRow, modifier: int) -> tuple[int | None, int | None]:
    if row.name != "numeric" or modifier < _MODIFIER_HEADER:
        return None, None
    packed = modifier - _MODIFIER_HEADER
    # The scale is a signed number of 11 bits since PostgreSQL 15 (numeric.c, make_numeric_typmod).
    return packed >> 16 & 0xFFFF, ((packed & 0x7FF) ^ 0x400) - 0x400
