"""Genders as columns spell them: letters, words, titles and the codes of ISO/IEC 5218."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

UNKNOWN: Final = 0
FEMALE: Final = 1
MALE: Final = 2

SPELLINGS: Final = (
    ("f", "m"),
    ("female", "male"),
    ("woman", "man"),
    ("w", "m"),
    ("weiblich", "männlich"),
    ("frau", "herr"),
    ("mrs", "mr"),
    ("ms", "mr"),
    ("miss", "mr"),
    ("mrs.", "mr."),
    ("ms.", "mr."),
    ("2", "1"),
    ("girl", "boy"),
    ("femme", "homme"),
    ("féminin", "masculin"),
    ("feminin", "masculin"),
    ("mme", "m."),
    ("mme.", "m."),
    ("madame", "monsieur"),
    ("mujer", "hombre"),
    ("femenino", "masculino"),
    ("sra", "sr"),
    ("sra.", "sr."),
    ("señora", "señor"),
    ("donna", "uomo"),
    ("femmina", "maschio"),
    ("femminile", "maschile"),
    ("signora", "signor"),
    ("sig.ra", "sig."),
    ("vrouw", "man"),
    ("v", "m"),
    ("mevrouw", "meneer"),
    ("mevr.", "dhr."),
    ("kobieta", "mężczyzna"),
    ("k", "m"),
    ("pani", "pan"),
    ("mulher", "homem"),
    ("feminino", "masculino"),
    ("dona", "seu"),
)
"""Female and male, in the same kind of word and in lower case. The first pair with a word tells its counterpart."""


def _readings() -> Mapping[str, int]:
    found: dict[str, int] = {}
    for female, male in SPELLINGS:
        found.setdefault(female, FEMALE)
        found.setdefault(male, MALE)
    return found


READINGS: Final = _readings()
"""What each word means: ``FEMALE`` or ``MALE``."""


def counterparts(word: str) -> tuple[str, str] | None:
    """How a word's spelling says female and male: (frau, herr) for herr. None where it is no such word.

    :param word: in lower case.
    """
    return next((pair for pair in SPELLINGS if word in pair), None)


def read(values: pl.Series) -> NDArray[np.uint8]:
    """``FEMALE``, ``MALE`` or ``UNKNOWN`` for every value of a String series; NULL is unknown."""
    plain = values.str.strip_chars().str.to_lowercase()
    known = plain.replace_strict(READINGS, default=UNKNOWN, return_dtype=pl.UInt8)
    return known.fill_null(UNKNOWN).to_numpy()
