"""The contract between a policy's plan and the masking engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from datamask.catalog.model import ColumnType

JSONValue = str | int | float | bool | None | list["JSONValue"] | dict[str, "JSONValue"]

Preserved = Literal["null", "empty", "case", "length"]
"""What of a value its result may be made to share."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Which rows a mask is about; the others keep their value.

    :param sql: an expression over the row's columns, in the SQL of Polars.
    :param columns: the columns that it names, with their types.
    """

    sql: str
    columns: tuple[tuple[str, ColumnType], ...]


@dataclass(frozen=True, slots=True)
class ColumnMask:
    """One column's effective transform, ready to be bound to keys. Picklable.

    :param column: the column's name.
    :param transform: a name in the registry; never ``keep``.
    :param params: the transform's parameters, validated and with defaults filled in.
    :param domain: equal values in one domain become equal pseudonyms.
    :param type: the column's type.
    :param unique: the result must be injective (the column is under a unique key).
    :param when: the rows that are masked; None for all.
    :param exceptions: patterns of values that stay as they are, as ``datamask.masking.exceptions`` reads them.
    :param preserve: what the results share with their values.
    """

    column: str
    transform: str
    type: ColumnType
    domain: str
    params: Mapping[str, JSONValue] = field(default_factory=dict)
    unique: bool = False
    when: Condition | None = None
    exceptions: tuple[str, ...] = ()
    preserve: tuple[Preserved, ...] = ()

    @property
    def selective(self) -> bool:
        """True where some values may stay as they are."""
        return self.when is not None or bool(self.exceptions)

    @property
    def beside(self) -> str:
        """What stands beside the transform, in words; empty where there is nothing."""
        said = [f"when {self.when.sql}"] if self.when is not None else []
        if self.exceptions:
            count = len(self.exceptions)
            said.append(f"with {count} exception{'s' if count > 1 else ''}")
        if self.preserve:
            said.append(f"preserving {', '.join(self.preserve)}")
        return ", ".join(said)

    @property
    def nulls_everything(self) -> bool:
        """True where nothing but NULL is left of the column."""
        return self.transform == "null" and not self.selective and "empty" not in self.preserve
