"""What a transform is: what it takes, what it gives, its laws, and how it is bound to a column."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import polars as pl

from datamask.catalog.model import ColumnType, TypeKind
from datamask.masking.keys import MaskingKey
from datamask.masking.literals import INTEGER_LIMITS
from datamask.masking.model import ColumnMask, JSONValue
from datamask.masking.params import Param, check_params
from datamask.masking.prf import Prf

MaskFunction = Callable[[pl.Series, Mapping[str, pl.Series]], pl.Series]
"""Values (String, without nulls) and the row's other columns that it needs → masked values (String)."""

INJECTIVE_BITS = 60
"""A keyed hash of that many bits counts as injective: 10 million values collide with a chance of 1 : 23,000."""


@dataclass(frozen=True, slots=True)
class Laws:
    """What holds for every result of a transform with given parameters on a given type.

    :param injective: distinct values give distinct results; where ``collision_bits`` is set, up to that.
    :param nulls: ``kept``: NULL stays NULL and nothing else becomes NULL. ``made``: everything
        becomes NULL. ``filled``: nothing is NULL. ``mixed``: values may become NULL, or NULL a value.
    :param max_length: characters of the longest result; None where there is no bound, or no text.
    :param reversible: the key holder can compute the original.
    :param copy_safe: no result holds a tab, newline, carriage return or backslash, whatever the value.
    :param collision_bits: the size of the keyed hash that distinguishes results; None for a permutation,
        or where ``injective`` is False.
    """

    injective: bool = False
    nulls: Literal["kept", "made", "filled", "mixed"] = "kept"
    max_length: int | None = None
    reversible: bool = False
    copy_safe: bool = True
    collision_bits: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What laws are asked about: checked parameters and the column's type."""

    params: Mapping[str, JSONValue]
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Binding:
    """A column's mask together with the key: what a transform is bound to."""

    mask: ColumnMask
    key: MaskingKey

    @property
    def params(self) -> Mapping[str, JSONValue]:
        """The mask's parameters."""
        return self.mask.params

    def subkey(self, purpose: str) -> bytes:
        """32 bytes for one purpose in the column's domain."""
        return self.key.derive(purpose, self.mask.domain)

    def prf(self, purpose: str) -> Prf:
        """The pseudo-random function for one purpose in the column's domain."""
        return Prf(self.subkey(purpose))


class Transform(ABC):
    """A masking function. Stateless; one instance stands in the registry.

    A subclass's function is elementwise: a result depends on its value (and the row's columns named by
    :meth:`needs`), the parameters, the domain and the key, never on a row's position. NULL and the
    empty string stay as they are (the engine sees to it) unless ``replaces_empty``.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()
    kinds: ClassVar[frozenset[TypeKind] | None] = None
    """The kinds of types that it takes; None for all."""
    shared_domain: ClassVar[str | None] = None
    """The domain of its columns where their rules name none: for transforms whose columns belong together."""
    replaces_empty: ClassVar[bool] = False
    """The function gets NULL and the empty string too, and its result is taken as it is."""
    source_side: ClassVar[bool] = False
    """The server that a table is read from masks the column, by :meth:`source_expression`."""
    cost: ClassVar[int] = 100
    """Nanoseconds that masking a value takes, about: decides whether masking a dictionary pays."""

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """The parameters in their normal form, with defaults.

        :raises PolicyError: names the parameter, and the nearest right name of an unknown one.
        """
        return check_params(self.name, self.params, params)

    def accepts(self, column_type: ColumnType) -> str | None:
        """Why it does not take columns of that type; None where it does."""
        if self.kinds is None or column_type.kind in self.kinds:
            return None
        if self.elementwise(column_type):
            element = element_type(column_type)
            if element.kind == "integer" and element.base not in INTEGER_LIMITS:
                return f"{self.name} takes arrays of smallint, integer and bigint, not of a domain ({column_type.name})"
            if self.accepts(element) is None:
                return None
        return f"{self.name} takes {_listed(self.kinds)}, not {column_type.name}"

    def laws(self, params: Mapping[str, JSONValue], column_type: ColumnType, unique: bool) -> Laws:  # noqa: ARG002
        """What holds for the results.

        :param params: as :meth:`validate` returned them.
        :param column_type: one that it accepts; of an array, the laws are about the elements.
        :param unique: the column is under a unique key. No result depends on it, so that columns of
            one domain agree whether they are unique or not.
        :raises PolicyError: the parameters make no sense for the type.
        """
        if self.elementwise(column_type):
            # Quotes inside of elements are written with a backslash.
            return replace(self.column_laws(Case(params, element_type(column_type))), copy_safe=False)
        return self.column_laws(Case(params, column_type))

    def elementwise(self, column_type: ColumnType) -> bool:
        """Whether it masks the elements of such a column, and not the array."""
        return column_type.kind == "array" and self.kinds is not None and "array" not in self.kinds

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:  # noqa: ARG002
        """Other columns of the row that the results depend on."""
        return ()

    def source_expression(self, params: Mapping[str, JSONValue]) -> str:
        """The SQL that the source reads instead of the column; of ``source_side`` transforms only."""
        raise NotImplementedError(f"{self.name} has no expression for the source")

    def reads_masked(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:  # noqa: ARG002
        """Other columns of the row whose masked values, never the originals, are part of the results."""
        return ()

    def outcomes(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:  # noqa: ARG002
        """All the results that there can be, where they are few and known beforehand; else none."""
        return ()

    @abstractmethod
    def column_laws(self, case: Case) -> Laws:
        """As :meth:`laws`, for a type that is no array."""

    @abstractmethod
    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column.

        :raises PolicyError: what the parameters name does not exist.
        """


def element_type(array: ColumnType) -> ColumnType:
    """The type of an array's elements, as far as it is known."""
    return replace(
        array,
        kind=array.element or "other",
        element=None,
        name=array.name.removesuffix("[]"),
        # pg_type calls the array of a type by its name behind an underscore.
        base=array.base.removeprefix("_"),
    )


def _listed(kinds: frozenset[TypeKind]) -> str:
    *others, last = sorted(kinds)
    return f"{', '.join(others)} and {last} columns" if others else f"{last} columns"
