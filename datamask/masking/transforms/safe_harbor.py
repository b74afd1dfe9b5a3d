"""What the Safe Harbor method of HIPAA (45 CFR 164.514(b)(2)) lets stay: zip3 and birth_year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.errors import PolicyError
from datamask.masking.calendar import Calendar
from datamask.masking.datetext import change_dates
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, texts, whole
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# Areas of three digits with 20,000 people or fewer, by the census of 2000: "Guidance Regarding Methods for
# De-identification of Protected Health Information", U.S. Department of Health and Human Services, 2012.
_SPARSE = (
    "036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879", "884",
    "890", "893",
)  # fmt: skip

_ZIP = r"^\s*([0-9]{3})[0-9]{2}(?:[- ]?[0-9]{4})?\s*$"
_UNKNOWN = "00000"


class Zip3(Transform):
    """The first three digits of a US ZIP code, and zeros for the others; only zeros where few people live.

    45 CFR 164.514(b)(2)(i)(B). Text that is no ZIP code becomes zeros too.
    """

    name = "zip3"
    summary = "the first three digits of a US ZIP code, none where 20,000 people or fewer live"
    params = (
        Param(
            "sparse",
            "texts",
            None,
            "first three digits of the areas with 20,000 people or fewer; left out, those of the census of 2000",
        ),
    )
    kinds = frozenset(("text",))
    cost = 60

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses what is not three digits."""
        checked = super().validate(params)
        for prefix in texts(checked, "sparse"):
            if len(prefix) != 3 or not (prefix.isascii() and prefix.isdigit()):
                raise PolicyError("zip3: sparse must be a list of three digits each, such as '036'")
        return checked

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Five digits."""
        return Laws(max_length=len(_UNKNOWN))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        sparse = list(texts(binding.params, "sparse") or _SPARSE)

        def masked(values: pl.Series, _: object) -> pl.Series:
            area = values.str.extract(_ZIP, 1)
            known = area.is_not_null() & ~area.is_in(sparse).fill_null(value=False)
            return (area.fill_null("000") + "00").zip_with(
                known, pl.Series([_UNKNOWN]).new_from_index(0, values.len())
            )

        return masked


class BirthYear(Transform):
    """The year of a date of birth, as its first day; whoever was born before a year counts as born in it.

    45 CFR 164.514(b)(2)(i)(C): years may stay, but not those that tell of an age over 89. The year is a parameter, and
    not reckoned from the day of the run, because the same value must become the same result tomorrow: a
    year that lies less than 90 years back is safe from now until 90 years have passed since.
    """

    name = "birth_year"
    summary = "the year of birth; one year for all who may be older than 89"
    params = (
        Param(
            "oldest",
            "integer",
            1950,
            "the year of birth that all earlier ones become",
            minimum=1,
            maximum=9999,
        ),
    )
    kinds = frozenset(("date", "timestamp"))
    cost = 60

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Many dates become the same one."""
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        oldest = np.int32(whole(binding.params, "oldest"))

        def first(dates: Calendar, _: NDArray[np.intp]) -> Calendar:
            years = dates.first_of("year")
            return Calendar(np.maximum(years.year, oldest), years.month, years.day)

        return lambda values, _: change_dates(values, first, to="day")
