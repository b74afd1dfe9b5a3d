"""Blotting out text: redact."""

from __future__ import annotations

import numpy as np
import polars as pl

from datamask.errors import PolicyError
from datamask.masking.literals import UNSAFE_IN_COPY
from datamask.masking.params import Param, flag, text, whole
from datamask.masking.text import pack, unpack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# Runs of the character are slices of one: lengths up to this are a look-up.
_RUNS = 256


class Redact(Transform):
    """A word, or as many characters as there were, instead of text; a few at either end may stay.

    With ``shape`` every letter becomes x or X and every digit 9; punctuation and spaces stay.
    """

    name = "redact"
    summary = "a word, a run of one character, or the bare shape instead of text"
    params = (
        Param("with", "text", "[redacted]", "what stands for a value"),
        Param("keep_length", "boolean", False, "a run of `char` as long as the value instead"),
        Param("shape", "boolean", False, "x and X for letters, 9 for digits instead"),
        Param("char", "text", "*", "the character of such a run"),
        Param(
            "first", "integer", 0, "characters that stay at the start (with keep_length or shape)", minimum=0
        ),
        Param("last", "integer", 0, "characters that stay at the end (with keep_length or shape)", minimum=0),
    )
    kinds = frozenset(("text",))
    cost = 15

    def column_laws(self, case: Case) -> Laws:
        """Refuses parameters that contradict each other."""
        params = case.params
        char, word = text(params, "char"), text(params, "with")
        ends = whole(params, "first") + whole(params, "last")
        if len(char) != 1:
            raise PolicyError("redact: char must be one character")
        if flag(params, "shape") and flag(params, "keep_length"):
            raise PolicyError("redact: keep_length and shape exclude each other", hint="keep one of them")
        if ends and not flag(params, "keep_length") and not flag(params, "shape"):
            raise PolicyError(
                "redact: first and last keep characters of a run only", hint="add keep_length: true"
            )
        if flag(params, "shape"):
            return Laws(max_length=case.type.max_length, copy_safe=False)
        if flag(params, "keep_length"):
            return Laws(max_length=case.type.max_length, copy_safe=not ends and char not in UNSAFE_IN_COPY)
        length = len(word) if case.type.max_length is None else min(len(word), case.type.max_length)
        return Laws(max_length=length, copy_safe=UNSAFE_IN_COPY.isdisjoint(word))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        params = binding.params
        first, last = whole(params, "first"), whole(params, "last")
        if flag(params, "shape"):
            return lambda values, _: _with_ends(values, _shapes(values), first, last)
        if flag(params, "keep_length"):
            return _run(text(params, "char"), first, last)
        # A column too short for the word gets its beginning.
        word = pl.Series(values=[text(params, "with")[: binding.mask.type.max_length]], dtype=pl.String)
        return lambda values, _: word.new_from_index(0, values.len())


def _run(char: str, first: int, last: int) -> MaskFunction:
    runs = pl.Series(values=[char * length for length in range(_RUNS)], dtype=pl.String)

    def masked(values: pl.Series, _: object) -> pl.Series:
        lengths = values.str.len_chars()
        longest = int(lengths.max() or 0)  # type: ignore[arg-type]
        if longest < _RUNS:
            run = runs.gather(lengths)
        else:
            run = pl.Series(values=[char * length for length in lengths.to_list()], dtype=pl.String)
        return _with_ends(values, run, first, last)

    return masked


def _with_ends(values: pl.Series, hidden: pl.Series, first: int, last: int) -> pl.Series:
    """What hides the values, with their first and last characters put back.

    A value that would stay whole, or nearly, keeps nothing: its ends are all there is to hide.
    """
    if not first + last:
        return hidden
    value, hiding = pl.col("value"), pl.col("hidden")
    middle = hiding.str.slice(first, (hiding.str.len_chars().cast(pl.Int64) - (first + last)).clip(0))
    ended = pl.concat_str(value.str.head(first), middle, value.str.tail(last))
    kept = pl.when(value.str.len_chars() > 2 * (first + last)).then(ended).otherwise(hiding)
    return pl.DataFrame({"value": values, "hidden": hidden}).select(kept).to_series()


def _shape_of_ascii() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    shapes = np.arange(256, dtype=np.uint8)
    for character, members in ((b"X", b"AZ"), (b"x", b"az"), (b"9", b"09")):
        shapes[members[0] : members[1] + 1] = character[0]
    return shapes


_ASCII = _shape_of_ascii()


def _shapes(values: pl.Series) -> pl.Series:
    packed = pack(values)
    other = packed.data >= 0x80
    packed.data[:] = _ASCII[packed.data]
    shapes = unpack(packed)
    if not other.any():
        return shapes
    # Marks belong to the letter before them; what is neither letter, digit, punctuation nor space says too much.
    return (
        shapes.str.replace_all(r"\p{M}+", "")
        .str.replace_all(r"\p{Lu}|\p{Lt}", "X")
        .str.replace_all(r"\p{N}", "9")
        .str.replace_all(r"[^\x00-\x7f\p{P}\p{Z}]", "x")
    )
