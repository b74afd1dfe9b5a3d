"""Numbers of persons and companies in European countries.

Birth dates become other dates; where a number tells the sex, it stays.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from datamask.masking.characters import any_in_row
from datamask.masking.checksums import Sums, digit_or_none, luhn, mod_11_10, remainder, weighted
from datamask.masking.national.dates import ERAS, any_century, dates, yymmdd
from datamask.masking.national.steuer_id import SteuerDigits
from datamask.masking.schemes import (
    DIGITS,
    LETTERS,
    Codes,
    Flags,
    Listed,
    Run,
    Scheme,
    check_digit,
    check_letter,
    check_pair,
    not_first,
    number_at,
    numerals,
)
from datamask.masking.text import Bytes, Words

_EVEN, _ODD = "02468", "13579"


def ch_ssn() -> Iterable[Scheme]:
    """Switzerland, AHV number: 756, nine digits, EAN-13 check digit."""
    check = check_digit(9, lambda digits: (-(28 + weighted(digits, (3, 1) * 4 + (3,))) % 10).astype(np.uint8))
    yield Scheme(10, (Run(0, 9),), check=check, prefix=b"756")


def de_idnr() -> Iterable[Scheme]:
    """Germany, Steuer-Identifikationsnummer."""
    yield Scheme(11, (SteuerDigits(),), check=check_digit(10, mod_11_10), allowed=not_first(0))


def de_stnr() -> Iterable[Scheme]:
    """Germany, Steuernummer, as a Land writes it (10 or 11 digits) or as all do among each other (13).

    Land and tax office stay. The last digit follows rules of each Land's own and is enciphered with the others.
    """
    yield Scheme(10, (Run(2, 8),), kept=(Run(0, 2),))
    yield Scheme(11, (Run(3, 8),), kept=(Run(0, 3),))
    lands = (10, 11, 21, 22, 23, 24, 26, 27, 28, 30, 31, 32, 40, 41, *range(50, 60), *range(90, 100))
    offices = [land * 100 + office for land in lands for office in range(100)]
    yield Scheme(13, (Run(5, 8),), kept=(Codes(0, 4, offices), Run(4, 1, "0")))


_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def es_dni() -> Iterable[Scheme]:
    """Spain, DNI: eight digits and a letter."""
    yield Scheme(
        9, (Run(0, 8),), check=check_letter(8, _DNI_LETTERS, lambda body: number_at(body, 0, 8) % 23)
    )


def es_nie() -> Iterable[Scheme]:
    """Spain, NIE: X, Y or Z, seven digits and a letter."""

    def letter(body: Bytes) -> Sums:
        return (number_at(body, 1, 8) + (body[:, 0].astype(np.int64) - ord("X")) * 10**7) % 23

    yield Scheme(9, (Run(0, 1, "XYZ"), Run(1, 7)), check=check_letter(8, _DNI_LETTERS, letter))


def es_nif() -> Iterable[Scheme]:
    """Spain, NIF: a DNI, a NIE, K, L or M with a DNI of seven digits, or a company's CIF, whose kind stays."""
    yield from es_dni()
    yield from es_nie()
    minor = check_letter(8, _DNI_LETTERS, lambda body: number_at(body, 1, 8) % 23)
    yield Scheme(9, (Run(1, 7),), kept=(Run(0, 1, "KLM"),), check=minor)
    company = (Run(0, 1, "ABCDEFGHJNPQRSUVW"),)
    yield Scheme(9, (Run(1, 7),), kept=company, check=check_digit(8, lambda digits: luhn(digits[:, 1:])))
    control = check_letter(8, "JABCDEFGHI", lambda body: luhn(numerals(body[:, 1:8])).astype(np.int64))
    yield Scheme(9, (Run(1, 7),), kept=company, check=control)


def fr_nir() -> Iterable[Scheme]:
    """France, NIR: sex, year, month, département, commune, order number, two check digits.

    Months and départements that are out of the ordinary stay.
    """
    departments = [number for number in range(1, 96) if number != 20]

    def key(body: Bytes) -> Sums:
        # Corsica's 2A and 2B count as 19 and 18.
        digits = numerals(body[:, :13])
        corsica = np.flatnonzero(body[:, 6] > ord("9"))
        digits[corsica, 6] = 9 - (body[corsica, 6] - ord("A"))
        digits[corsica, 5] = 1
        return 97 - remainder(digits, 97)

    def unusual(body: Bytes) -> Flags:
        return ~(np.isin(number_at(body, 3, 5), range(1, 13)) & np.isin(number_at(body, 5, 7), departments))

    def unusual_month(body: Bytes) -> Flags:
        return ~np.isin(number_at(body, 3, 5), range(1, 13))

    check = check_pair(13, key)
    sex, year, month, rest = Run(0, 1), Run(1, 2), Codes(3, 2, range(1, 13)), Run(7, 6)
    corsica = Listed(5, ("2A", "2B"))
    yield Scheme(15, (year, month, Codes(5, 2, departments), rest), kept=(sex,), check=check)
    yield Scheme(15, (year, month, corsica, rest), kept=(sex,), check=check)
    yield Scheme(15, (year, rest), kept=(sex, Run(3, 4)), check=check, allowed=unusual)
    yield Scheme(15, (year, corsica, rest), kept=(sex, Run(3, 2)), check=check, allowed=unusual_month)


def gb_nhs() -> Iterable[Scheme]:
    """United Kingdom, NHS number: nine digits and one of modulus 11."""

    def digit(digits: Bytes) -> Bytes:
        return digit_or_none(-weighted(digits, range(10, 1, -1)) % 11)

    yield Scheme(10, (Run(0, 9),), check=check_digit(9, digit))


def gb_nino() -> Iterable[Scheme]:
    """United Kingdom, National Insurance number: two letters, six digits, A to D."""
    first = "ABCEGHJKLMNOPRSTWXYZ"
    never = {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}
    prefixes = [
        one + two for one in first for two in first.replace("O", "") if one != "O" and one + two not in never
    ]
    yield Scheme(9, (Listed(0, prefixes), Run(2, 6), Run(8, 1, "ABCD")))


# Control character of a codice fiscale (D.M. 23 December 1976): values at odd places, for 0-9 and A-Z.
_ODD_VALUES = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
_OMOCODIA = b"LMNPQRSTUV"
_OMOCODIA_PLACES = (6, 7, 9, 10, 12, 13, 14)


class _Birth:
    """Date and place of birth in a codice fiscale; the sex stays.

    Digits may be written as letters where two persons would share a code (omocodia): each stays as it is written.
    """

    def __init__(self) -> None:
        years, months, days = dates(2000, 2100)
        letters = "ABCDEHLMPRST"
        self._fields = (
            Listed(
                6,
                [
                    f"{year % 100:02d}{letters[month - 1]}{day:02d}"
                    for year, month, day in zip(years.tolist(), months.tolist(), days.tolist(), strict=True)
                ],
            ),
            Run(11, 1, LETTERS),
            Run(12, 3),
        )
        self.size = 36_525 * 26 * 1000
        self._digit = np.arange(256, dtype=np.uint8)
        self._digit[np.frombuffer(_OMOCODIA, dtype=np.uint8)] = np.frombuffer(DIGITS.encode(), dtype=np.uint8)
        self._letter = np.zeros(256, dtype=np.uint8)
        self._letter[np.frombuffer(DIGITS.encode(), dtype=np.uint8)] = np.frombuffer(
            _OMOCODIA, dtype=np.uint8
        )

    def read(self, chars: Bytes) -> tuple[Words, Flags]:
        """Which date and place each row has, and whether it has one."""
        plain, _ = self._plain(chars)
        number, right = np.zeros(len(chars), dtype=np.uint64), np.ones(len(chars), dtype=np.bool_)
        for field in self._fields:
            ordinal, fine = field.read(plain)
            number = number * np.uint64(field.size) + ordinal
            right &= fine
        return number, right

    def write(self, ordinals: Words, chars: Bytes) -> None:
        """Put dates and places into the rows, in the sex and in the writing that they have."""
        plain, women = self._plain(chars)
        for field in reversed(self._fields):
            quotient = ordinals // np.uint64(field.size)
            field.write(ordinals - quotient * np.uint64(field.size), plain)
            ordinals = quotient
        plain[:, 9] += np.uint8(4) * women
        for place in _OMOCODIA_PLACES:
            as_letter = chars[:, place] > ord("9")
            plain[:, place] = np.where(as_letter, self._letter[plain[:, place]], plain[:, place])
        chars[:, 6:15] = plain[:, 6:15]

    def _plain(self, chars: Bytes) -> tuple[Bytes, Flags]:
        """With digits as digits and days as men's (a woman's has 40 added), and who is a woman."""
        plain = chars.copy()
        for place in _OMOCODIA_PLACES:
            plain[:, place] = self._digit[chars[:, place]]
        women = (plain[:, 9] >= ord("4")) & (plain[:, 9] <= ord("7"))
        plain[:, 9] -= np.uint8(4) * women
        return plain, women


def it_codicefiscale() -> Iterable[Scheme]:
    """Italy, codice fiscale: six letters of the name, date and place of birth, sex, a control letter."""
    odd, even = np.zeros(256, dtype=np.int64), np.zeros(256, dtype=np.int64)
    for characters in (DIGITS, LETTERS):
        for number, character in enumerate(characters):
            odd[ord(character)], even[ord(character)] = _ODD_VALUES[number], number

    def letter(body: Bytes) -> Sums:
        total = np.zeros(len(body), dtype=np.int64)
        for place in range(15):
            total += (odd if place % 2 == 0 else even)[body[:, place]]
        return total % 26

    yield Scheme(16, (Run(0, 6, LETTERS), _Birth()), check=check_letter(15, LETTERS, letter))


def nl_bsn() -> Iterable[Scheme]:
    """Netherlands, burgerservicenummer: nine digits that pass the eleven-test, or eight without the leading zero."""
    for length in (8, 9):
        weights = range(length, 1, -1)

        def digit(digits: Bytes, weights: range = weights) -> Bytes:
            return digit_or_none(weighted(digits, weights) % 11)

        def positive(body: Bytes) -> Flags:
            return any_in_row(body != ord("0"))

        yield Scheme(length, (Run(0, length - 1),), check=check_digit(length - 1, digit), allowed=positive)


def pl_pesel() -> Iterable[Scheme]:
    """Poland, PESEL: date of birth, serial number, sex, a check digit."""

    def digit(digits: Bytes) -> Bytes:
        return (-weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10).astype(np.uint8)

    # The century is added to the month.
    added = {1800: 80, 1900: 0, 2000: 20, 2100: 40, 2200: 60}
    for first, last in (*ERAS, (2100, 2300)):
        years, months, days = dates(first, last)
        century = np.array([added[year] for year in (years // 100 * 100).tolist()])
        date = Codes(0, 6, years % 100 * 10_000 + (months + century) * 100 + days)
        for sex in (_EVEN, _ODD):
            yield Scheme(11, (date, Run(6, 3), Run(9, 1, sex)), check=check_digit(10, digit))


def pt_nif() -> Iterable[Scheme]:
    """Portugal, NIF: nine digits, modulus 11."""

    def digit(digits: Bytes) -> Bytes:
        return (-weighted(digits, range(9, 1, -1)) % 11 % 10).astype(np.uint8)

    yield Scheme(9, (Run(0, 8),), check=check_digit(8, digit), allowed=not_first(0))


def se_personnummer() -> Iterable[Scheme]:
    """Sweden, personnummer: date of birth with or without century, serial number, sex, a check digit (Luhn)."""
    century_unknown = [(b"", any_century(yymmdd(2000, 2100), 229))]
    known = [(b"19", yymmdd(1900, 2000)), (b"20", yymmdd(2000, 2030)), (b"20", yymmdd(2030, 2100))]
    for prefix, codes in century_unknown + known:
        date = Codes(0, 6, codes)
        for sex in (_EVEN, _ODD):
            fields = (date, Run(6, 2), Run(8, 1, sex))
            yield Scheme(10, fields, check=check_digit(9, luhn), prefix=prefix)


def scheme_of_length(schemes: Iterable[Scheme], length: int) -> Scheme:
    """The one scheme for numbers of that length."""
    (found,) = (scheme for scheme in schemes if scheme.length == length)
    return found
