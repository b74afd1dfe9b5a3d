"""Masking inside JSON documents that are written in base64: base64_json."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from datamask.masking.nested import TEXT
from datamask.masking.stand_in import StandIn, fitting
from datamask.masking.transform import Binding, Case, Laws, MaskFunction
from datamask.masking.transforms.json_document import Json

# A document cannot begin with it: what follows is no JSON.
_NO_DOCUMENT = "\x01"


class Base64Json(Json):
    """As ``json``, for documents written in base64 (RFC 4648).

    The alphabet stays (with ``-`` or ``_`` in it, a text is of the URL-safe one), and so does missing padding where a
    text shows that it is missing. What is no base64, or holds no JSON, becomes the base64 of a JSON
    string of its keyed hash.
    """

    name = "base64_json"
    summary = "transforms inside of JSON documents in base64, by JSON path"
    kinds = frozenset(("text",))
    cost = 4000

    def column_laws(self, case: Case) -> Laws:
        """Different documents may become equal."""
        super().column_laws(case)
        return Laws(max_length=case.type.max_length)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        # The column's width is that of the base64, not of the document inside.
        inner = super().bind(replace(binding, mask=replace(binding.mask, type=TEXT)))
        return fitting(lambda values, row: _encoded(inner(_decoded(values), row), values), StandIn(binding))


def _decoded(values: pl.Series) -> pl.Series:
    """The documents; of what holds none, something that is no JSON."""
    plain = values.str.replace_all("-", "+", literal=True).str.replace_all("_", "/", literal=True)
    missing = (4 - plain.str.len_bytes().cast(pl.Int64) % 4) % 4
    padding = pl.Series(values=["", "=", "==", "==="], dtype=pl.String).gather(missing)
    return _as_text((plain + padding).str.decode("base64", strict=False)).fill_null(_NO_DOCUMENT + values)


def _as_text(values: pl.Series) -> pl.Series:
    """Bytes as text; null for what is no UTF-8."""
    try:
        return values.cast(pl.String)
    except pl.exceptions.ComputeError:
        return pl.Series(values=[None if one is None else _utf8(one) for one in values], dtype=pl.String)


def _utf8(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _encoded(documents: pl.Series, values: pl.Series) -> pl.Series:
    """The documents in base64, each in its value's alphabet and with padding as it had."""
    standard = documents.str.encode("base64")
    url_safe = standard.str.replace_all("+", "-", literal=True).str.replace_all("/", "_", literal=True)
    results = url_safe.zip_with(values.str.contains("[-_]"), standard)
    unpadded = values.str.len_bytes() % 4 > 0
    return results.str.strip_chars_end("=").zip_with(unpadded, results)
