"""What sampled values say about a column: formats and check digits, never the values themselves."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Final

from datamask.classify.by_name import Guess

Values = Sequence[str | None]

# Below this many values a share says nothing.
_FEWEST: Final = 5
# Part of the values that must have a format: real columns hold some typing errors and placeholders.
_SHARE: Final = 0.6

_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s.]+(?:\.[^@\s.]+)+")
_URL = re.compile(r"(?:https?|ftp)://\S+|www\.\S+\.\S+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_MAC = re.compile(r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}", re.IGNORECASE)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_PHONE = re.compile(
    r"(?:\+|00)[1-9][\d ().-]{6,18}\d|\(\d{2,5}\)[ -]?\d[\d -]{3,10}\d|\d{3}[-. ]\d{3}[-. ]\d{4}"
)
_CARD = re.compile(r"[2-6]\d{12,18}")
_HASH = re.compile(
    r"\$(?:2[aby]|argon2id?|argon2i|pbkdf2[\w-]*|scrypt|6|5|1)\$.+|pbkdf2_sha\d+\$.+", re.IGNORECASE
)
_JWT = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*")
_SSN = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}")
_UA = re.compile(r"(?:Mozilla|Opera|curl|Dalvik)/\d.*")


def guess_by_values(values: Values) -> Guess | None:
    """The data class that most of the sampled values have the format of, or None.

    :param values: a column's values as PostgreSQL text, None for NULL.
    """
    present = [value.strip() for value in values if value is not None and value.strip()]
    if len(present) < _FEWEST:
        return None
    for data_class, check, confidence in _CHECKS:
        hits = sum(1 for value in present if check(value))
        if hits / len(present) >= _SHARE:
            # Only the share goes into the reason: a value must not.
            return Guess(
                data_class, confidence, f"{hits * 100 // len(present)} % of sampled values have its format"
            )
    return None


def holds_emails(values: Values) -> bool:
    """True where some values contain an e-mail address, whatever else they hold."""
    return any(value is not None and _EMAIL.search(value) for value in values)


def is_label(values: Values) -> bool:
    """True for a few short values that come again and again: a status, not somebody's words."""
    present = [value for value in values if value is not None]
    distinct = set(present)
    return (
        len(present) >= 30
        and len(distinct) * 10 <= len(present)
        and all(len(value) <= 40 for value in distinct)
    )


def luhn(digits: str) -> bool:
    """The check of payment card numbers (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        number = int(digit)
        if position % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def _card(value: str) -> bool:
    digits = re.sub(r"[ -]", "", value)
    return _CARD.fullmatch(digits) is not None and luhn(digits)


def _iban(value: str) -> bool:
    # ISO 13616: the first four characters to the end, letters to numbers, modulo 97 is 1.
    compact = value.replace(" ", "").upper()
    if not _IBAN.fullmatch(compact):
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _ip(value: str) -> bool:
    if "." not in value and ":" not in value:
        return False
    try:
        ipaddress.ip_interface(value)
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


_CHECKS: tuple[tuple[str, Callable[[str], bool], float], ...] = (
    ("person.email", _matches(_EMAIL), 0.95),
    ("payment.iban", _iban, 0.95),
    ("payment.card_number", _card, 0.9),
    ("key", _matches(_UUID), 0.8),
    ("network.mac", _matches(_MAC), 0.9),
    ("network.ip", _ip, 0.85),
    ("network.url", _matches(_URL), 0.8),
    ("credential.password", _matches(_HASH), 0.95),
    ("credential.token", _matches(_JWT), 0.95),
    ("network.user_agent", _matches(_UA), 0.8),
    ("person.national_id", _matches(_SSN), 0.8),
    ("person.phone", _matches(_PHONE), 0.75),
)
