"""Check digits agree with python-stdnum, on right numbers and on numbers one digit off."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import stdnum.br.cpf
import stdnum.ch.ssn
import stdnum.de.idnr
import stdnum.es.dni
import stdnum.es.nie
import stdnum.fr.nir
import stdnum.iban
import stdnum.in_.aadhaar
import stdnum.it.codicefiscale
import stdnum.luhn
import stdnum.nl.bsn
import stdnum.pl.pesel

from datamask.masking.scan import check_digits

Check = Callable[[bytes], bool]


def numbers(length: int) -> list[str]:
    pick = random.Random(length)
    return ["".join(pick.choices("0123456789", k=length)) for _ in range(20_000)]


@pytest.mark.parametrize(
    ("module", "check", "length"),
    [
        (stdnum.luhn, check_digits.luhn, 16),
        (stdnum.nl.bsn, check_digits.bsn, 9),
        (stdnum.br.cpf, check_digits.cpf, 11),
        (stdnum.de.idnr, check_digits.idnr, 11),
    ],
)
def test_random_numbers(module: Any, check: Check, length: int) -> None:
    for number in numbers(length):
        assert check(number.encode()) == module.is_valid(number), number


def test_numbers_that_only_the_last_digits_make_right() -> None:
    for digits in numbers(12)[:300]:
        aadhaar = "".join(str(max(2, int(digits[0])))) + digits[1:11]
        right = [last for last in "0123456789" if check_digits.aadhaar((aadhaar + last).encode())]
        assert right == [stdnum.in_.aadhaar.verhoeff.calc_check_digit(aadhaar)]
        ahv = "756" + digits[:9]
        right = [last for last in "0123456789" if check_digits.ahv((ahv + last).encode())]
        assert right == [stdnum.ch.ssn.ean.calc_check_digit(ahv)]


@pytest.mark.parametrize(
    "number", ["44051401359", "02070803628", "44051401358", "44134501350", "00000000000"]
)
def test_pesel(number: str) -> None:
    assert check_digits.pesel(number.encode()) == stdnum.pl.pesel.is_valid(number)


@pytest.mark.parametrize(
    "number", ["295109912611193", "253072B07300470", "253072A07300443", "295109912611199", "185057800608491"]
)
def test_nir(number: str) -> None:
    assert check_digits.nir(number.encode()) == stdnum.fr.nir.is_valid(number)


@pytest.mark.parametrize(
    "number", ["54362315K", "54362315Z", "12345678Z", "X2482300W", "X2482300A", "Y0123456X"]
)
def test_dni(number: str) -> None:
    module = stdnum.es.dni if number[0].isdigit() else stdnum.es.nie
    assert check_digits.dni(number.encode()) == module.is_valid(number)


@pytest.mark.parametrize("number", ["RCCMNL83S18D969H", "RSSMRA85T10A562S", "RSSMRA85T10A562T"])
def test_codice_fiscale(number: str) -> None:
    assert check_digits.codice_fiscale(number.encode()) == stdnum.it.codicefiscale.is_valid(number)


@pytest.mark.parametrize(
    "number",
    ["GB82WEST12345698765432", "DE89370400440532013000", "DE88370400440532013000", "NO9386011117947"],
)
def test_iban(number: str) -> None:
    assert check_digits.iban(number.encode()) == stdnum.iban.is_valid(number, check_country=False)
    assert check_digits.IBAN_LENGTHS[number[:2].encode()] == len(number)
