"""The transform for text that people wrote, as the laws are tried on it."""

from __future__ import annotations

import numpy as np
from law_case import TEXT, Case, varchar


def notes(count: int) -> list[str]:
    """Distinct notes with one thing to find in each, which their identity hangs on."""
    numbers = np.random.default_rng(7).integers(10**8, 10**9, count).tolist()
    forms = (
        "Please write to person.{0}@mail.example about it.",
        "Meine Nummer ist +49 151 {0}, danke!",
        "See https://shop.example/{0}\tand\\or call.",
        "Ping @user_{0} – schönen Gruß\nvom Team",
    )
    return sorted({forms[number % len(forms)].format(number) for number in numbers})


ODD = (
    "a@b.example", "x@y", "@a.b-c", "://", "http://", "www.", "www.a.b", "+", "+49", "(030) 1234567", "Tel. 12345",
    "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "DE89", "123-45-6789", "::1", "1.2.3.4.5", "fe80::1:2:3%eth0",
    "00:1A:2B:3C:4D:5E", "born 1984-02-30", "born 29.02.1984", "geb. 31.12.99", "Dear Mrs. ", "Dear Mrs. Smith",
    "Hi Jennifer Abernathy,", "Best regards,\n\nJohn", "Mr. O’Neill-Ångström Ünïcödé", "maria＠example.com", "12345678Z",
    "tab\t+49 151 23456789\tend", "„maria@web.example“", "名前 a@b.example 名前", "x" * 3000 + " a@b.example",
    "a@b.example" * 50, "1 2 3 4 5 6 7 8 9 0 1 2 3 4", "Tel " + "1" * 40, "\u200ba@b.example\u200b",
    "Mr. \ud7ff\U0001f642 Smith",
)  # fmt: skip

CASES = [
    Case("free_text", TEXT, many=notes, odd=ODD),
    Case("free_text", TEXT, {"otherwise": "redact"}, many=notes, odd=ODD),
    Case("free_text", TEXT, {"find": ["email", "phone", "url", "handle", "uuid"]}, many=notes, odd=ODD),
    Case("free_text", varchar(40), many=notes, odd=ODD),
    Case(
        "free_text", TEXT, {"rules": {"email": "hash", "phone": "hash", "url": "null"}}, many=notes, odd=ODD
    ),
]
