"""Texts made of awkward pieces: a result hangs on its row alone, and the row's own name does not survive."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from law_case import TEXT

from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
PIECES = [
    "Maria", "Schneider", "MÜLLER's", "o’Brien", "Jürgen", "van der Berg", "山田太郎", "é", "e\u0301",
    "\u0301", "ß", "ẞ", "İ", "ﬁ", "Ω", "ё", "\u200b", "\u00ad", "🙂", "„", "’", "'", "@", "://", "www.",
    "a@b.de", "+49", " 151 ", "23456789", "0", "12", "2024", "-", "/", ".", "(", ")", ":", "::", "fe80",
    "00:1A:2B:3C:4D:5E", "DE89", "3704", "Mr.", "Frau", "Hi", "M.", "geb.", "12.03.1984", "Tel", "card",
    "123-45-6789", "\n", "\t", " ", "  ", "\\", "x" * 40, "AB 12 34 56 C", "Ａ", "\U0001d400", "ſ",
]  # fmt: skip
NAMES = [
    "Maria Schneider",
    "Jürgen Müller",
    "Jan van der Berg",
    "山田太郎",
    "O’Brien",
    "é",
    "12",
    None,
    "",
    "Li",
    "Nguyễn Thị",
]

texts = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
rows = st.lists(st.tuples(texts, st.sampled_from(NAMES)), min_size=1, max_size=20)


def run(pairs: list[tuple[str, str | None]], params: dict[str, object]) -> list[str]:
    frame = pl.DataFrame(pairs, schema={"text": pl.String, "name": pl.String}, orient="row")
    mask = ColumnMask("text", "free_text", TEXT, "d", get("free_text").validate(params))
    return Masker([mask], KEY).mask(frame)["text"].to_list()


@settings(max_examples=60, deadline=None)
@given(rows)
def test_a_result_hangs_on_its_row_alone(pairs: list[tuple[str, str | None]]) -> None:
    for params in ({"names_from": ["name"]}, {"values_from": ["name"], "otherwise": "redact"}):
        assert run(pairs, params) == [run([pair], params)[0] for pair in pairs]


@settings(max_examples=60, deadline=None)
@given(texts, texts, st.sampled_from(["Maria Schneider", "Jürgen Müller", "Nguyễn Thị", "山田太郎"]))
def test_the_rows_own_name_does_not_survive(before: str, after: str, name: str) -> None:
    params = {"find": ["own_names"], "names_from": ["name"], "column_rules": {"name": "redact"}}
    [masked] = run([(f"{before} {name} {after}", name)], params)
    assert name not in masked
