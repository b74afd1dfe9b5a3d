"""The contract between a policy's plan and the masking engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from datamask.catalog.model import ColumnType

JSONValue = str | int | float | bool | None | list["JSONValue"] | dict[str, "JSONValue"]


@dataclass(frozen=True, slots=True)
class ColumnMask:
    """One column's effective transform, ready to be bound to keys. Picklable.

    :param column: the column's name.
    :param transform: a name in the registry; never ``keep``.
    :param params: the transform's parameters, validated and with defaults filled in.
    :param domain: equal values in one domain become equal pseudonyms.
    :param type: the column's type.
    :param unique: the result must be injective (the column is under a unique key).
    """

    column: str
    transform: str
    type: ColumnType
    domain: str
    params: Mapping[str, JSONValue] = field(default_factory=dict)
    unique: bool = False
