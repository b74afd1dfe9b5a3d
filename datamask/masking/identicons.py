"""Small pictures that stand for people: a mirrored pattern of five by five squares in one colour.

Patterns are numbers of fifteen bits: three columns of five squares, of which the first two are mirrored.
"""

from __future__ import annotations

import zlib
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.text import Words

PATTERN_BITS: Final = 15
SVG_LENGTH: Final = 400
"""Characters of the longest picture in SVG, at most."""

_SIZE = 5
_SCALE = 8
_WHITE = b"\xf4\xf4\xf4"
# Readable on white, all of about the same weight.
_COLOURS: Final = tuple(
    (red, green, blue)
    for red in (40, 100, 160, 200)
    for green in (40, 100, 150)
    for blue in (60, 120, 180, 210)
    if 220 <= red + green + blue <= 480
)


def _patterns(tags: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A pattern and a colour for every tag."""
    low = tags[:, 0]
    patterns = (low & np.uint64((1 << PATTERN_BITS) - 1)).astype(np.int64)
    colours = ((low >> np.uint64(PATTERN_BITS)) % np.uint64(len(_COLOURS))).astype(np.int64)
    return patterns, colours


def svg(tags: Words) -> pl.Series:
    """Pictures as ``data:`` URIs of SVG."""
    patterns, colours = _patterns(tags)
    head = (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 5 5'%3E%3Cpath fill='%23"
    )
    shades = pl.Series(
        values=[f"{red:02x}{green:02x}{blue:02x}" for red, green, blue in _COLOURS], dtype=pl.String
    )
    rows = [
        pl.Series(values=[_path(row, bits) for bits in range(8)], dtype=pl.String).gather(
            patterns >> (3 * row) & 7
        )
        for row in range(_SIZE)
    ]
    pieces = [pl.lit(head), shades.gather(colours), pl.lit("' d='"), *rows, pl.lit("'/%3E%3C/svg%3E")]
    return pl.select(pl.concat_str(pieces)).to_series()


def png(tags: Words) -> pl.Series:
    """Pictures as PNG of 40 × 40 pixels, in PostgreSQL's text form of ``bytea``."""
    patterns, colours = _patterns(tags)
    shown, places = np.unique(patterns, return_inverse=True)
    pixels = pl.Series(values=[_pixels(pattern) for pattern in shown.tolist()], dtype=pl.String)
    pieces = [
        pl.lit(_head()),
        _palettes().gather(colours),
        pixels.gather(places),
        pl.lit(_chunk(b"IEND", b"")),
    ]
    return pl.select(pl.concat_str(pieces)).to_series()


def _columns(bits: int) -> list[bool]:
    """Which of a row's five squares are filled."""
    half = [bool(bits >> column & 1) for column in range(3)]
    return [*half, half[1], half[0]]


def _path(row: int, bits: int) -> str:
    return "".join(f"M{column} {row}h1v1h-1z" for column, filled in enumerate(_columns(bits)) if filled)


@cache
def _head() -> str:
    size = (_SIZE * _SCALE).to_bytes(4, "big")
    # One bit a pixel, by a palette.
    return "\\x" + b"\x89PNG\r\n\x1a\n".hex() + _chunk(b"IHDR", size + size + bytes((1, 3, 0, 0, 0)))


@cache
def _palettes() -> pl.Series:
    return pl.Series(values=[_chunk(b"PLTE", _WHITE + bytes(colour)) for colour in _COLOURS], dtype=pl.String)


@cache
def _pixels(pattern: int) -> str:
    lines = bytearray()
    for row in range(_SIZE):
        number = 0
        for filled in _columns(pattern >> (3 * row) & 7):
            number = number << _SCALE | ((1 << _SCALE) - 1 if filled else 0)
        lines += (b"\0" + number.to_bytes(_SIZE * _SCALE // 8, "big")) * _SCALE
    # A stored block of DEFLATE (RFC 1951): compressors differ between versions of zlib, this does not.
    size = len(lines)
    stored = b"\x01" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + bytes(lines)
    return _chunk(b"IDAT", b"\x78\x01" + stored + zlib.adler32(lines).to_bytes(4, "big"))


def _chunk(kind: bytes, data: bytes) -> str:
    check = zlib.crc32(kind + data).to_bytes(4, "big")
    return (len(data).to_bytes(4, "big") + kind + data + check).hex()
