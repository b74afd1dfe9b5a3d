"""Names, addresses, phone numbers and what else describes a person, as their laws are tried."""

from __future__ import annotations

import numpy as np
from law_case import (
    BYTEA,
    DATE,
    FLOAT8,
    MONEY,
    NUMERIC,
    SMALLINT,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
    Case,
    varchar,
)

from datamask.catalog.model import ColumnType

SEX = ColumnType("sex", "enum", "sex", labels=("Female", "Male", "Other"))
GENDERS = ("f", "M", "female", "Frau", "Herr", "2", "1", "0", "divers", "x", " W ")
COUNTRIES = ("German", "Germany", "DE", "DEU", "deutsch", "Atlantis", "XX")
ADDRESS = ("street", "city", "region", "region_code", "postal_code")
AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0",
    "curl/7.88.1",
    "nonsense",
)
PHONES = (
    "+49 30 123456", "+49 (0)30 123456", "0049 30 123456", "+4915123456789", "+1 (202) 555-0143", "1-202-555-0143",
    "(202) 555-0143", "030 123456", "+44 7400 123456", "+39 06 698 12345", "+390612345678", "+800 1234 5678", "+999 1",
    "+1", "++49 30 123456", "+49 30 +123456", "00", "0049", "001 202 555 0143", "+36 1 234 5678", "06 1 234 5678",
    "+7 912 345 67 89", "8 912 345-67-89", "+49 30 123456 x12", "+49                              30 123456",
    "1234567890123456789",
)  # fmt: skip


def _names(count: int) -> list[str]:
    """First and last names in several forms."""
    forms = ("Maria Schneider{}", "SCHNEIDER{}, MARIA", "maria schneider{}", "M. Schneider{}", "maria.s{}")
    return [forms[number % 5].format(number) for number in range(count)]


def _phones(count: int) -> list[str]:
    """Valid and invalid numbers of several countries."""
    numbers = np.unique(np.random.default_rng(5).integers(0, 10**8, count)).tolist()
    forms = (
        "+49 151 {:08d}",
        "+1 (202) 5{:07d}",
        "0151 {:08d}",
        "+44 20 {:08d}",
        "+33 9 {:08d}",
        "555-{:08d}",
    )
    return [forms[number % 6].format(number % 10**7 if number % 6 == 1 else number) for number in numbers]


CASES = [
    *(
        Case(name, TEXT, params, many=_names)
        for name in ("first_name", "last_name", "full_name", "display_name")
        for params in (
            {},
            {"locale": "pl_PL", "gender": "value"},
            {"locale_from": "value", "gender": "value"},
        )
    ),
    Case("full_name", TEXT, {"form": "first last", "by": "value"}, many=_names),
    Case("city", TEXT, {"by": "value"}),
    Case("full_name", varchar(12), many=_names),
    Case("title", TEXT, odd=GENDERS, many=lambda count: list(GENDERS)),
    Case("title", TEXT, {"by": "value", "locale": "fr_FR"}, many=lambda count: list(GENDERS)),
    *(
        Case("gender", kind, {"by": "value", **params}, odd=odd, many=lambda count, odd=odd: list(odd))
        for kind, params, odd in (
            (TEXT, {}, GENDERS),
            (TEXT, {"female": "w", "male": "m", "swap": 1}, GENDERS),
            (varchar(1), {}, GENDERS),
            (SEX, {}, SEX.labels),
            (SMALLINT, {}, ("0", "1", "2", "9")),
        )
    ),
    Case("nationality", TEXT, odd=COUNTRIES, many=lambda count: list(COUNTRIES)),
    Case("nationality", TEXT, {"by": "value", "form": "code"}),
    Case("job_title", TEXT, {"locale": "de_DE"}),
    Case("job_title", TEXT, {"locale_from": "value"}),
    Case("street", TEXT, {"locale_from": "value"}),
    *(Case("place", TEXT, {"part": part, "by": "value"}) for part in ADDRESS),
    Case("place", TEXT, {"part": "postal_code", "address": ["value"], "country": "GB"}),
    Case("place", varchar(4), {"part": "city", "address": ["value"], "country": "DE"}),
    Case("place", TEXT, {"part": "country", "by": "value", "country_from": "value"}, keyed=False),
    Case("place", TEXT, {"part": "country_code", "by": "value", "country": "BR"}, keyed=False),
    *(
        Case("place", kind, {"part": part, "by": "value"})
        for kind, part in (
            (TEXT, "longitude"),
            (NUMERIC, "latitude"),
            (MONEY, "longitude"),
            (FLOAT8, "latitude"),
        )
    ),
    *(
        Case("birth_date", kind, params)
        for kind in (DATE, TIMESTAMP, TIMESTAMPTZ)
        for params in ({}, {"keep": "age_band", "band": 10, "adult": 18}, {"within": "30d", "adult": 18})
    ),
    Case("user_agent", TEXT, odd=AGENTS),
    Case("avatar", TEXT),
    Case("avatar", TEXT, {"as": "svg"}),
    Case("avatar", BYTEA),
    *(
        Case("phone", TEXT, params, odd=PHONES, many=_phones)
        for params in (
            {"region": "DE"},
            {"region": "US", "keep": "area"},
            {"region_from": "value"},
            {"valid": False},
        )
    ),
    Case("email", TEXT, {"domains": ["example.com", "example.org", "a.test"]}),
]
