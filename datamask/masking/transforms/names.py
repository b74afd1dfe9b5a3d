"""People's names: first_name, last_name, full_name, display_name."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from datamask.masking.grouped import Bearers, PoolSet
from datamask.masking.params import Param, text
from datamask.masking.pools import LIMITS, fitting, pool
from datamask.masking.transform import Binding, Case, Laws, MaskFunction
from datamask.masking.transforms.pooled import BY, LOCALE, LOCALE_FROM, Localized, Pooled, deciding

GENDER = Param(
    "gender", "text", None, "the column of the row that tells the gender: f/m, female/male, 2/1, Mrs/Mr …"
)
_PARAMS = (LOCALE, LOCALE_FROM, GENDER, BY)
_COMMA = ", "
# Upper and lower case, no comma and no initial: names in the form that results have.
_USUAL = r"^[^,.]*\p{Lu}[^,.]*\p{Ll}[^,.]*$"


class FirstName(Pooled):
    """A first name."""

    name = "first_name"
    summary = "a first name"
    params = _PARAMS
    pool = "first_name"


class LastName(Pooled):
    """A last name."""

    name = "last_name"
    summary = "a last name"
    params = _PARAMS
    pool = "last_name"


class FullName(Localized):
    """A first and a last name, picked independently: some hundred thousand combinations.

    The form stays: ``Last, First``, an initial for the first name, and all letters in upper or in lower case.
    """

    name = "full_name"
    summary = "a first and a last name, in the form that the name has"
    params = (
        *_PARAMS,
        Param(
            "form",
            "text",
            "keep",
            "keep the value's form, or always First Last",
            choices=("keep", "first last"),
        ),
    )
    cost = 120

    def column_laws(self, case: Case) -> Laws:
        """Both pools bound the result, or the column does."""
        return Laws(max_length=_bound(case.type.max_length))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        limit = binding.mask.type.max_length
        bearers, prf = Bearers.of(binding.params), binding.prf(self.name)
        pair, by = _Pair(bearers, limit), binding.params["by"]

        def initial(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            return pair.first.pick(prf.words(deciding(values, row, by)), bearers.numbers(values, row))

        if limit is not None and limit < 3:
            return initial
        keep = text(binding.params, "form") == "keep"
        longest = _bound(limit)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            tags, groups = prf.wide(deciding(values, row, by)), bearers.numbers(values, row)
            given, family = pair.first.pick(tags[:, 0], groups), pair.last.pick(tags[:, 1], groups)
            plain = pl.select(pl.concat_str(given, pl.lit(" "), family)).to_series()
            if not keep:
                return plain
            rows = (~values.str.contains(_USUAL)).arg_true()
            if not len(rows):
                return plain
            part = pl.DataFrame({"value": values, "first": given, "last": family, "plain": plain})[rows]
            return plain.scatter(rows, _in_form(part, longest))

        return masked


class DisplayName(Localized):
    """A first name with an initial, ``Maria S.``; for values in lower case without a blank ``maria.s``."""

    name = "display_name"
    summary = "a first name and an initial"
    params = _PARAMS
    cost = 120

    def column_laws(self, case: Case) -> Laws:
        """A first name and three characters, or what the column holds."""
        longest = LIMITS["first_name"] + 3
        return Laws(max_length=min(longest, case.type.max_length or longest))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        limit = binding.mask.type.max_length
        bearers, prf = Bearers.of(binding.params), binding.prf(self.name)
        by = binding.params["by"]
        room = None if limit is None else max(1, limit - 3)
        first, last = (
            PoolSet([fitting(pool(kind, *group), length) for group in bearers.groups])
            for kind, length in (("first_name", room), ("last_name", None))
        )

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            tags, groups = prf.wide(deciding(values, row, by)), bearers.numbers(values, row)
            if limit is not None and limit <= 3:
                return first.pick(tags[:, 0], groups)
            given = first.pick(tags[:, 0], groups)
            initial = last.pick(tags[:, 1], groups).str.slice(0, 1)
            handle = (given + "." + initial).str.to_lowercase().str.replace_all(" ", "", literal=True)
            is_handle = ~values.str.contains(r"[\p{Lu}\s]")
            return handle.zip_with(is_handle, given + " " + initial + ".")

        return masked


class _Pair:
    """The pools of first and last names, sharing the room of a narrow column: a third of it for the first one."""

    def __init__(self, bearers: Bearers, limit: int | None) -> None:
        if limit is not None and limit < 3:
            self.first = PoolSet([fitting(pool("first_name", *group), limit) for group in bearers.groups])
            return
        room = None if limit is None else max(1, limit // 3)
        firsts = [fitting(pool("first_name", *group), room) for group in bearers.groups]
        self.first = PoolSet(firsts)
        self.last = PoolSet(
            [
                fitting(
                    pool("last_name", *group),
                    None if limit is None else max(1, limit - max(map(len, names)) - 1),
                )
                for group, names in zip(bearers.groups, firsts, strict=True)
            ]
        )


def _in_form(names: pl.DataFrame, longest: int) -> pl.Series:
    """The names in the form of the values, where that is not too long.

    :param names: ``value``, ``first`` and ``last`` name, and both in the ``plain`` form.
    """
    value, first, last = pl.col("value"), pl.col("first"), pl.col("last")
    comma = value.str.contains(",", literal=True)
    # An initial in place of the first name, which the second word is otherwise.
    short = value.str.contains(r"(?:^|, ?)\p{Lu}\.(?: |$)")
    shown = pl.when(short).then(first.str.slice(0, 1) + ".").otherwise(first)
    formed = pl.when(comma).then(last + _COMMA + shown).otherwise(shown + " " + last)
    lower, upper = ~value.str.contains(r"\p{Lu}"), ~value.str.contains(r"\p{Ll}")
    letters = value.str.contains(r"\p{Lu}{2}")
    cased = (
        pl.when(upper & letters)
        .then(formed.str.to_uppercase())
        .when(lower & ~upper)
        .then(formed.str.to_lowercase())
        .otherwise(formed)
    )
    # A letter may become two in upper case.
    fits = pl.col("cased").str.len_chars() <= longest
    return names.with_columns(cased=cased).select(pl.when(fits).then("cased").otherwise("plain")).to_series()


def _bound(limit: int | None) -> int:
    longest = LIMITS["first_name"] + len(_COMMA) + LIMITS["last_name"]
    return min(longest, limit or longest)
