"""Formats that values have: what an e-mail address, a card number or a password's hash looks like.

Each takes one value without surrounding white space and tells whether it has the format, check digits included.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from typing import Final

_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s.]+(?:\.[^@\s.]+)+")
_URL = re.compile(r"(?:https?|ftp)://\S+|www\.\S+\.\S+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_MAC = re.compile(r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}", re.IGNORECASE)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_SEPARATED_PHONE = re.compile(
    r"\(\d{1,5}\)[ -]?\d[\d -]{3,10}\d|\d{3}[-. ]\d{3}[-. ]\d{4}|0\d{1,5}[ /-]\d[\d /-]{3,12}\d"
    r"|(?:\d\d[ .]){4}\d\d|(?:\+|00)[1-9][\d ().-]{6,18}\d"
)
_CARD = re.compile(r"(?:3[0-9]|[2456]\d)\d{11,17}")
_PASSWORD_HASH = re.compile(
    r"\$(?:2[abxy]?|argon2(?:id|i|d)|pbkdf2[\w-]*|scrypt|s0|y|7|6|5|1|apr1|P|H)\$.{8,}|pbkdf2_sha\d+\$.+"
    r"|(?:argon2|bcrypt(?:_sha256)?|scrypt|sha1|md5)\$.{8,}|\{(?:SSHA|SHA|SMD5|MD5|CRYPT|PBKDF2)\d*\}.{8,}|scrypt:\d+:\d+:.+",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"  # a signed JSON Web Token (RFC 7519)
    r"|(?:sk|pk|rk)_(?:live|test)_\w{10,}|whsec_\w{10,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w.-]{20,}|xox[abeoprs]-[\w-]{10,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|npm_\w{30,}|pypi-[\w-]{20,}|shp(?:at|ca|pa|ss)_\w{20,}|dop_v1_\w{20,}|sq0\w{3}-[\w-]{20,}|hf_\w{20,}"
)
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----")
_SSN = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}")
_USER_AGENT = re.compile(r"(?:Mozilla|Opera|Dalvik|curl|okhttp|PostmanRuntime|python-requests|Wget)/\d.*")
_COORDINATES = re.compile(
    r"[(\[]?\s*-?(?:[0-8]?\d|90)\.\d{3,}\s*[,; ]\s*-?(?:1[0-7]\d|\d?\d|180)\.\d{3,}\s*[)\]]?"
    r"|POINT\s*Z?\s*\(-?\d+(?:\.\d+)? -?\d+(?:\.\d+)?.*\)",
    re.IGNORECASE,
)
# A word for a street and a house number, in the order of the language.
_NUMBER_FIRST = r"\d+[\w/-]*,?(?: bis| ter)?,?\s+"
_STREET = re.compile(
    _NUMBER_FIRST
    + r"(?:[\w.'’-]+\s+){0,5}(?:street|st|avenue|ave|av|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct"
    r"|place|pl|way|terrace|close|crescent|square|circle|highway|hwy|parkway|pkwy|trail|loop|parade|mews)\b\.?.*"
    "|"
    + _NUMBER_FIRST
    + r"(?:rue|avenue|av\.|boulevard|bd|chemin|impasse|place|allée|allee|route|quai|cours)\s.+"
    r"|[\w.'’ -]*(?:straße|strasse|str\.|gasse|weg|platz|allee|ring|damm|ufer|straat|laan|plein|gracht|kade|dijk"
    r"|singel|dreef)\s+\d+.*"
    r"|(?:calle|c/|avenida|avda\.?|av\.|plaza|paseo|carrera|camino|via|viale|piazza|corso|vicolo|largo|rua"
    r"|travessa|praça|praca|alameda|estrada|rodovia|ul\.|ulica|al\.|aleja|os\.|osiedle|pl\.|plac|calzada"
    r"|callejón|ronda|rambla)\s.*\d.*",
    re.IGNORECASE,
)
# Its words, to ask for one of them before the whole is tried.
_STREET_WORDS = frozenset(re.findall(r"[^\W\d_]{2,}", _STREET.pattern.lower())) | {"c"}
_STREET_ENDS = (
    "straße",
    "strasse",
    "str",
    "gasse",
    "weg",
    "platz",
    "allee",
    "damm",
    "straat",
    "laan",
    "plein",
    "gracht",
)
_WORD = re.compile(r"[^\W\d_]+")
_POSTAL_CODE = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d|\d{4} [A-Z]{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{5}-\d{3,4}"
)
_ISO_DATE = re.compile(r"(\d{4})-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?.*)?")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_.=-]{24,}")


def is_email(value: str) -> bool:
    """An e-mail address, more or less as RFC 5321 has it."""
    return "@" in value and _EMAIL.fullmatch(value) is not None


def is_card_number(value: str) -> bool:
    """A payment card's number with its check digit."""
    digits = value.replace(" ", "").replace("-", "")
    return 13 <= len(digits) <= 19 and _CARD.fullmatch(digits) is not None and luhn(digits)


def luhn(digits: str) -> bool:
    """The check of payment card numbers (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        number = int(digit)
        if position % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def is_iban(value: str) -> bool:
    """An international bank account number with its check digits."""
    # ISO 13616: the first four characters to the end, letters to numbers, modulo 97 is 1.
    compact = value.replace(" ", "").upper()
    if not _IBAN.fullmatch(compact):
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def is_ip(value: str) -> bool:
    """An IPv4 or IPv6 address, or a network."""
    if not value[:1].isalnum() and not value.startswith(":"):
        return False
    if value.count(".") != 3 and value.count(":") < 2:
        return False
    try:
        ipaddress.ip_interface(value)
    except ValueError:
        return False
    return True


def is_phone(value: str) -> bool:
    """A telephone number that can be told from other numbers: with a country code or separators."""
    return (
        8 <= len(value) <= 22
        and _SEPARATED_PHONE.fullmatch(value) is not None
        and _ISO_DATE.match(value) is None
    )


def is_base64_json(value: str) -> bool:
    """A JSON object in base64, as tokens and cookies carry them."""
    if not value.startswith(("eyJ", "eyI", "ewo", "W3s", "e30")) or not _BASE64.fullmatch(value):
        return False
    try:
        start = base64.b64decode(value[: len(value) // 4 * 4][:64], altchars=b"-_")
    except (binascii.Error, ValueError):
        return False
    return start[:1] in b"{["


def is_key_like(value: str) -> bool:
    """A long run of letters and digits mixed, as keys and tokens are."""
    return _RANDOM.fullmatch(value) is not None


def year_of(value: str) -> int | None:
    """The year of a date in PostgreSQL's ISO form, or None."""
    match = _ISO_DATE.fullmatch(value)
    return int(match[1]) if match else None


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


def _has_coordinates(value: str) -> bool:
    return "." in value and _COORDINATES.fullmatch(value) is not None


def _has_street(value: str) -> bool:
    words = _WORD.findall(value.lower())
    if _STREET_WORDS.isdisjoint(words) and not any(word.endswith(_STREET_ENDS) for word in words):
        return False
    return _STREET.fullmatch(value) is not None


FORMATS: Final[tuple[tuple[str, Callable[[str], bool], float, float], ...]] = (
    # Data class, format, the part of the values that must have it, how sure that makes.
    ("person.email", is_email, 0.6, 0.95),
    ("payment.iban", is_iban, 0.6, 0.95),
    # One number in ten passes the check digit by chance, and most card numbers in test systems are true ones.
    ("payment.card_number", is_card_number, 0.6, 0.9),
    ("key", _matches(_UUID), 0.6, 0.8),
    ("network.mac", _matches(_MAC), 0.6, 0.9),
    ("network.ip", is_ip, 0.6, 0.85),
    ("network.url", _matches(_URL), 0.6, 0.8),
    ("credential.password", _matches(_PASSWORD_HASH), 0.6, 0.95),
    ("credential.token", _matches(_TOKEN), 0.6, 0.95),
    ("credential.token", lambda value: _PEM.match(value) is not None, 0.6, 0.95),
    ("document", is_base64_json, 0.6, 0.8),
    ("network.user_agent", _matches(_USER_AGENT), 0.6, 0.8),
    ("person.national_id", _matches(_SSN), 0.6, 0.8),
    ("person.phone", is_phone, 0.6, 0.75),
    ("address.coordinates", _has_coordinates, 0.6, 0.75),
    ("address.street", _has_street, 0.5, 0.75),
    ("address.postal_code", _matches(_POSTAL_CODE), 0.8, 0.65),
)
"""Formats in the order in which they are tried."""
