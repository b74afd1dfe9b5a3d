"""What the words before a number say that it is."""

from __future__ import annotations

from typing import Final, Literal, get_args

Cue = Literal["phone", "id", "card", "iban", "birth", "other"]
"""What a word announces; each is a section of ``vocabulary.txt``."""

CUES: Final[tuple[Cue, ...]] = get_args(Cue)
"""The kinds of announcements, in the order of their bits."""

REACH: Final = 40
"""Bytes before a number in which such a word counts, on the same line."""
