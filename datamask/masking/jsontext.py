"""What stands between the quotes of a JSON string, as text, and text as a JSON string holds it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from datamask.masking.jsontokens import JSON, Dialect

_SPECIAL = r'["\\\x00-\x1f]'


@dataclass(frozen=True, slots=True)
class Notation:
    """How documents of nested names and values are written.

    :param decode: from what stands between quotes to the text that it means.
    :param encode: the other way round; nulls stay.
    :param null: what is written for nothing.
    """

    dialect: Dialect
    decode: Callable[[pl.Series], pl.Series]
    encode: Callable[[pl.Series], pl.Series]
    null: str


def decoded(texts: pl.Series) -> pl.Series:
    """The texts that JSON strings stand for.

    :param texts: what stands between the quotes of valid JSON strings. A half of a surrogate pair alone, which is no
        text, becomes U+FFFD.
    """
    return _changed(texts, texts.str.contains("\\", literal=True), _decoded)


def encoded(texts: pl.Series) -> pl.Series:
    """Texts as they stand between the quotes of a JSON string; nulls stay."""
    return _changed(texts, texts.str.contains(_SPECIAL), _encoded)


JSON_NOTATION = Notation(JSON, decoded, encoded, "null")


def _changed(texts: pl.Series, which: pl.Series, change: Callable[[str], str]) -> pl.Series:
    if not which.any():
        return texts
    rows = which.fill_null(False).arg_true()
    return texts.scatter(
        rows, pl.Series(values=[change(text) for text in texts.gather(rows)], dtype=pl.String)
    )


def _decoded(text: str) -> str:
    plain: str = json.loads(f'"{text}"', strict=False)
    # UTF-8 has no halves of surrogate pairs.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _encoded(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
