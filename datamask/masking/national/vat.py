"""VAT identification numbers of the member states of the European Union.

Without the country's prefix here; :func:`prefixed` adds it. Structures: VIES (European Commission); check
digits: the member states', as collected by the Commission in "VAT number algorithms".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from datamask.masking.checksums import (
    Sums,
    digit_or_none,
    luhn,
    mod_11_10,
    mod_97_10,
    remainder,
    weighted,
)
from datamask.masking.national import europe
from datamask.masking.schemes import (
    Flags,
    Run,
    Scheme,
    Test,
    check_digit,
    check_letter,
    check_pair,
    not_first,
    number_at,
    numerals,
)
from datamask.masking.text import Bytes


def at() -> Iterable[Scheme]:
    """Austria: U and eight digits."""

    def digit(body: Bytes) -> Bytes:
        # Luhn's sum in which the last digit counts once, not twice, and 6.
        luhn_digit = luhn(np.pad(body[:, 1:], ((0, 0), (0, 1))))
        return (luhn_digit + np.uint8(6)) % np.uint8(10)

    yield Scheme(9, (Run(1, 7),), kept=(Run(0, 1, "U"),), check=check_digit(8, digit))


def be() -> Iterable[Scheme]:
    """Belgium: ten digits, modulus 97; the first stays."""
    check = check_pair(8, lambda body: 97 - remainder(numerals(body), 97))
    yield Scheme(10, (Run(1, 7),), kept=(Run(0, 1, "01"),), check=check)


def bg() -> Iterable[Scheme]:
    """Bulgaria: nine digits of a company, or ten of a person."""

    def digit(body: Bytes) -> Bytes:
        first = weighted(body, range(1, 9)) % 11
        return (np.where(first == 10, weighted(body, range(3, 11)) % 11, first) % 10).astype(np.uint8)

    yield Scheme(9, (Run(0, 8),), check=check_digit(8, digit))
    yield Scheme(10, (Run(0, 10),), allowed=_by_stdnum("bg"))


def cy() -> Iterable[Scheme]:
    """Cyprus: eight digits and a letter."""
    odd = np.array([1, 0, 5, 7, 9, 13, 15, 17, 19, 21], dtype=np.int64)

    def letter(body: Bytes) -> Sums:
        digits = numerals(body[:, :8]).astype(np.int64)
        total: Sums = odd[digits[:, ::2]].sum(axis=1) + digits[:, 1::2].sum(axis=1)
        return total % 26

    def allowed(body: Bytes) -> Flags:
        fine: Flags = number_at(body, 0, 2) != 12
        return fine

    check = check_letter(8, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", letter)
    yield Scheme(9, (Run(0, 8),), check=check, allowed=allowed)


def cz() -> Iterable[Scheme]:
    """Czechia: eight digits of a company, nine or ten of a person."""

    def digit(body: Bytes) -> Bytes:
        check = -weighted(body, range(8, 1, -1)) % 11
        return (np.where(check == 0, 1, check) % 10).astype(np.uint8)

    yield Scheme(8, (Run(0, 7),), check=check_digit(7, digit), allowed=not_first(9))
    for length in (9, 10):
        yield Scheme(length, (Run(0, length),), allowed=_by_stdnum("cz"))


def de() -> Iterable[Scheme]:
    """Germany: nine digits."""
    yield Scheme(9, (Run(0, 8),), check=check_digit(8, mod_11_10), allowed=not_first(0))


def dk() -> Iterable[Scheme]:
    """Denmark: eight digits, modulus 11."""
    check = check_digit(7, _to_zero((2, 7, 6, 5, 4, 3, 2), 11))
    yield Scheme(8, (Run(0, 7),), check=check, allowed=not_first(0))


def ee() -> Iterable[Scheme]:
    """Estonia: nine digits."""
    yield Scheme(9, (Run(0, 8),), check=check_digit(8, _to_zero((3, 7, 1, 3, 7, 1, 3, 7), 10)))


def fi() -> Iterable[Scheme]:
    """Finland: eight digits, modulus 11."""
    yield Scheme(8, (Run(0, 7),), check=check_digit(7, _to_zero((7, 9, 10, 5, 8, 4, 2), 11)))


def fr() -> Iterable[Scheme]:
    """France: a key of two characters and the SIREN, which has a check digit of its own (Luhn)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    value = np.zeros(256, dtype=np.int64)
    value[np.frombuffer(alphabet.encode(), dtype=np.uint8)] = np.arange(len(alphabet))

    def old(body: Bytes) -> Flags:
        siren = numerals(body[:, 2:])
        body[:, 10] = luhn(siren[:, :8]) + ord("0")
        key = (remainder(numerals(body[:, 2:]), 97) * 100 + 12) % 97
        body[:, 0], body[:, 1] = key // 10 + ord("0"), key % 10 + ord("0")
        return np.ones(len(body), dtype=np.bool_)

    def new(body: Bytes) -> Flags:
        first, second = value[body[:, 0]], value[body[:, 1]]
        check = np.where(first < 10, first * 24 + second - 10, first * 34 + second - 100)
        fits = (remainder(numerals(body[:, 2:]), 11) + 1 + check // 11) % 11 == check % 11
        fine: Flags = fits & ((first >= 10) | (second >= 10))
        return fine

    siren = check_digit(10, lambda body: luhn(body[:, 2:]))
    yield Scheme(11, (Run(2, 8),), check=old)
    yield Scheme(11, (Run(2, 8),), kept=(Run(0, 2, alphabet),), check=siren, allowed=new)


def gr() -> Iterable[Scheme]:
    """Greece: nine digits, modulus 11."""

    def digit(body: Bytes) -> Bytes:
        return (weighted(body, [2**place for place in range(8, 0, -1)]) % 11 % 10).astype(np.uint8)

    yield Scheme(9, (Run(0, 8),), check=check_digit(8, digit))


def hr() -> Iterable[Scheme]:
    """Croatia: eleven digits."""
    yield Scheme(11, (Run(0, 10),), check=check_digit(10, mod_11_10))


def hu() -> Iterable[Scheme]:
    """Hungary: eight digits."""
    yield Scheme(8, (Run(0, 7),), check=check_digit(7, _to_zero((9, 7, 3, 1, 9, 7, 3), 10)))


def ie() -> Iterable[Scheme]:
    """Ireland: seven digits, a check letter and perhaps one more letter, which stays."""
    alphabet = "WABCDEFGHIJKLMNOPQRSTUV"

    def letter(body: Bytes) -> Sums:
        total = weighted(numerals(body[:, :7]), range(8, 1, -1))
        if body.shape[1] > 8:
            # W counts as nothing, A to I by their places.
            extra = body[:, 8].astype(np.int64) - ord("@")
            total += 9 * np.where(extra > 9, 0, extra)
        return total % 23

    check = check_letter(7, alphabet, letter)
    yield Scheme(8, (Run(0, 7),), check=check)
    yield Scheme(9, (Run(0, 7),), kept=(Run(8, 1, "ABCDEFGHIW"),), check=check)


def it() -> Iterable[Scheme]:
    """Italy: eleven digits (Luhn); the province's three stay."""

    def allowed(body: Bytes) -> Flags:
        province = number_at(body, 7, 10)
        known = ((province > 0) & (province <= 100)) | np.isin(province, (120, 121, 888, 999))
        return known & (number_at(body, 0, 7) > 0)

    yield Scheme(11, (Run(0, 7),), kept=(Run(7, 3),), check=check_digit(10, luhn), allowed=allowed)


def lt() -> Iterable[Scheme]:
    """Lithuania: nine digits of a company, twelve of a person, with a 1 before the check digit."""
    for length in (9, 12):

        def digit(body: Bytes) -> Bytes:
            places = range(body.shape[1])
            first = weighted(body, [1 + place % 9 for place in places]) % 11
            second = weighted(body, [1 + (place + 2) % 9 for place in places]) % 11
            return (np.where(first == 10, second, first) % 10).astype(np.uint8)

        check = check_digit(length - 1, digit)
        yield Scheme(length, (Run(0, length - 2),), kept=(Run(length - 2, 1, "1"),), check=check)


def lu() -> Iterable[Scheme]:
    """Luxembourg: eight digits, modulus 89."""
    yield Scheme(8, (Run(0, 6),), check=check_pair(6, lambda body: remainder(numerals(body), 89)))


def lv() -> Iterable[Scheme]:
    """Latvia: eleven digits, of a company (from 4 on) or of a person."""

    def digit(body: Bytes) -> Bytes:
        return digit_or_none((3 - weighted(body, (9, 1, 4, 8, 3, 10, 2, 5, 7, 6))) % 11)

    check = check_digit(10, digit)
    yield Scheme(11, (Run(0, 1, "456789"), Run(1, 9)), check=check)
    yield Scheme(11, (Run(0, 1, "0123"), Run(1, 10)), allowed=_by_stdnum("lv"))


def mt() -> Iterable[Scheme]:
    """Malta: eight digits, modulus 37."""
    check = check_pair(6, lambda body: 37 - weighted(numerals(body), (3, 4, 6, 7, 8, 9)) % 37)
    yield Scheme(8, (Run(0, 6),), check=check, allowed=not_first(0))


def nl() -> Iterable[Scheme]:
    """Netherlands: a BSN or RSIN with B and two digits, which stay; or any number that passes modulus 97."""
    person = europe.scheme_of_length(europe.nl_bsn(), 9)

    def bsn(body: Bytes) -> Flags:
        assert person.check is not None
        return person.check(body)

    def positive(body: Bytes) -> Flags:
        return (number_at(body, 0, 9) > 0) & (number_at(body, 10, 12) > 0)

    def pair(body: Bytes) -> Sums:
        country = np.tile(np.frombuffer(b"NL", dtype=np.uint8), (len(body), 1))
        zeros = np.full((len(body), 2), ord("0"), dtype=np.uint8)
        return 98 - mod_97_10(np.hstack([country, body[:, :10], zeros]))

    def no_bsn(body: Bytes) -> Flags:
        return ~person.valid(body[:, :9])

    letter = Run(9, 1, "B")
    yield Scheme(12, (Run(0, 8),), kept=(letter, Run(10, 2)), check=bsn, allowed=positive)
    yield Scheme(12, (Run(0, 9),), kept=(letter,), check=check_pair(10, pair), allowed=no_bsn)


def pl() -> Iterable[Scheme]:
    """Poland: ten digits, modulus 11."""

    def digit(body: Bytes) -> Bytes:
        return digit_or_none(weighted(body, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11)

    yield Scheme(10, (Run(0, 9),), check=check_digit(9, digit))


def ro() -> Iterable[Scheme]:
    """Romania: two to ten digits of a company."""
    for length in range(2, 11):

        def digit(body: Bytes) -> Bytes:
            weights = (7, 5, 3, 2, 1, 7, 5, 3, 2)[9 - body.shape[1] :]
            return (weighted(body, weights) * 10 % 11 % 10).astype(np.uint8)

        yield Scheme(
            length, (Run(0, length - 1),), check=check_digit(length - 1, digit), allowed=not_first(0)
        )


def se() -> Iterable[Scheme]:
    """Sweden: an organisation's or a person's ten digits (Luhn) and 01."""
    yield Scheme(12, (Run(0, 9),), kept=(Run(10, 1, "0"), Run(11, 1, "1")), check=check_digit(9, luhn))


def si() -> Iterable[Scheme]:
    """Slovenia: eight digits, modulus 11."""

    def digit(body: Bytes) -> Bytes:
        check = 11 - weighted(body, range(8, 1, -1)) % 11
        return digit_or_none(np.where(check == 10, 0, check))

    yield Scheme(8, (Run(0, 7),), check=check_digit(7, digit), allowed=not_first(0))


def sk() -> Iterable[Scheme]:
    """Slovakia: ten digits, divisible by 11."""

    def allowed(body: Bytes) -> Flags:
        return not_first(0)(body) & np.isin(number_at(body, 2, 3), (2, 3, 4, 7, 8, 9))

    check = check_digit(9, lambda body: digit_or_none(remainder(body, 11)))
    yield Scheme(10, (Run(0, 9),), check=check, allowed=allowed)


COUNTRIES: dict[str, Callable[[], Iterable[Scheme]]] = {
    "AT": at, "BE": be, "BG": bg, "CY": cy, "CZ": cz, "DE": de, "DK": dk, "EE": ee, "EL": gr, "ES": europe.es_nif,
    "FI": fi, "FR": fr, "HR": hr, "HU": hu, "IE": ie, "IT": it, "LT": lt, "LU": lu, "LV": lv, "MT": mt, "NL": nl,
    "PL": pl, "PT": europe.pt_nif, "RO": ro, "SE": se, "SI": si, "SK": sk,
}  # fmt: skip
"""The schemes of each country, by the prefix of its numbers."""


def of_country(prefix: str) -> Iterable[Scheme]:
    """One country's numbers, with their prefix or without."""
    for scheme in COUNTRIES[prefix]():
        yield scheme
        yield replace(scheme, prefix=prefix.encode())


def eu_vat() -> Iterable[Scheme]:
    """All countries' numbers, with their prefixes, which stay."""
    for prefix, schemes in COUNTRIES.items():
        for scheme in schemes():
            yield replace(scheme, prefix=prefix.encode())


def _to_zero(weights: tuple[int, ...], modulus: int) -> Callable[[Bytes], Bytes]:
    """The digit that makes the weighted sum divisible; none where it would have two characters."""

    def digit(body: Bytes) -> Bytes:
        return digit_or_none(-weighted(body, weights) % modulus)

    return digit


def _by_stdnum(country: str) -> Test:
    """Persons' numbers with several rules each: asked of python-stdnum, one at a time."""

    def test(body: Bytes) -> Flags:
        from stdnum import get_cc_module

        module = get_cc_module(country, "vat")
        assert module is not None
        width = body.shape[1]
        texts = np.ascontiguousarray(body).tobytes().decode("ascii")
        found = [module.is_valid(texts[at : at + width]) for at in range(0, len(texts), width)]
        return np.array(found, dtype=np.bool_)

    return test
