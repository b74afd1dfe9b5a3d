"""A transform on a type, as the laws are tried on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from datamask.catalog.model import ColumnType
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get
from datamask.masking.transform import Laws

TEXT = ColumnType("text", "text", "text")
CHAR = ColumnType("character(12)", "text", "bpchar", 12)
SMALLINT = ColumnType("smallint", "integer", "int2")
INTEGER = ColumnType("integer", "integer", "int4")
BIGINT = ColumnType("bigint", "integer", "int8")
NUMERIC = ColumnType("numeric", "numeric", "numeric")
MONEY = ColumnType("numeric(10,2)", "numeric", "numeric", precision=10, scale=2)
FLOAT4 = ColumnType("real", "float", "float4")
FLOAT8 = ColumnType("double precision", "float", "float8")
DATE = ColumnType("date", "date", "date")
TIMESTAMP = ColumnType("timestamp without time zone", "timestamp", "timestamp")
TIMESTAMPTZ = ColumnType("timestamp with time zone", "timestamp", "timestamptz")
UUID = ColumnType("uuid", "uuid", "uuid")
INET = ColumnType("inet", "inet", "inet")
CIDR = ColumnType("cidr", "inet", "cidr")
JSONB = ColumnType("jsonb", "json", "jsonb")
BYTEA = ColumnType("bytea", "bytea", "bytea")
TEXTS = ColumnType("text[]", "array", "text", element="text")


@dataclass(frozen=True)
class Case:
    """A transform with parameters on a type.

    :param keyed: another key gives another result.
    :param many: distinct values as the transform is made for, as many as asked for or there are; None for
        those of its type.
    :param odd: corner cases to try beside those of its type.
    :param stays: it is in the nature of the transform that many values stay as they are.
    """

    transform: str
    type: ColumnType
    params: dict[str, object] = field(default_factory=dict)
    keyed: bool = True
    many: Callable[[int], list[str]] | None = None
    odd: tuple[str, ...] = ()
    stays: bool = False

    @property
    def checked(self) -> dict[str, object]:
        return get(self.transform).validate(self.params)

    @property
    def laws(self) -> Laws:
        return get(self.transform).laws(self.checked, self.type, False)

    def mask(self, domain: str = "d") -> ColumnMask:
        return ColumnMask("value", self.transform, self.type, domain, self.checked)

    def __str__(self) -> str:
        return f"{self.transform}-{self.type.name}-{self.params}"


def varchar(length: int) -> ColumnType:
    return ColumnType(f"character varying({length})", "text", "varchar", length)
