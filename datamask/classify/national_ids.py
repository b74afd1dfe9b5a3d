"""Numbers that states give to persons and companies, told by their check digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Final

# A check of one digit passes one number in ten by chance: nearly all values have to pass.
SHARE: Final = 0.9
FEWEST: Final = 8
_PROBE: Final = 24
_PROBE_SHARE: Final = 0.7

_SIGNS = re.compile(r"[ ./-]")

# The length and kind of characters without separators → the numbers that look so, the stricter checks first.
_SHAPES: Final[tuple[tuple[re.Pattern[str], tuple[tuple[str, str], ...]], ...]] = (
    (
        re.compile(r"[A-Z]{6}[0-9A-Z]{2}[A-Z][0-9A-Z]{2}[A-Z][0-9A-Z]{3}[A-Z]"),
        (("it.codicefiscale", "person.national_id"),),
    ),
    (re.compile(r"[12]\d{4}[0-9AB]\d{9}"), (("fr.nir", "person.national_id"),)),
    (re.compile(r"[XYZ]\d{7}[A-Z]"), (("es.nie", "person.national_id"),)),
    (re.compile(r"\d{8}[A-Z]"), (("es.dni", "person.national_id"),)),
    (re.compile(r"[A-HJNP-SUVW]\d{7}[0-9A-J]"), (("es.cif", "company.registration"),)),
    (re.compile(r"[A-Z]{4}\d{6}[0-9A-Z]{8}"), (("mx.curp", "person.national_id"),)),
    (re.compile(r"[A-Z]{5}\d{4}[A-Z]"), (("in_.pan", "person.national_id"),)),
    (re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]"), (("gb.nino", "person.national_id"),)),
    (re.compile(r"\d{14}"), (("br.cnpj", "company.registration"), ("fr.siret", "company.registration"))),
    (re.compile(r"756\d{10}"), (("ch.ssn", "person.national_id"),)),
    (re.compile(r"[2-9]\d{11}"), (("in_.aadhaar", "person.national_id"),)),
    (
        re.compile(r"\d{11}"),
        (
            ("br.cpf", "person.national_id"),
            ("be.nn", "person.national_id"),
            ("pl.pesel", "person.national_id"),
            ("de.idnr", "person.national_id"),
            ("tr.tckimlik", "person.national_id"),
            ("it.iva", "company.registration"),
        ),
    ),
    (
        re.compile(r"\d{10}"),
        (("at.vnr", "person.national_id"), ("gb.nhs", "person.national_id"), ("pl.nip", "company.registration")),
    ),
    (
        re.compile(r"\d{9}"),
        (
            ("nl.bsn", "person.national_id"),
            ("pt.nif", "person.national_id"),
            ("fr.siren", "company.registration"),
            ("ca.sin", "person.national_id"),
        ),
    ),
)  # fmt: skip


def national_id_class(values: Sequence[str]) -> str | None:
    """The class of numbers that nearly all values are by their check digits, or None.

    :param values: distinct values, without white space around them.
    """
    if len(values) < FEWEST:
        return None
    # A few of them tell which shapes there can be.
    probe = [_compact(value) for value in values[:: max(1, len(values) // _PROBE)]]
    shapes = [item for item in _SHAPES if sum(map(_fits(item[0]), probe)) >= _PROBE_SHARE * len(probe)]
    compact = [_compact(value) for value in values] if shapes else []
    for shape, kinds in shapes:
        of_shape = list(filter(shape.fullmatch, compact))
        if len(of_shape) < SHARE * len(compact):
            continue
        for module, data_class in kinds:
            valid = _validator(module)
            if sum(map(valid, of_shape)) >= SHARE * len(compact):
                return data_class
    return None


def _compact(value: str) -> str:
    return _SIGNS.sub("", value).upper()


def _fits(shape: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: shape.fullmatch(value) is not None


@cache
def _validator(module: str) -> Callable[[str], bool]:
    # python-stdnum has one module for each country's number.
    check: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return check
