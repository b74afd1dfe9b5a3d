"""What a masking function of one's own is made with: ``masking_function`` and ``Context``.

.. code-block:: python

    import polars as pl
    from datamask.masking.own_functions import Context, masking_function

    @masking_function(max_length=8)
    def loyalty(values: pl.Series, context: Context) -> pl.Series:
        return "L-" + context.token(values, 6)
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from datamask.catalog.model import ColumnType, TypeKind
from datamask.errors import PolicyError
from datamask.masking.model import JSONValue
from datamask.masking.params import Param
from datamask.masking.text import Words, strings
from datamask.masking.tokens import pick, token
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_TOKEN_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Context:
    """What a masking function may use beside the values: its parameters, keyed randomness, the row.

    :param params: as the policy has them.
    :param type: the column's.
    :param row: the columns that the function ``needs``, String, as they are before masking.
    """

    params: Mapping[str, JSONValue]
    type: ColumnType
    row: Mapping[str, pl.Series]
    _binding: Binding = field(repr=False)

    def tags(self, values: pl.Series, purpose: str = "") -> Words:
        """128 keyed bits for every value (AES-CMAC): n × 2 words; the same for equal values, in all tables.

        :param values: String, without nulls.
        :param purpose: tags of different purposes have nothing to do with each other.
        """
        return self._binding.prf(f"own {purpose}").wide(values)

    def pick(self, values: pl.Series, size: int, purpose: str = "") -> pl.Series:
        """A whole number from 0 to ``size`` - 1 for every value, UInt32."""
        return pl.Series(values=pick(self.tags(values, purpose)[:, 0], size))

    def token(self, values: pl.Series, length: int, purpose: str = "") -> pl.Series:
        """A text of ``length`` (1 to 16) letters a to z and digits 2 to 7 for every value: 5 bits each."""
        if not 1 <= length <= _TOKEN_CHARACTERS:
            raise ValueError(f"a token has 1 to {_TOKEN_CHARACTERS} characters")
        return strings(token(self.tags(values, purpose), length))


Function = Callable[[pl.Series, Context], pl.Series]
"""Values (String, neither NULL nor '') and their context → as many masked values (String)."""


@dataclass(frozen=True, slots=True)
class OwnFunction:
    """A masking function with its declared laws."""

    function: Function
    laws: Laws
    kinds: frozenset[TypeKind]
    needs: tuple[str, ...]

    @property
    def name(self) -> str:
        """The function's own name."""
        return getattr(self.function, "__name__", "function")

    def refused(self, column_type: ColumnType) -> str | None:
        """Why it does not take columns of that type; None where it does."""
        if column_type.kind in self.kinds:
            return None
        return f"{self.name} takes {', '.join(sorted(self.kinds))} columns, not {column_type.name}"


def masking_function(
    *,
    injective: bool = False,
    nulls: Literal["kept", "mixed"] = "kept",
    max_length: int | None = None,
    copy_safe: bool = False,
    collision_bits: int | None = None,
    kinds: Sequence[TypeKind] = ("text",),
    needs: Sequence[str] = (),
) -> Callable[[Function], OwnFunction]:
    """Make a function of a Series and a ``Context`` a masking function.

    It must be elementwise: a result depends on its own value, the parameters and the context's keyed bits, never on its
    place or on other values. ``datamask transform test`` tries that, and what is declared here:

    :param injective: different values give different results.
    :param nulls: ``kept``: no result is NULL; ``mixed``: some may be.
    :param max_length: characters of the longest result.
    :param copy_safe: no result holds a tab, newline, carriage return or backslash.
    :param collision_bits: where ``injective`` rests on a keyed hash, its size in bits.
    :param kinds: the kinds of column types that it takes; values of all of them come as text.
    :param needs: other columns of the row that it reads.
    """
    laws = Laws(
        injective=injective,
        nulls=nulls,
        max_length=max_length,
        copy_safe=copy_safe,
        collision_bits=collision_bits if injective else None,
    )

    def made(function: Function) -> OwnFunction:
        return OwnFunction(function, laws, frozenset(kinds), tuple(needs))

    return made


def bind_own(own: OwnFunction, binding: Binding, params: Mapping[str, JSONValue], place: str) -> MaskFunction:
    """The function as the engine calls it, held to what it declares.

    :param place: the file or package that it is from, for messages.
    """
    name = f"{place}: {own.name}"

    def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        filled = values.str.len_bytes() > 0
        if filled.all():
            return of_texts(values, row)
        # The engine lets '' stand for NULL, and puts both back where they were.
        texts = of_texts(values.filter(filled), {name: other.filter(filled) for name, other in row.items()})
        return values.clone().scatter(filled.arg_true(), texts)

    def of_texts(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        context = Context(params, binding.mask.type, row, binding)
        try:
            result = own.function(values, context)
        except Exception as error:
            # Its text may quote a value; its kind and its line cannot.
            raise PolicyError(f"{name} failed: {type(error).__name__}{_line(error, own)}") from None
        return _held(result, values.len(), own.laws, name)

    return masked


def _held(result: object, count: int, laws: Laws, name: str) -> pl.Series:
    if not isinstance(result, pl.Series):
        raise PolicyError(f"{name} gave a {type(result).__name__} instead of a Polars Series")
    if result.len() != count:
        raise PolicyError(f"{name} gave {result.len()} results for {count} values")
    if result.dtype != pl.String:
        raise PolicyError(f"{name} gave {result.dtype} instead of String")
    if laws.nulls == "kept" and result.null_count():
        raise PolicyError(f"{name} made NULL, which it declares not to", hint="declare nulls='mixed'")
    longest = result.str.len_chars().max() if laws.max_length is not None else None
    if isinstance(longest, int) and laws.max_length is not None and longest > laws.max_length:
        raise PolicyError(f"{name} gave {longest} characters, and declares {laws.max_length} at most")
    return result


def _line(error: Exception, own: OwnFunction) -> str:
    """Where in the function's own file it failed."""
    code = getattr(own.function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if code is not None and frame.filename == code.co_filename]
    return f" in line {lines[-1]}" if lines else ""


def function_transform(name: str, own: OwnFunction) -> Transform:
    """A transform of that name which does what the function does; its one parameter is ``params``."""
    made = type(
        name, (_FunctionTransform,), {"name": name, "summary": _summary(own), "own": own, "kinds": own.kinds}
    )
    transform: Transform = made()
    return transform


class _FunctionTransform(Transform):
    """A masking function of an installed package."""

    own: OwnFunction
    params = (Param("params", "mapping", None, "what the function takes"),)
    # Nothing is known of it but that it is somebody's Python.
    cost = 1000

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:  # noqa: ARG002
        """What the function declares."""
        return self.own.needs

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """What the function declares."""
        return self.own.laws

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        given = binding.params["params"]
        return bind_own(self.own, binding, given if isinstance(given, dict) else {}, self.name)


def _summary(own: OwnFunction) -> str:
    text = (getattr(own.function, "__doc__", None) or "a function of an installed package").strip()
    return text.splitlines()[0].rstrip(".")
