"""What a column's data class and name say about its values, where its type alone would leave anything."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from typing import Final

import polars as pl

from datamask.catalog.model import Column
from datamask.masking.countries import countries
from datamask.masking.pools import fitting, pool
from datamask.masking.user_agents import DESKTOP, MOBILE, user_agents
from datamask.synthetic.bounds import Bounds
from datamask.synthetic.domains import (
    Choices,
    Codes,
    Dates,
    Decimals,
    Domain,
    Formatted,
    Integers,
    days,
    numbered,
)
from datamask.synthetic.types import type_domain

_DIGITS: Final = string.digits
_HEX: Final = "0123456789abcdef"
_ADULTS: Final = (days(date(1945, 1, 1)), days(date(2004, 12, 31)))

_LISTS: Final[dict[str, tuple[str, ...]]] = {
    "status": ("active", "pending", "completed", "cancelled", "failed"),
    "state": ("new", "open", "in progress", "done", "closed"),
    "type": ("standard", "basic", "premium", "trial", "internal"),
    "kind": ("standard", "basic", "premium", "trial", "internal"),
    "category": ("books", "clothing", "electronics", "garden", "music", "office", "sports", "toys"),
    "level": ("low", "medium", "high"),
    "priority": ("low", "normal", "high", "urgent"),
    "currency": ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "SEK"),
    "language": ("English", "German", "French", "Spanish", "Italian", "Dutch", "Polish", "Portuguese"),
    "locale": ("en-US", "de-DE", "fr-FR", "es-ES", "it-IT", "nl-NL"),
    "color": ("black", "blue", "green", "grey", "red", "silver", "white", "yellow"),
    "size": ("XS", "S", "M", "L", "XL"),
    "unit": ("piece", "kg", "l", "m", "box", "hour"),
    "method": ("card", "transfer", "invoice", "cash"),
    "channel": ("web", "store", "phone", "app"),
    "role": ("user", "editor", "admin", "guest"),
    "timezone": ("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo"),
    "department": ("Sales", "Marketing", "Finance", "Engineering", "Support", "Production"),
    "extension": (".pdf", ".txt", ".jpg", ".doc", ".csv"),
}
_ALIKE: Final = {"colour": "color", "stage": "state", "group": "category", "genre": "category", "tier": "level",
                 "severity": "priority", "lang": "language", "culture": "locale", "class": "type", "source": "channel",
                 "medium": "channel", "plan": "type", "mode": "method", "tz": "timezone"}  # fmt: skip
_SENTENCES: Final = frozenset(
    [
        "description",
        "desc",
        "comment",
        "comments",
        "note",
        "notes",
        "text",
        "body",
        "summary",
        "message",
        "content",
        "review",
        "remark",
        "remarks",
        "bio",
        "details",
        "instructions",
        "abstract",
        "about",
        "reason",
    ]
)
_NAMES: Final = frozenset(
    ["name", "title", "label", "subject", "headline", "caption", "heading", "topic", "designation"]
)
_CODES: Final = frozenset(
    [
        "code",
        "number",
        "no",
        "nr",
        "sku",
        "reference",
        "ref",
        "key",
        "token",
        "barcode",
        "ean",
        "isbn",
        "serial",
        "hash",
        "id",
        "symbol",
    ]
)
_LINKS: Final = frozenset(["url", "link", "uri", "website", "homepage", "href"])
_PATHS: Final = frozenset(["path", "file", "filename", "folder", "image", "picture", "photo"])
_AMOUNTS: Final = frozenset(
    [
        "price",
        "amount",
        "total",
        "subtotal",
        "cost",
        "fee",
        "salary",
        "wage",
        "balance",
        "revenue",
        "budget",
        "freight",
        "tax",
        "bonus",
    ]
)
_COUNTS: Final = frozenset(
    ["quantity", "qty", "count", "stock", "units", "amount", "items", "pieces", "seats"]
)
_ADJECTIVES: Final = [
    "Autumn",
    "Blue",
    "Bright",
    "Calm",
    "Classic",
    "Compact",
    "Copper",
    "Crystal",
    "Eastern",
    "Fine",
    "Fresh",
    "Golden",
    "Grand",
    "Green",
    "Light",
    "Little",
    "Lunar",
    "Modern",
    "Northern",
    "Plain",
    "Quiet",
    "Rapid",
    "Royal",
    "Silver",
    "Smart",
    "Solid",
    "Southern",
    "Summer",
    "Urban",
    "Western",
    "Wild",
    "Winter",
]
_NOUNS: Final = [
    "Anchor",
    "Basket",
    "Beacon",
    "Bench",
    "Bottle",
    "Bridge",
    "Camera",
    "Chair",
    "Clock",
    "Compass",
    "Desk",
    "Engine",
    "Field",
    "Garden",
    "Guitar",
    "Harbor",
    "Helmet",
    "Kettle",
    "Ladder",
    "Lamp",
    "Lantern",
    "Mirror",
    "Notebook",
    "Orchard",
    "Paddle",
    "Pencil",
    "River",
    "Shelf",
    "Table",
    "Tower",
    "Wagon",
    "Window",
]
_OPENINGS: Final = (
    "The order",
    "This item",
    "The delivery",
    "Our team",
    "The report",
    "A second look",
    "The new version",
    "The customer",
)
_MIDDLES: Final = (
    "arrived on time",
    "was checked twice",
    "needs another day",
    "looks better than before",
    "is part of a series",
    "was moved to the next week",
    "has been approved",
    "came without a label",
)
_ENDINGS: Final = (
    ".",
    " and nothing is left to do.",
    ", as agreed.",
    " after a short call.",
    "; see the list.",
)


def meant_domain(
    column: Column, words: tuple[str, ...], data_class: str | None, bounds: Bounds, key: int
) -> Domain | None:
    """The values that a column's class or name asks for; None where only its type says something.

    Never wider than the type, and only where no constraint says more.
    """
    kind = column.type.kind
    if bounds.values is not None or bounds.pattern is not None or column.type.base in {"char", "money"}:
        return None
    if kind == "text" and not bounds.shortest:
        length = _shortest(column.type.max_length, bounds.longest)
        by_class = _text_of_class(data_class or "", length)
        return by_class or _text_of_name(words, length)
    if kind == "date" and data_class == "person.birth_date" and (bounds.low, bounds.high) == (None, None):
        return Dates(*_ADULTS)
    if kind in {"integer", "numeric", "float"} and not bounds.without:
        return _number_of_name(column, words, data_class, bounds, key)
    return None


def unique_domain(
    column: Column, words: tuple[str, ...], data_class: str | None, bounds: Bounds, key: int
) -> Domain | None:
    """The values of a column that must be different in each row: as ``meant_domain``, with room for many."""
    if (
        column.type.kind != "text"
        or bounds.values is not None
        or bounds.pattern is not None
        or bounds.shortest
    ):
        return None
    length = _shortest(column.type.max_length, bounds.longest)
    if data_class == "person.email":
        return numbered(["user"], length, "", "@example.com")
    if data_class == "person.username":
        return numbered(["user"], length, "")
    if data_class == "company.name":
        return numbered(_pooled("company", None), length)
    if data_class in {"address.city", "address.street"}:
        return numbered(_pooled(data_class.partition(".")[2], None), length)
    if data_class in {"person.name", "person.first_name", "person.last_name"}:
        return numbered(_pooled("last_name", None), length)
    if words and words[-1] in _NAMES:
        return numbered(_titles(), length)
    found = meant_domain(column, words, data_class, bounds, key)
    return found if isinstance(found, Codes | Formatted) else None


def _shortest(*lengths: int | None) -> int | None:
    return min((length for length in lengths if length is not None), default=None)


def _text_of_class(data_class: str, length: int | None) -> Domain | None:
    match data_class:
        case "company.name":
            return _choices(_pooled("company", length))
        case "person.job_title":
            return _choices(_pooled("job", length))
        case "person.phone":
            return _fits(
                Codes((*"+1 ", *("23456789", _DIGITS, _DIGITS), *" 555 01", _DIGITS, _DIGITS)), length
            ) or _fits(Codes((*"555", *"01", _DIGITS, _DIGITS)), length)
        case "person.national_id" | "company.registration" | "payment.account":
            return _fits(Codes((_DIGITS,) * 9), length)
        case "payment.card_number":
            # A test range of a card brand, never issued.
            return _fits(Codes((*"4000", *(_DIGITS,) * 12)), length)
        case "payment.iban":
            return _fits(Codes((*"XX00", *(_DIGITS,) * 16)), length)
        case "network.ip":
            return _fits(Formatted(Integers(1, 254), "192.0.2.{}"), length, 11)
        case "network.mac":
            return _fits(Codes(tuple("02:00:00:") + (_HEX, _HEX, ":") * 2 + (_HEX, _HEX)), length)
        case "network.url":
            return _fits(Formatted(Codes((_HEX,) * 8), "https://example.com/{}"), length, 28)
        case "network.user_agent":
            return _choices([text for family in (DESKTOP, MOBILE) for text in user_agents(family)], length)
        case "network.device_id" | "credential.token":
            return Codes((_HEX,) * min(32, length or 32))
        case "credential.password":
            # A bcrypt hash in form, of nothing.
            return _fits(Codes((*"$2b$12$", *(string.ascii_letters + _DIGITS,) * 53)), length) or Codes(
                (string.ascii_letters + _DIGITS,) * min(16, length or 16)
            )
        case "free_text":
            return _sentences(length)
        case "person.demographic":
            return _choices(["single", "married", "divorced", "widowed"], length)
    return None


def _text_of_name(words: tuple[str, ...], length: int | None) -> Domain | None:
    if not words:
        return None
    last = words[-1]
    singular = last[:-1] if last.endswith("s") and last[:-1] in _LISTS else last
    if "country" in words and last in {"code", "country", "iso"}:
        return _countries(length)
    listed = _LISTS.get(_ALIKE.get(singular, singular)) or (
        _LISTS.get(words[-2]) if last == "code" and len(words) > 1 else None
    )
    if listed:
        return _choices(listed, length) or _choices([entry[: length or 1] for entry in listed], length)
    if last in _LINKS:
        return _fits(Formatted(Codes((_HEX,) * 8), "https://example.com/{}"), length, 28)
    if last in _PATHS:
        return _fits(Formatted(Codes((_HEX,) * 8), "/files/{}.dat"), length, 19)
    if last in _SENTENCES:
        return _sentences(length)
    if last in _NAMES:
        return _choices(_titles(), length)
    if last in _CODES or any(word in _CODES for word in words):
        return None
    if length is None or length >= 12:
        return _choices(_titles(), length)
    return None


def _number_of_name(
    column: Column, words: tuple[str, ...], data_class: str | None, bounds: Bounds, key: int
) -> Domain | None:
    low, high = _meant_range(set(words), data_class, column.type.kind)
    if low is None:
        return None
    # Where a constraint says something, it is the constraint that counts.
    wide = bounds.high is None
    merged = replace(
        bounds,
        low=bounds.low if bounds.low is not None else str(low),
        high=str(_raised(bounds.low, low, high)) if wide else bounds.high,
        low_open=bounds.low_open and bounds.low is not None,
        high_open=bounds.high_open and not wide,
    )
    if bounds.low is None and bounds.high is not None and float(bounds.high) < low:
        merged = replace(merged, low=None)
    domain = type_domain(column.type, merged, key)
    skewed = wide and set(words) & (_AMOUNTS | _COUNTS)
    return replace(domain, power=2.5) if skewed and isinstance(domain, Integers | Decimals) else domain


def _raised(bound: str | None, low: int, high: int) -> int:
    """The upper end, moved with a lower bound that lies above the usual range."""
    return high if bound is None or float(bound) < high else int(float(bound)) + high - low


def _meant_range(words: set[str], data_class: str | None, kind: str) -> tuple[int | None, int]:
    if data_class == "person.income" or words & {"salary", "income", "wage"}:
        return 20_000, 120_000
    if "year" in words:
        return 2000, 2024
    if "month" in words:
        return 1, 12
    if "age" in words:
        return 18, 90
    if words & {"rating", "stars", "score"}:
        return 1, 5
    if words & {"percent", "percentage", "pct", "discount"}:
        return 0, 1 if kind != "integer" else 100
    if words & _COUNTS and kind == "integer":
        return 1, 100
    if words & _AMOUNTS:
        return 1, 1000 if kind != "integer" else 100_000
    if words & {"position", "rank", "sort", "order", "sequence"} and kind == "integer":
        return 0, 100
    return None, 0


def _fits(domain: Domain, length: int | None, longest: int | None = None) -> Domain | None:
    size = longest if longest is not None else len(domain.alphabets) if isinstance(domain, Codes) else 0
    return domain if length is None or size <= length else None


def _choices(entries: Sequence[str], length: int | None = None) -> Domain | None:
    kept = [entry for entry in dict.fromkeys(entries) if length is None or len(entry) <= length]
    return Choices(pl.Series(kept)) if kept else None


def _pooled(kind: str, length: int | None) -> list[str]:
    return list(dict.fromkeys(fitting(pool(kind, "en_US"), length)))


def _countries(length: int | None) -> Domain | None:
    if length is not None and length <= 3:
        return _choices([country.code if length == 2 else country.code3 for country in countries()], length)
    return _choices([country.name for country in countries()], length)


@cache
def _titles() -> tuple[str, ...]:
    return tuple(f"{first} {second}" for first, second in product(_ADJECTIVES, _NOUNS))


def _sentences(length: int | None) -> Domain | None:
    texts = [
        "".join((first, " ", middle, end)) for first, middle, end in product(_OPENINGS, _MIDDLES, _ENDINGS)
    ]
    return _choices(texts, length) or _choices([text.split()[1][: length or 1] for text in texts])
