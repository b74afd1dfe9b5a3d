"""The parts of the search, one by one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamask.masking.scan import anchors
from datamask.masking.scan.finding import Finding, settled
from datamask.masking.scan.folding import fold
from datamask.masking.scan.kinds import DEFAULT
from datamask.masking.scan.own_names import name_words, pseudonym_part
from datamask.masking.scan.scanner import PART_BYTES, Texts
from datamask.masking.scan.search import Search
from datamask.masking.scan.vocabulary import words
from datamask.masking.scan.words import Lookup, hash_words, split
from datamask.masking.scan.written_dates import as_written, to_iso


def folded(text: str) -> tuple[str, list[int]]:
    data = np.frombuffer(text.encode() + b"\0", dtype=np.uint8)
    result = fold(data)
    places = result.original(np.arange(result.size - 1)).tolist()
    return result.data[: result.size - 1].tobytes().decode(), places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Müller", "muller"),
        ("GROẞ ß", "gross ss"),
        ("Ærø Łódź", "aero lodz"),
        ("Nguyễn", "nguyen"),
        ("e\u0301te\u0301", "ete"),
        ("Ma\u200bria\u00ad", "maria"),
        ("„Maria“", " maria "),
        ("ИВАН Ёлка", "иван елка"),
        ("Ｍａｒｉａ", "maria"),
        ("山田 🙂", "山田 🙂"),
    ],
)
def test_folding(text: str, expected: str) -> None:
    result, places = folded(text)
    assert result == expected
    raw = text.encode()
    for place in places:
        assert raw[place] & 0xC0 != 0x80 or place - 1 in places or place - 2 in places


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_folding_keeps_the_order_and_finds_the_way_back(text: str) -> None:
    _, places = folded(text)
    assert places == sorted(set(places))
    assert all(0 <= place < len(text.encode()) for place in places)


def test_words_and_their_sets() -> None:
    data = fold(np.frombuffer("Herr Schneidermeister-Maria, Überschrift 42x\0".encode(), dtype=np.uint8))
    found = split(data.data, data.size)
    texts = [
        data.data[start : start + length].tobytes().decode()
        for start, length in zip(found.starts.tolist(), found.lengths.tolist(), strict=True)
    ]
    assert texts == ["herr", "schneidermeister", "maria", "uberschrift", "x"]
    lookup = Lookup(["Maria", "Überschrift"], ["herr", "maria"])
    rows, bits = lookup.find(found)
    assert rows.tolist() == [0, 2, 3]
    assert bits.tolist() == [2, 3, 1]


def test_long_words_differ_in_their_first_sixteen_letters_and_their_length() -> None:
    many = ["a" * 16, "a" * 17, "a" * 15 + "b", "b" + "a" * 15, "ab", "ba"]
    assert len(np.unique(hash_words(many))) == len(many)


def test_findings_that_overlap_are_settled_without_a_byte_left_over() -> None:
    found = [Finding(10, 20, "phone"), Finding(0, 8, "email"), Finding(12, 14, "ip"), Finding(18, 40, "url")]
    assert settled(found) == [Finding(0, 8, "email"), Finding(10, 40, "url")]
    assert settled([]) == []


def test_of_two_findings_in_one_place_the_first_one_counts() -> None:
    assert settled([Finding(0, 5, "full_name", "Anna"), Finding(0, 5, "first_name")])[0].replacement == "Anna"


def test_texts_are_looked_at_in_parts_that_end_with_a_text() -> None:
    values = pl.Series(["x" * 1000] * 2500 + ["y" * (2 * PART_BYTES)] + ["z" * 1000] * 10)
    texts = Texts.of(values)
    parts = list(texts.parts(PART_BYTES))
    assert [start for start, _ in parts[1:]] == [end for _, end in parts[:-1]]
    assert parts[0][0] == 0
    assert parts[-1][1] == len(texts.whole)
    assert {end for _, end in parts} <= set(texts.ends.tolist())
    assert len(parts) >= 4


def test_a_long_text_is_looked_at_in_parts_too() -> None:
    lines = pl.Series(
        [
            "Mrs. Smithers: +49 151 23456789\n" * 60_000,
            "x",
            "about Mrs. Smithers and " * 40_000,
            "b" * 700_000,
        ]
    )
    texts = Texts.of(lines)
    for parts in (list(texts.parts(1 << 18)), list(texts.word_parts(1 << 16))):
        assert [start for start, _ in parts[1:]] == [end for _, end in parts[:-1]]
        assert (parts[0][0], parts[-1][1]) == (0, len(texts.whole))
    assert max(end - start for start, end in texts.word_parts(1 << 16)) <= 1 << 16
    found = Search(frozenset(DEFAULT)).findings(texts, lines, {})
    assert [one.kind for one in found[:120_000]] == ["last_name", "phone"] * 60_000
    assert [one.kind for one in found[120_000:]] == ["last_name"] * 40_000


def test_what_is_found_does_not_hang_on_parts_or_neighbours() -> None:
    text = "Mrs. Smithers: +49 151 23456789, DE89370400440532013000, a@b.example, 00:1A:2B:3C:4D:5E, fe80::1ff:fe23:1"
    many = pl.Series([text, "1", text, "", "DE89", "+49"] * 700)
    whole = Texts.of(many)
    found = Search(frozenset(DEFAULT)).findings(whole, many, {})
    rows = whole.rows([one.start for one in found])
    kinds = ["last_name", "phone", "iban", "email", "mac", "ip"]
    assert [one.kind for one in found] == kinds * 1400
    assert {row % 6 for row in rows} == {0, 2}


@given(st.lists(st.text(alphabet=st.sampled_from("1234567890 +-.()/aZ@:\n"))))
def test_numbers_are_found_in_one_text_as_among_others(values: list[str]) -> None:
    def kinds(texts: list[str]) -> list[tuple[str, str]]:
        series = pl.Series(texts, dtype=pl.String)
        whole = Texts.of(series)
        found = Search(frozenset(DEFAULT)).findings(whole, series, {})
        return [(one.kind, whole.whole[one.start : one.end].decode()) for one in found]

    assert kinds(values) == [one for value in values for one in kinds([value])]


def test_anchors_of_codes() -> None:
    def starts(text: bytes) -> list[int]:
        data = np.frombuffer(text, dtype=np.uint8)
        return anchors.codes(data, anchors.digit_groups(data)[0]).tolist()

    assert starts(b"DE89 and RSSMRA85T10A562S, AB 12 34") == [0, 9, 27]
    assert starts(b"in 2024, no 12, X_A1") == []
    assert starts(b"12") == []


def test_vocabulary() -> None:
    assert {"telefon", "reach", "tel"} <= words("phone")
    assert "herr" in words("titles")
    for section in (
        "phone",
        "id",
        "card",
        "iban",
        "birth",
        "other",
        "titles",
        "no_names",
        "particles",
        "common",
    ):
        assert all(word.isascii() and word.isalpha() and word.islower() for word in words(section)), section


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("1984-02-29", "1984-02-29"),
        ("29.02.1984", "1984-02-29"),
        ("2/29/1984", "1984-02-29"),
        ("3/4/84", "1984-04-03"),
        ("1-1-05", "2005-01-01"),
        ("30.02.1984", ""),
        ("1.2/1984", ""),
    ],
)
def test_written_dates(written: str, iso: str) -> None:
    assert to_iso(written) == iso
    if iso:
        assert as_written(iso, written) == written


@pytest.mark.parametrize(
    ("original", "place", "words_there", "part"),
    [
        ("Maria Schneider", 0, 2, "Anna"),
        ("Maria Schneider", 1, 2, "Weber"),
        ("Schneider, Maria", 0, 2, "Weber"),
        ("Schneider, Maria", 1, 2, "Anna"),
        ("Maria García López", 1, 3, "Weber"),
        ("Maria", 0, 1, "Anna Weber"),
    ],
)
def test_parts_of_pseudonyms(original: str, place: int, words_there: int, part: str) -> None:
    assert pseudonym_part(original, "Anna Weber", place, words_there) == part
    assert pseudonym_part(original, "[redacted]", place, words_there) in {"redacted", "[redacted]"}


def test_words_of_names() -> None:
    assert name_words("van der Berg, Jan") == ["Jan", "Berg"]
    assert name_words("Dr. Anna-Maria O'Neill") == ["Anna", "Maria", "O", "Neill"]
    assert name_words("12") == ["12"]
