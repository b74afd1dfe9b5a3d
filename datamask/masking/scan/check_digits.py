"""Check digits of numbers that people are known by."""

from __future__ import annotations

from typing import Final

# ISO 13616 registry: characters of an IBAN, by country.
IBAN_LENGTHS: Final = {
    b"AD": 24, b"AE": 23, b"AL": 28, b"AT": 20, b"AZ": 28, b"BA": 20, b"BE": 16, b"BG": 22, b"BH": 22, b"BI": 27,
    b"BR": 29, b"BY": 28, b"CH": 21, b"CR": 22, b"CY": 28, b"CZ": 24, b"DE": 22, b"DJ": 27, b"DK": 18, b"DO": 28,
    b"EE": 20, b"EG": 29, b"ES": 24, b"FI": 18, b"FK": 18, b"FO": 18, b"FR": 27, b"GB": 22, b"GE": 22, b"GI": 23,
    b"GL": 18, b"GR": 27, b"GT": 28, b"HN": 28, b"HR": 21, b"HU": 28, b"IE": 22, b"IL": 23, b"IQ": 23, b"IS": 26,
    b"IT": 27, b"JO": 30, b"KW": 30, b"KZ": 20, b"LB": 28, b"LC": 32, b"LI": 21, b"LT": 20, b"LU": 20, b"LV": 21,
    b"LY": 25, b"MC": 27, b"MD": 24, b"ME": 22, b"MK": 19, b"MN": 20, b"MR": 27, b"MT": 31, b"MU": 30, b"NI": 28,
    b"NL": 18, b"NO": 15, b"OM": 23, b"PK": 24, b"PL": 28, b"PS": 29, b"PT": 25, b"QA": 29, b"RO": 24, b"RS": 22,
    b"RU": 33, b"SA": 24, b"SC": 31, b"SD": 18, b"SE": 24, b"SI": 19, b"SK": 24, b"SM": 27, b"SO": 23, b"ST": 25,
    b"SV": 28, b"TL": 23, b"TN": 24, b"TR": 26, b"UA": 29, b"VA": 22, b"VG": 24, b"XK": 20, b"YE": 30,
}  # fmt: skip

_DNI_LETTERS = b"TRWAGMYFPDXBNJZSQVHLCKE"
_CF_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
# Verhoeff's tables (1969): the dihedral group of ten elements, and the permutation by place.
_D5 = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_PLACES = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def luhn(digits: bytes) -> bool:
    """Payment cards: ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = digit - 48
        total += number if place % 2 == 0 else (2 * number - 9 if number > 4 else 2 * number)
    return total % 10 == 0


def iban(compact: bytes) -> bool:
    """IBAN: ISO 13616, ISO 7064 MOD 97-10; upper case, without blanks."""
    return int("".join(str(int(char, 36)) for char in (compact[4:] + compact[:4]).decode())) % 97 == 1


def idnr(digits: bytes) -> bool:
    """Germany, Steuer-Identifikationsnummer: ISO 7064 MOD 11,10; one of the first ten digits comes twice or thrice."""
    repeated = sorted(digits[:10].count(digit) for digit in set(digits[:10]))
    if digits[:1] == b"0" or repeated[-1] not in (2, 3) or (len(repeated) > 1 and repeated[-2] != 1):
        return False
    product = 10
    for digit in digits[:10]:
        product = ((product + digit - 48) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == digits[10] - 48


def nir(digits: bytes) -> bool:
    """France, numéro d'inscription au répertoire: 13 characters and a key modulo 97; 2A and 2B are Corsica."""
    month = int(digits[3:5])
    number = digits[:13].replace(b"2A", b"19").replace(b"2B", b"18")
    known = digits[:1] in b"123478" and (1 <= month <= 12 or 20 <= month <= 42 or month >= 50)
    return known and 97 - int(number) % 97 == int(digits[13:])


def dni(characters: bytes) -> bool:
    """Spain, DNI and NIE: eight characters and a letter modulo 23."""
    number = characters[:-1].translate(bytes.maketrans(b"XYZ", b"012"))
    return _DNI_LETTERS[int(number) % 23] == characters[-1]


def codice_fiscale(characters: bytes) -> bool:
    """Italy, codice fiscale: 15 characters and a letter."""
    total = 0
    for place, char in enumerate(characters[:15]):
        value = char - 48 if char < 65 else char - 65
        total += value if place % 2 else _CF_ODD[value]
    return total % 26 == characters[15] - 65


def bsn(digits: bytes) -> bool:
    """The Netherlands, burgerservicenummer: the test of eleven."""
    total = sum((9 - place) * (digit - 48) for place, digit in enumerate(digits[:8])) - (digits[8] - 48)
    return total % 11 == 0 and total > 0


def pesel(digits: bytes) -> bool:
    """Poland, PESEL: a date of birth (the month tells the century) and weights 1, 3, 7, 9."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    born = 1 <= int(digits[2:4]) % 20 <= 12 and 1 <= int(digits[4:6]) <= 31
    return born and sum(w * (digit - 48) for w, digit in zip(weights, digits, strict=True)) % 10 == 0


def cpf(digits: bytes) -> bool:
    """Brazil, CPF: two check digits modulo 11; eleven equal digits are none."""
    if len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum((length + 1 - place) * (digit - 48) for place, digit in enumerate(digits[:length]))
        if total * 10 % 11 % 10 != digits[length] - 48:
            return False
    return True


def aadhaar(digits: bytes) -> bool:
    """India, Aadhaar: Verhoeff's scheme; the first digit is above 1."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _D5[check][_PLACES[place % 8][digit - 48]]
    return check == 0 and digits[0] > 49


def ahv(digits: bytes) -> bool:
    """Switzerland, AHV number: EAN-13 that begins with 756."""
    total = sum((digit - 48) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits.startswith(b"756") and total % 10 == 0


def ssn(digits: bytes) -> bool:
    """USA, social security number: no check digit; areas, groups and serials that are given out."""
    area = digits[:3]
    return area not in (b"000", b"666") and area < b"900" and digits[3:5] != b"00" and digits[5:] != b"0000"
