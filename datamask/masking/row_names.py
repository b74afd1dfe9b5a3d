"""The names that a row's own columns get, as the first part of an address or a user name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from datamask.masking.model import JSONValue
from datamask.masking.params import Param, texts

FROM: Final = Param("from", "texts", None, "columns of the row whose masked names the result begins with")

# Letters that are no base letter with a mark.
_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}


def columns(params: Mapping[str, JSONValue]) -> tuple[str, ...]:
    """The columns that names are made of."""
    return tuple(dict.fromkeys(texts(params, FROM.name)))


def joined(row: Mapping[str, pl.Series], names: tuple[str, ...]) -> pl.Series:
    """A row's names joined by dots, in the letters a to z; the empty text where it has none.

    :param row: the named columns, as they are after masking.
    """
    frame = pl.DataFrame({name: _plain(row[name]) for name in names})
    return frame.select(pl.concat_str(pl.all(), separator=".", ignore_nulls=True)).to_series()


def _plain(names: pl.Series) -> pl.Series:
    """The names in the letters a to z, null where none is left."""
    lower = names.fill_null("").str.to_lowercase().str.replace_many(list(_LETTERS), list(_LETTERS.values()))
    letters = lower.str.normalize("NFKD").str.replace_all("[^a-z]", "")
    return letters.set(letters.str.len_bytes() == 0, None)
