"""National identity numbers, IBANs and cards: the shapes that they are written in, and their check digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from datamask.masking.scan import check_digits
from datamask.masking.scan.cues import Cue
from datamask.masking.scan.finding import Finding

Check = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Shape:
    """A number as it is written: groups of so many digits.

    :param check: of the bare digits.
    :param cue: the announcement that makes up for a wrong check digit.
    :param announced: only with that cue, because too many other numbers would pass the check.
    :param gap: what stands between the groups where nothing announces it; None for any one separator.
    """

    kind: str
    groups: tuple[int, ...]
    check: Check
    cue: Cue = "id"
    announced: bool = False
    gap: bytes | None = None


# ISO/IEC 7812: what the large networks' numbers begin with, and how long they are.
_NETWORKS = re.compile(
    rb"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|2720\d{12}|3[47]\d{13}"
    rb"|3(?:0[0-5]|[68]\d|9\d)\d{11,16}|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|35\d{14,17}|62\d{14,17}|(?:50|5[6-9]|6\d)\d{10,17}"
)


def _card(digits: bytes) -> bool:
    return _NETWORKS.fullmatch(digits) is not None and check_digits.luhn(digits)


_SHAPES = (
    *(Shape("card_number", (length,), _card, "card") for length in range(12, 20)),
    *(
        Shape("card_number", groups, _card, "card")
        for groups in ((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 5), (6, 10), (6, 13))
    ),
    Shape("national_id", (15,), check_digits.nir),
    Shape("national_id", (13, 2), check_digits.nir),
    Shape("national_id", (1, 2, 2, 2, 3, 3, 2), check_digits.nir),
    Shape("national_id", (3, 4, 4, 2), check_digits.ahv),
    Shape("national_id", (13,), check_digits.ahv),
    Shape("national_id", (3, 2, 4), check_digits.ssn, gap=b"-"),
    Shape("national_id", (9,), check_digits.ssn, announced=True),
    Shape("national_id", (9,), check_digits.bsn, announced=True),
    Shape("national_id", (4, 2, 3), check_digits.bsn, announced=True),
    Shape("national_id", (3, 3, 3), check_digits.bsn, announced=True),
    Shape("national_id", (3, 3, 3, 2), check_digits.cpf),
    Shape("national_id", (11,), check_digits.cpf),
    Shape("national_id", (11,), check_digits.idnr),
    Shape("national_id", (2, 3, 3, 3), check_digits.idnr),
    Shape("national_id", (11,), check_digits.pesel),
    Shape("national_id", (4, 4, 4), check_digits.aadhaar),
    Shape("national_id", (12,), check_digits.aadhaar, announced=True),
)

SHAPES: dict[tuple[int, ...], tuple[Shape, ...]] = {
    shape.groups: tuple(other for other in _SHAPES if other.groups == shape.groups) for shape in _SHAPES
}
"""What numbers may be, by the digits of their groups."""

MOST_GROUPS = max(map(len, SHAPES))

_DNI = re.compile(rb"(\d{8}|\d{1,2}\.\d{3}\.\d{3})[ -]?([A-Z])(?![A-Za-z0-9_])")
_NIE = re.compile(rb"([XYZ])[ -]?(\d{7})[ -]?([A-Z])(?![A-Za-z0-9_])")
_CORSICA = re.compile(rb"[1-4] ?\d\d ?\d\d ?2[AB] ?\d{3} ?\d{3} ?\d\d(?![A-Za-z0-9_])")
# Letters stand for digits where two people would have the same code.
_CODICE = re.compile(
    rb"[A-Za-z]{6}[0-9LMNPQRSTUVlmnpqrstuv]{2}[A-EHLMPRSTa-ehlmprst][0-9LMNPQRSTUVlmnpqrstuv]{2}"
    rb"[A-Za-z][0-9LMNPQRSTUVlmnpqrstuv]{3}[A-Za-z](?![A-Za-z0-9_])"
)
_NINO = re.compile(
    rb"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?![A-Za-z0-9_])"
)
_PAN = re.compile(rb"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?![A-Za-z0-9_])")
_SEPARATOR = rb"(?:[ -]|\xc2\xa0|\xe2\x80\xaf)?"


def dni_at(text: bytes, start: int) -> Finding | None:
    """The Spanish DNI, or the French number of somebody born in Corsica, that begins with a digit at a place."""
    match = _DNI.match(text, start)
    if match and check_digits.dni(match[1].replace(b".", b"").rjust(8, b"0") + match[2]):
        return Finding(start, match.end(), "national_id")
    corsica = _CORSICA.match(text, start)
    if corsica and check_digits.nir(corsica[0].replace(b" ", b"")):
        return Finding(start, corsica.end(), "national_id")
    return None


def code_at(text: bytes, start: int, cue: Cue | None) -> Finding | None:
    """The IBAN or national number that begins with a letter at a place.

    :param cue: what the words before it say that it is.
    """
    length = check_digits.IBAN_LENGTHS.get(text[start : start + 2].upper())
    if length:
        match = _iban(length).match(text, start)
        if match:
            compact = _SEPARATORS.sub(b"", match[0]).upper()
            if check_digits.iban(compact) or cue == "iban":
                return Finding(start, match.end(), "iban")
    for pattern in (_NINO, _PAN):
        match = pattern.match(text, start)
        if match:
            return Finding(start, match.end(), "national_id")
    match = _CODICE.match(text, start)
    # Codes that stand in for double ones have letters among their digits, and the check is of those letters.
    if match and (check_digits.codice_fiscale(match[0].upper()) or cue == "id"):
        return Finding(start, match.end(), "national_id")
    match = _NIE.match(text, start)
    if match and (check_digits.dni(match[1] + match[2] + match[3]) or cue == "id"):
        return Finding(start, match.end(), "national_id")
    return None


_SEPARATORS = re.compile(rb"[^A-Za-z0-9]+")
_IBANS = {
    length: re.compile(rb"[A-Za-z]{2}\d\d(?:%b[A-Za-z0-9]){%d}(?![A-Za-z0-9_])" % (_SEPARATOR, length - 4))
    for length in set(check_digits.IBAN_LENGTHS.values())
}


def _iban(length: int) -> re.Pattern[bytes]:
    return _IBANS[length]
