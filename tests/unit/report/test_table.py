import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamask.report.style import Style
from datamask.report.table import Head, printable, render, shortened, text_width


def test_columns_stand_below_each_other() -> None:
    heads = (Head("table"), Head("rows", right=True), Head("note"))
    assert render(heads, [("a", "1,000", ""), ("orders", "7", "x")]) == (
        "table    rows  note\n"
        "a       1,000\n"
        "orders      7  x"
    )  # fmt: skip


def test_nothing_for_no_rows() -> None:
    assert render((Head("table"),), []) == ""


def test_colours_do_not_move_columns() -> None:
    heads = (Head("a", dress=Style(enabled=True).name), Head("b"))
    assert render(heads, [("x", "1"), ("long", "2")]) == (
        "a     b\n\x1b[36mx\x1b[0m     1\n\x1b[36mlong\x1b[0m  2"
    )


def test_long_texts_go_on_in_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = render((Head("k"), Head("text", wrap=True)), [("a", "word " * 20), ("b", "")]).splitlines()
    assert all(len(line) <= 40 for line in lines)
    assert lines[1].startswith("a  word")
    assert lines[2].startswith("   word")
    assert lines[-1] == "b"


def test_wide_characters_count_twice() -> None:
    assert text_width("日本") == 4
    assert text_width("e\N{COMBINING ACUTE ACCENT}") == 1
    assert text_width("\x1b[31mred\x1b[0m") == 3


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_shortened_fits(text: str, width: int) -> None:
    short = shortened(text, width)
    assert text_width(short) <= width
    assert short == text or short.endswith("…")


@given(st.text())
def test_printable_obeys_nobody(text: str) -> None:
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in printable(text))
