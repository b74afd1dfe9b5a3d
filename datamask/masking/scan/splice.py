"""Putting texts together again around what was replaced in them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from datamask.masking.scan.finding import Finding
from datamask.masking.scan.scanner import Texts

_CONTINUATION = bytes(range(0x80, 0xC0))


def _blots() -> bytes:
    """Letters as x, digits as 0; of a character outside of ASCII the first byte stands for all."""
    table = bytearray(range(256))
    for code in range(256):
        char = chr(code)
        if code >= 0xC0 or (code < 0x80 and char.isalpha()):
            table[code] = ord("x")
        elif code < 0x80 and char.isdigit():
            table[code] = ord("0")
    return bytes(table)


_BLOTS = _blots()


def splice(
    values: pl.Series, texts: Texts, findings: Sequence[Finding], replacements: Sequence[bytes], *, blot: bool
) -> pl.Series:
    """The texts with their findings replaced.

    :param findings: in order, none touching another.
    :param replacements: one for each finding.
    :param blot: what is between findings loses its letters and digits.
    """
    starts = [finding.start for finding in findings]
    ends = [finding.end for finding in findings]
    whole = texts.whole
    pieces = [b""] * (2 * len(findings) + 1)
    pieces[0::2] = [whole[start:end] for start, end in zip([0, *ends], [*starts, len(whole)], strict=True)]
    if blot:
        pieces[0::2] = [piece.translate(_BLOTS, _CONTINUATION) for piece in pieces[0::2]]
    pieces[1::2] = replacements
    # A NUL ends every text, and none has one inside.
    parts = b"".join(pieces).split(b"\0")
    return pl.Series(values.name, parts[:-1], dtype=pl.Binary).cast(pl.String)
