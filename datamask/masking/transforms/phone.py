"""Phone numbers: phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.errors import PolicyError
from datamask.masking.characters import DigitCipher, LeadingZeroCipher, digits
from datamask.masking.countries import codes, known_code
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, flag, text
from datamask.masking.phone_numbers import COUNTRY_CODE, MOST_DIGITS, PhoneCipher, distinct
from datamask.masking.scrub import Scrubber
from datamask.masking.substitute import substitute
from datamask.masking.text import Bytes, Lengths, matrix, pack, strings
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_PLUS = np.uint8(ord("+"))
_ZERO = np.uint8(ord("0"))
_SEPARATORS = b" +-./()"
# As in 555-0143 x12 or 555-0143 ext. 12.
_EXTENSION = r"(?i)^(?P<number>.*\d)(?P<extension> ?(?:x|ext\.?|extension) ?\d{1,6})$"
# Bytes of a value that may be a valid number at most, separators included.
_WIDTH = 32


class Phone(Transform):
    """A valid number becomes another valid one of the same country, type and length; separators stay.

    Valid is what libphonenumber says, about numbers with ``+`` or ``00`` and a country code, and about national ones
    where ``region`` or ``region_from`` says from where. All other numbers get other digits in the same form
    and are no valid number afterwards either. An extension (``x12``, ``ext. 12``) gets other digits. Values with
    other characters than digits and ``+ - . / ( )`` or blanks become digits of their keyed hash.
    """

    name = "phone"
    summary = "a number of the same form, valid for its country where the value is; separators stay"
    params = (
        Param("keep", "text", "country", "what stays the same", choices=("country", "area")),
        Param("region", "text", None, "where numbers without a country code are from, such as US"),
        Param("region_from", "text", None, "the column of the row with that country, as a code or a name"),
        Param(
            "valid", "boolean", True, "valid numbers stay valid; without, only country code and form are kept"
        ),
    )
    kinds = frozenset(("text",))
    cost = 900

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses a region that is no country's code, and parameters that contradict each other."""
        checked = super().validate(params)
        region = checked["region"]
        if region is not None and not known_code(str(region)):
            raise PolicyError("phone: region must be the code of a country in upper case, such as US")
        wants_plan = checked["keep"] == "area" or region is not None or checked["region_from"] is not None
        if not flag(checked, "valid") and wants_plan:
            raise PolicyError(
                "phone: keep, region and region_from are about valid numbers, and valid is false",
                hint="leave valid out",
            )
        return checked

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The column named by ``region_from``."""
        return () if params["region_from"] is None else (text(params, "region_from"),)

    def column_laws(self, case: Case) -> Laws:
        """A permutation that keeps the length, for one region at a time."""
        return Laws(
            injective=case.params["region_from"] is None,
            max_length=case.type.max_length,
            reversible=True,
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        params = binding.params
        form = LeadingZeroCipher(binding.key, "phone", binding.mask.domain)
        scrub = Scrubber(binding, "phone", _SEPARATORS)
        if not flag(params, "valid"):

            def other_form(values: pl.Series, _: object) -> pl.Series:
                packed = pack(values)
                return scrub(packed, substitute(packed, _subscriber, form))

            return _around_extension(other_form, binding)

        cipher = PhoneCipher(binding.subkey, form, keep_area=params["keep"] == "area")
        region = None if params["region"] is None else text(params, "region")
        needed = self.needs(params)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            packed = pack(values)
            regions, names = _regions(values.len(), region, row[needed[0]] if needed else None)
            rows = np.flatnonzero((packed.lengths <= _WIDTH) & (packed.lengths > 0))
            table = matrix(packed.take(rows), _WIDTH)
            read = _encipher(table, cipher, None if regions is None else regions[rows], names)
            result = strings(table[read], packed.lengths[rows[read]])
            others = np.ones(values.len(), dtype=np.bool_)
            others[rows[read]] = False
            rest = np.flatnonzero(others)
            if len(rest):
                place = np.argsort(np.concatenate([rows[read], rest]), kind="stable")
                result = pl.concat([result, substitute(packed.take(rest), _subscriber, form)]).gather(place)
            return scrub(packed, result)

        return _around_extension(masked, binding)


def _encipher(
    table: Bytes, cipher: PhoneCipher, regions: NDArray[np.int64] | None, names: Sequence[str]
) -> NDArray[np.bool_]:
    """Encipher the digits of zero-padded values in place.

    :returns: which rows are done; the others have too many digits, or a plus between them.
    """
    chosen = digits(table, np.empty(0, dtype=np.int64))
    counts = chosen.sum(axis=1)
    plus = table[:, 0] == _PLUS
    read: NDArray[np.bool_] = (counts <= MOST_DIGITS) & ~(table[:, 1:] == _PLUS).any(axis=1)
    for count in filter(None, distinct(counts[read])):
        rows = np.flatnonzero(read & (counts == count))
        part, places = table[rows], chosen[rows]
        numerals = part[places].reshape(-1, count) - _ZERO
        theirs = None if regions is None else regions[rows]
        part[places] = (cipher.encrypt(numerals, plus[rows], theirs, names) + _ZERO).reshape(-1)
        table[rows] = part
    return read


def _around_extension(function: MaskFunction, binding: Binding) -> MaskFunction:
    """The function on what stands before an extension, and other digits for the extension itself."""
    cipher = DigitCipher(binding.key, "phone extension", binding.mask.domain)

    def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        # A look for a letter is cheaper than one for the whole form.
        extended = values.str.contains("[xXnN]")
        if extended.any():
            extended = values.str.contains(_EXTENSION)
        if not extended.any():
            return function(values, row)
        numbers = function(values.str.replace(_EXTENSION, "${number}"), row)
        rows = extended.arg_true()
        extensions = values.gather(rows).str.replace(_EXTENSION, "${extension}")
        others = substitute(pack(extensions), digits, cipher)
        return numbers.scatter(rows, numbers.gather(rows) + others)

    return masked


def _regions(
    count: int, region: str | None, column: pl.Series | None
) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    """By row, a place among the names of regions; below 0 where it is not known."""
    default = () if region is None else (region,)
    if column is None:
        return (np.zeros(count, dtype=np.int64), default) if default else (None, ())
    found = codes(column)
    listed = sorted(set(found.drop_nulls().unique().to_list()) | set(default))
    numbers = {code: place for place, code in enumerate(listed)}
    fallback = numbers[region] if region is not None else -1
    places = found.replace_strict(numbers, default=fallback, return_dtype=pl.Int64)
    return places.fill_null(fallback).to_numpy(), tuple(listed)


def _subscriber(table: Bytes, lengths: Lengths) -> NDArray[np.bool_]:
    chosen = digits(table, lengths)
    plus = table[:, 0] == _PLUS
    if plus.any():
        # What is no digit gives some number too; it is not chosen anyway.
        code = COUNTRY_CODE[np.uint8(10) * (table[:, 1] - _ZERO) + (table[:, 2] - _ZERO)]
        for position in (1, 2, 3):
            chosen[:, position] &= ~(plus & (code >= position))
    return chosen
