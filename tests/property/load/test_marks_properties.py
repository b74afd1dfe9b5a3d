"""Marks survive beside any comment that people write."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datamask.load.marks import NO_MARKS, Marks, parse_comment, render_comment

# PostgreSQL keeps no NUL in a text and no lone surrogate in UTF-8.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
WORDS = st.none() | TEXT
MARKS = st.builds(
    Marks,
    environment=WORDS,
    snapshot=WORDS,
    digest=WORDS,
    pinned=st.booleans(),
    golden=WORDS,
    loaded=WORDS,
    recipe=WORDS,
    expires=WORDS,
)


@given(WORDS, MARKS.filter(lambda marks: marks != NO_MARKS))
def test_what_is_rendered_parses_back(text, marks):
    assert parse_comment(render_comment(text, marks)) == (text, marks)


@given(TEXT)
def test_a_comment_without_marks_is_whole(text):
    assert render_comment(*parse_comment(text)) == text
    assert render_comment(None, NO_MARKS) is None


@given(WORDS, MARKS)
def test_marks_are_one_line(text, marks):
    rendered = render_comment(text, marks) or ""
    assert rendered.count("\n") <= (text or "").count("\n") + 1
