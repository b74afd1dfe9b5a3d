"""A column for every transform, as the benchmark masks it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from datamask.catalog.model import ColumnType

Column = tuple[ColumnType, pl.Series, dict[str, object]]
"""A type, values of it (String), and the transform's parameters."""

TEXT = ColumnType("text", "text", "text")
BIGINT = ColumnType("bigint", "integer", "int8")
UUID = ColumnType("uuid", "uuid", "uuid")
NUMERIC = ColumnType("numeric(12,2)", "numeric", "numeric", precision=12, scale=2)
DATE = ColumnType("date", "date", "date")
TIMESTAMP = ColumnType("timestamp with time zone", "timestamp", "timestamptz")
TIME = ColumnType("time without time zone", "time", "time")
BYTEA = ColumnType("bytea", "bytea", "bytea")
INET = ColumnType("inet", "inet", "inet")
JSONB = ColumnType("jsonb", "json", "jsonb")
HSTORE = ColumnType("hstore", "other", "hstore")
COMPOSITE = ColumnType("address", "composite", "address")
XML = ColumnType("xml", "xml", "xml")
OWN_FUNCTIONS = Path(__file__).parents[1] / "property" / "masking" / "own_functions_file.py"
ELSEWHERE = frozenset(("sql",))
"""Transforms that mask nothing here: the source's server does."""


def columns(numbers: np.ndarray) -> dict[str, Column]:
    """Columns made of random 50-bit numbers, by transform."""
    n = pl.Series(numbers)
    digits = n.cast(pl.String).str.zfill(16)
    names = "Name " + n.cast(pl.String).str.slice(0, 12)
    emails = "user." + n.cast(pl.String).str.slice(0, 9) + "@company" + (n % 97).cast(pl.String) + ".com"
    phones = "+49 " + digits.str.slice(4, 3) + " " + digits.str.slice(8, 8)
    dates = (n % 20_000).cast(pl.Int32).cast(pl.Date).cast(pl.String)
    octets = [((n // 256**place) % 200 + 12).cast(pl.String) for place in range(4)]
    hexes = pl.Series([f"{value * 0x9E3779B97F4A7C15 % 2**128:032x}" for value in numbers.tolist()])
    uuids = pl.select(
        pl.concat_str(
            *(hexes.str.slice(start, size) for start, size in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))),
            separator="-",
        )
    ).to_series()
    amounts = digits.str.slice(8, 5) + "." + digits.str.slice(13, 2)
    degrees = (n % 90).cast(pl.String) + "." + digits.str.slice(10, 5)
    documents = '{"name": "' + names + '", "age": 42, "tags": ["a", "b"], "email": "' + emails + '"}'
    orders = (
        '{"name": "'
        + names
        + '", "email": "'
        + emails
        + '", "phone": "'
        + phones
        + '", "theme": "dark", "visits": 7, '
        '"address": {"city": "Berlin", "zip": "'
        + digits.str.slice(8, 5)
        + '"}, "tags": ["a", "b"], "news": true}'
    )
    return {
        "null": (TEXT, names, {}),
        "empty": (TEXT, names, {}),
        "title": (TEXT, (n % 2).cast(pl.String).replace({"0": "Mr", "1": "Mrs"}), {}),
        "gender": (
            TEXT,
            (n % 3).cast(pl.String).replace({"0": "f", "1": "male", "2": "Herr"}),
            {"by": "value"},
        ),
        "fixed": (TEXT, names, {"value": "x"}),
        "redact": (TEXT, names, {"keep_length": True}),
        "hash": (TEXT, emails, {}),
        "email": (TEXT, emails, {}),
        "first_name": (TEXT, names, {}),
        "last_name": (TEXT, names, {}),
        "full_name": (TEXT, names, {}),
        "phone": (TEXT, phones, {}),
        "street": (TEXT, names, {}),
        "city": (TEXT, names, {}),
        "postal_code": (TEXT, digits.str.slice(8, 5), {}),
        "company": (TEXT, names, {}),
        "display_name": (TEXT, names, {}),
        "job_title": (TEXT, names, {}),
        "nationality": (TEXT, names, {}),
        "place": (TEXT, names, {"part": "postal_code", "by": "value"}),
        "user_agent": (TEXT, "Mozilla/5.0 (Windows NT 10.0) Firefox/" + digits.str.slice(8, 5), {}),
        "avatar": (TEXT, "https://shop.example/" + digits, {}),
        "username": (TEXT, names, {}),
        "url": (TEXT, "https://shop.example/" + digits, {}),
        "uuid": (UUID, uuids, {}),
        "key": (BIGINT, n, {}),
        "ff1": (TEXT, digits, {"alphabet": "digits"}),
        "card_number": (TEXT, digits, {}),
        "number_noise": (NUMERIC, amounts, {}),
        "shift_date": (DATE, dates, {}),
        "truncate_date": (TIMESTAMP, dates + " 12:34:56.789+00", {}),
        "birth_date": (DATE, dates, {}),
        "birth_year": (DATE, dates, {}),
        "zip3": (TEXT, digits.str.slice(8, 5), {}),
        "ip": (INET, octets[0] + "." + octets[1] + "." + octets[2] + "." + octets[3], {}),
        "iban": (TEXT, "DE" + digits + digits.str.slice(10, 4), {}),
        "national_id": (
            TEXT,
            "5" + digits.str.slice(8, 2) + "-" + digits.str.slice(6, 2) + "-" + digits.str.slice(12, 4),
            {"type": "us_ssn"},
        ),
        "plate": (TEXT, "B-MW " + digits.str.slice(8, 8), {}),
        "vin": (TEXT, "1M8GDM9AXK" + digits.str.slice(9, 7), {}),
        "mac": (TEXT, "08002b" + hexes.str.slice(20, 6), {}),
        "hostname": (TEXT, "web-" + digits.str.slice(8, 8) + ".prod.example.com", {}),
        "prefixed_id": (TEXT, "cus_" + digits.str.slice(4, 12) + "aB", {}),
        "ulid": (TEXT, "01ARZ3NDEK" + digits, {}),
        "object_id": (TEXT, hexes.str.slice(0, 24), {}),
        "ksuid": (TEXT, "0ujtsYcgvSv" + digits, {}),
        "nanoid": (TEXT, "V1_G-" + digits, {}),
        "redact_json": (JSONB, documents, {}),
        "json": (
            JSONB,
            orders,
            {"paths": {"$.name": "last_name", "$.email": "email", "$.phone": "hash"}, "unknown": "keep"},
        ),
        "free_text": (
            TEXT,
            "Dear team, please write to " + emails + " or call " + phones + ". Best, Maria",
            {},
        ),
        "base64_json": (
            TEXT,
            orders.str.encode("base64"),
            {"paths": {"$.name": "last_name", "$.email": "email"}},
        ),
        "hstore": (
            HSTORE,
            '"name"=>"' + names + '", "email"=>"' + emails + '", "size"=>"XL"',
            {"keys": {"name": "last_name", "email": "email", "size": "keep"}},
        ),
        "composite": (COMPOSITE, "(" + digits + "," + emails + ",)", {"fields": {"1": "hash", "2": "email"}}),
        "xml": (
            XML,
            "<person><email>" + emails + "</email><size>XL</size></person>",
            {"paths": {"//email": "email", "//size": "keep"}},
        ),
        "pairs": (TEXT, "email=" + emails + "&page=2", {"keys": {"email": "email", "page": "keep"}}),
        "python": (TEXT, names, {"file": str(OWN_FUNCTIONS), "function": "loyalty"}),
        "token": (TEXT, emails, {"prefix": "tok_"}),
        "template": (TEXT, emails, {"format": "user-{$token}@example.com"}),
        "choice": (TEXT, names, {"values": {"gold": 1, "silver": 3, "bronze": 9}}),
        "lookup": (TEXT, names, {"values": {"a": "b"}, "else": "first_name"}),
        "generalize": (TEXT, names, {"groups": {"A": ["a", "b"], "B": ["c"]}}),
        "round": (NUMERIC, amounts, {"to": 0.05}),
        "bucket": (NUMERIC, amounts, {"edges": [0, 100, 1000, 10_000, 50_000]}),
        "clip": (NUMERIC, amounts, {"max": 50_000}),
        "percentile": (NUMERIC, amounts, {"quantiles": [0, 100, 1000, 10_000, 100_000]}),
        "location": (TEXT, degrees + ", " + degrees, {"grid_km": 10}),
        "shift_time": (
            TIME,
            "12:" + (n % 60).cast(pl.String).str.zfill(2) + ":00." + digits.str.slice(0, 5),
            {},
        ),
        "placeholder": (BYTEA, "\\x89504e470d0a1a0a" + hexes, {}),
        "strip_metadata": (BYTEA, "\\x89504e470d0a1a0a" + hexes, {}),
    }
