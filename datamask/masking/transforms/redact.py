"""Blotting out text: redact."""

from __future__ import annotations

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.params import Param, flag, text, whole
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# Runs of the character are slices of one: lengths up to this are a look-up.
_RUNS = 256


class Redact(Transform):
    """A word, or as many characters as there were, instead of text; a few at either end may stay."""

    name = "redact"
    summary = "a word or a run of one character instead of text"
    params = (
        Param("with", "text", "[redacted]", "what stands for a value"),
        Param("keep_length", "boolean", False, "a run of `char` as long as the value instead"),
        Param("char", "text", "*", "the character of such a run"),
        Param("first", "integer", 0, "characters that stay at the start (with keep_length)", minimum=0),
        Param("last", "integer", 0, "characters that stay at the end (with keep_length)", minimum=0),
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
        if ends and not flag(params, "keep_length"):
            raise PolicyError(
                "redact: first and last keep characters of a run only", hint="add keep_length: true"
            )
        if flag(params, "keep_length"):
            return Laws(max_length=case.type.max_length, copy_safe=not ends and char not in "\t\n\r\\")
        length = len(word) if case.type.max_length is None else min(len(word), case.type.max_length)
        return Laws(max_length=length, copy_safe=not any(character in word for character in "\t\n\r\\"))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        params = binding.params
        if flag(params, "keep_length"):
            return _run(text(params, "char"), whole(params, "first"), whole(params, "last"))
        # A column too short for the word gets its beginning.
        word = pl.Series(values=[text(params, "with")[: binding.mask.type.max_length]], dtype=pl.String)
        return lambda values, _: word.new_from_index(0, values.len())


def _run(char: str, first: int, last: int) -> MaskFunction:
    runs = pl.Series(values=[char * length for length in range(_RUNS)], dtype=pl.String)

    def masked(values: pl.Series, _: object) -> pl.Series:
        lengths = values.str.len_chars()
        # A value that would stay whole, or nearly, keeps nothing: its ends are all there is to hide.
        kept = pl.when(pl.col("length") > 2 * (first + last))
        frame = pl.DataFrame({"value": values, "length": lengths})
        hidden = frame.select(kept.then(pl.col("length") - (first + last)).otherwise("length")).to_series()
        longest = int(hidden.max() or 0)  # type: ignore[arg-type]
        if longest < _RUNS:
            run = runs.gather(hidden)
        else:
            run = pl.Series(values=[char * length for length in hidden.to_list()], dtype=pl.String)
        if not first + last:
            return run
        start = kept.then(pl.col("value").str.head(first)).otherwise(pl.lit(""))
        end = kept.then(pl.col("value").str.tail(last)).otherwise(pl.lit(""))
        return frame.select(pl.concat_str(start, run, end)).to_series()

    return masked
