"""Genders: gender."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.draws import uniform
from datamask.masking.genders import FEMALE, MALE, READINGS, counterparts, read
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_WORDS, _LETTERS = ("female", "male"), ("f", "m")
_CASES: tuple[Callable[[str], str], ...] = (str.lower, str.upper, str.capitalize)


class Gender(Transform):
    """The other gender for a share of the rows: randomized response, which leaves every row deniable.

    With a share of 0.5 the result says nothing about the value. The column named by ``by`` decides, so that all rows of
    one person agree. Results are spelled as the values are (f/m, Frau/Herr, 2/1 of ISO/IEC 5218). Whatever says neither
    female nor male becomes one of the two by chance.
    """

    name = "gender"
    summary = "the other gender for a share of the rows"
    params = (
        Param(
            "by", "text", None, "the column of the row that decides, such as the person's id", required=True
        ),
        Param("swap", "number", 0.5, "the share of the rows that change", minimum=0.01, maximum=1),
        Param("female", "text", None, "how results say female, instead of as the values do"),
        Param("male", "text", None, "how results say male, instead of as the values do"),
    )
    kinds = frozenset(("text", "enum", "integer"))
    cost = 150

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses one spelling without the other."""
        checked = super().validate(params)
        if (checked["female"] is None) != (checked["male"] is None):
            raise PolicyError("gender: female and male go together", hint="give both, or neither")
        return checked

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The column named by ``by``."""
        return (text(params, "by"),)

    def column_laws(self, case: Case) -> Laws:
        """Refuses spellings that the type cannot hold."""
        pairs = _spellings(case.params, case.type)
        return Laws(max_length=max(len(word) for pair in pairs.values() for word in pair))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        pairs = _spellings(binding.params, binding.mask.type)
        fallback = pairs.pop("")
        share = binding.params["swap"]
        assert isinstance(share, int | float)
        prf, by = binding.prf(self.name), text(binding.params, "by")
        female, male = ({word: pair[place] for word, pair in pairs.items()} for place in (0, 1))

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            tags = prf.wide(row[by].fill_null(""))
            own = read(values)
            others = uniform(tags[:, 0]) < share
            known = own != 0
            becomes_female = np.where(known, (own == FEMALE) ^ others, uniform(tags[:, 1]) < 0.5)
            women = values.replace_strict(female, default=fallback[0], return_dtype=pl.String)
            men = values.replace_strict(male, default=fallback[1], return_dtype=pl.String)
            return women.zip_with(pl.Series(becomes_female), men)

        return masked


def _spellings(params: Mapping[str, JSONValue], column_type: ColumnType) -> dict[str, tuple[str, str]]:
    """Female and male by the value that says either; by the empty text for all other values.

    :raises PolicyError: the type has no words for both.
    """
    if column_type.kind == "integer":
        return {"": ("2", "1")}
    given = None if params["female"] is None else (text(params, "female"), text(params, "male"))
    limit = column_type.max_length
    if column_type.kind == "enum":
        return _labels(column_type, given)
    if given is not None:
        if limit is not None and max(map(len, given)) > limit:
            raise PolicyError(f"gender: female and male have more characters than {column_type.name} holds")
        return {"": given}
    found = {"": _WORDS if limit is None or limit >= max(map(len, _WORDS)) else _LETTERS}
    for word in READINGS:
        pair = counterparts(word)
        assert pair is not None
        for case in _CASES:
            spelled = case(pair[0]), case(pair[1])
            if limit is None or max(map(len, spelled)) <= limit:
                found.setdefault(case(word), spelled)
    if len(found[""][0]) == 1:
        found |= {letter.upper(): ("F", "M") for letter in _LETTERS}
    return found


def _labels(column_type: ColumnType, given: tuple[str, str] | None) -> dict[str, tuple[str, str]]:
    labels = column_type.labels
    if given is not None:
        if not set(given) <= set(labels):
            raise PolicyError(f"gender: female and male must be labels of {column_type.name}")
        return {"": given}
    women = list(_saying(labels, FEMALE))
    men = list(_saying(labels, MALE))
    if not women or not men:
        raise PolicyError(
            f"gender: the labels of {column_type.name} do not say which is female and which is male",
            hint="name the two labels: female and male",
        )
    return {"": (women[0], men[0])}


def _saying(labels: Sequence[str], gender: int) -> Iterator[str]:
    return (label for label in labels if READINGS.get(label.strip().lower()) == gender)
