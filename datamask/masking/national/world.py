"""Numbers of persons and companies outside of Europe."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from datamask.masking.characters import any_in_row
from datamask.masking.checksums import Sums, digit_or_none, luhn, verhoeff, weighted
from datamask.masking.national.dates import any_century, yymmdd
from datamask.masking.schemes import (
    DIGITS,
    LETTERS,
    Codes,
    Flags,
    Run,
    Scheme,
    check_digit,
    check_letter,
    check_pair,
    not_first,
    number_at,
    numerals,
)
from datamask.masking.text import Bytes


def au_abn() -> Iterable[Scheme]:
    """Australia, Business Number: two check digits in front of nine, modulus 89."""

    def check(body: Bytes) -> Flags:
        pair = 11 + (-weighted(numerals(body[:, 2:]), range(3, 20, 2)) - 1) % 89
        body[:, 0], body[:, 1] = pair // 10 + ord("0"), pair % 10 + ord("0")
        return np.ones(len(body), dtype=np.bool_)

    yield Scheme(11, (Run(2, 9),), check=check)


def au_tfn() -> Iterable[Scheme]:
    """Australia, Tax File Number of nine digits, modulus 11."""

    def digit(digits: Bytes) -> Bytes:
        return digit_or_none(weighted(digits, (1, 4, 3, 7, 5, 8, 6, 9)) % 11)

    yield Scheme(9, (Run(0, 8),), check=check_digit(8, digit))


def br_cpf() -> Iterable[Scheme]:
    """Brazil, Cadastro de Pessoas Físicas: nine digits and two of modulus 11."""

    def digits(body: Bytes) -> Sums:
        base = numerals(body[:, :9])
        first = -weighted(base, range(10, 1, -1)) % 11 % 10
        return first * 10 + -(weighted(base, range(11, 2, -1)) + 2 * first) % 11 % 10

    yield Scheme(11, (Run(0, 9),), check=check_pair(9, digits), allowed=_positive)


def br_cnpj() -> Iterable[Scheme]:
    """Brazil, Cadastro Nacional da Pessoa Jurídica: the company is replaced, the number of its branch stays.

    Digits only, or (from 2026 on) digits and letters.
    """

    def digits(body: Bytes) -> Sums:
        base = body[:, :12] - np.uint8(ord("0"))
        first = -weighted(base, (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) % 11 % 10
        second = -(weighted(base, (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3)) + 2 * first) % 11 % 10
        return first * 10 + second

    def lettered(body: Bytes) -> Flags:
        return any_in_row(body[:, :12] > ord("9"))

    check = check_pair(12, digits)
    yield Scheme(14, (Run(0, 8),), kept=(Run(8, 4),), check=check, allowed=_positive)
    both = DIGITS + LETTERS
    yield Scheme(14, (Run(0, 8, both),), kept=(Run(8, 4, both),), check=check, allowed=lettered)


def ca_sin() -> Iterable[Scheme]:
    """Canada, Social Insurance Number: the first digit, which tells the province, stays; Luhn."""
    yield Scheme(9, (Run(1, 7),), kept=(Run(0, 1, "12345679"),), check=check_digit(8, luhn))


def cn_ric() -> Iterable[Scheme]:
    """China, resident identity card: the district stays; date of birth, serial number, sex, a check character."""

    def character(body: Bytes) -> Sums:
        # ISO/IEC 7064, MOD 11-2.
        rest = np.zeros(len(body), dtype=np.int64)
        for column in numerals(body[:, :17]).T:
            rest = (rest + column) * 2 % 11
        return (1 - rest) % 11

    for century, codes in (
        ("19", yymmdd(1900, 2000)),
        ("20", yymmdd(2000, 2030)),
        ("20", yymmdd(2030, 2100)),
    ):
        for sex in ("02468", "13579"):
            fields = (Codes(8, 6, codes), Run(14, 2), Run(16, 1, sex))
            kept = (Run(0, 6), Run(6, 1, century[0]), Run(7, 1, century[1]))
            check = check_letter(17, "0123456789X", character)
            yield Scheme(18, fields, kept=kept, check=check, allowed=_ends_in_digit)
            yield Scheme(18, fields, kept=kept, check=check, allowed=_ends_in_x)


def il_idnr() -> Iterable[Scheme]:
    """Israel, identity number: nine digits, Luhn."""
    yield Scheme(9, (Run(0, 8),), check=check_digit(8, luhn), allowed=_positive)


def in_aadhaar() -> Iterable[Scheme]:
    """India, Aadhaar: twelve digits, Verhoeff; no palindrome, and never a 0 or 1 in front."""

    def allowed(body: Bytes) -> Flags:
        return not_first(0, 1)(body) & any_in_row(body != body[:, ::-1])

    yield Scheme(12, (Run(0, 11),), check=check_digit(11, verhoeff), allowed=allowed)


def in_pan() -> Iterable[Scheme]:
    """India, Permanent Account Number: the fourth letter, the kind of holder, stays."""

    def allowed(body: Bytes) -> Flags:
        return number_at(body, 5, 9) > 0

    fields = (Run(0, 3, LETTERS), Run(4, 1, LETTERS), Run(5, 4), Run(9, 1, LETTERS))
    yield Scheme(10, fields, kept=(Run(3, 1, "ABCFGHJLPT"),), allowed=allowed)


def tr_tckimlik() -> Iterable[Scheme]:
    """Türkiye, T.C. Kimlik No.: nine digits and two check digits."""

    def digits(body: Bytes) -> Sums:
        base = numerals(body[:, :9])
        first = (weighted(base, (7, -1, 7, -1, 7, -1, 7, -1, 7))) % 10
        return first * 10 + (weighted(base, (1,) * 9) + first) % 10

    yield Scheme(11, (Run(0, 9),), check=check_pair(9, digits), allowed=not_first(0))


def us_ein() -> Iterable[Scheme]:
    """United States, Employer Identification Number: the first two digits stay."""
    yield Scheme(9, (Run(2, 7),), kept=(Run(0, 2),))


def us_itin() -> Iterable[Scheme]:
    """United States, Individual Taxpayer Identification Number: 9, and 70 to 99 in the middle but for 89 and 93."""
    groups = [number for number in range(70, 100) if number not in {89, 93}]
    yield Scheme(9, (Run(1, 2), Codes(3, 2, groups), Run(5, 4)), kept=(Run(0, 1, "9"),))


def us_ssn() -> Iterable[Scheme]:
    """United States, Social Security Number: none that the Social Security Administration never issues."""

    def issued(body: Bytes) -> Flags:
        area, number = number_at(body, 0, 3), number_at(body, 0, 9)
        fine: Flags = (area > 0) & (area < 900) & (area != 666)
        fine &= (number_at(body, 3, 5) > 0) & (number_at(body, 5, 9) > 0)
        # Printed on sample cards and in advertisements.
        fine &= ~np.isin(number, (78_051_120, 457_555_462, 219_099_999))
        return fine

    yield Scheme(9, (Run(0, 9),), allowed=issued)


def za_idnr() -> Iterable[Scheme]:
    """South Africa, identity number: date of birth, sex and serial number, citizenship (which stays), Luhn."""
    codes = any_century(yymmdd(2000, 2100), 229)
    for sex in ("01234", "56789"):
        fields = (Codes(0, 6, codes), Run(6, 1, sex), Run(7, 3))
        kept = (Run(10, 1, "01"), Run(11, 1))
        yield Scheme(13, fields, kept=kept, check=check_digit(12, luhn))


def _positive(body: Bytes) -> Flags:
    return any_in_row(body != ord("0"))


def _ends_in_x(body: Bytes) -> Flags:
    ends: Flags = body[:, -1] == ord("X")
    return ends


def _ends_in_digit(body: Bytes) -> Flags:
    return ~_ends_in_x(body)
