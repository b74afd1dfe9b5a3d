"""PostgreSQL's text form of arrays: masking elements and leaving the shape as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import polars as pl

from datamask.masking.transform import MaskFunction

# A quoted element, a bare one, or a piece of structure; what stands before "=" are the bounds.
_BOUNDS = re.compile(r"(?:\[-?\d+:-?\d+\])+=")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([^{},"]+)|([{},])', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(r'(["\\])')


def over_elements(mask: MaskFunction) -> MaskFunction:
    """The function of array texts that masks every element; NULL and empty elements stay."""

    def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        shapes, elements = _taken_apart(values.to_list())
        if not elements:
            return values
        plain = pl.Series(values=elements, dtype=pl.String)
        # Each element's row: a shape has None where an element stood.
        counts = np.array([shape.count(None) for shape in shapes], dtype=np.int64)
        rows = np.repeat(np.arange(len(shapes), dtype=np.uint32), counts)
        own = {name: column.gather(rows) for name, column in row.items()}
        results = mask(plain, own).zip_with(plain.str.len_bytes() > 0, plain).to_list()
        return pl.Series(values=_put_together(shapes, results), dtype=pl.String)

    return masked


def _taken_apart(values: list[str]) -> tuple[list[list[str | None]], list[str]]:
    """Each value's pieces, with None where an element stood, and all elements in order."""
    shapes: list[list[str | None]] = []
    elements: list[str] = []
    for value in values:
        bounds = _BOUNDS.match(value)
        shape: list[str | None] = [bounds[0]] if bounds else []
        for token in _TOKEN.finditer(value, bounds.end() if bounds else 0):
            quoted, bare, structure = token.groups()
            if structure is not None:
                shape.append(structure)
            elif bare is not None and bare.upper() == "NULL":
                shape.append(bare)
            else:
                shape.append(None)
                elements.append(_ESCAPE.sub(r"\1", quoted) if bare is None else bare)
        shapes.append(shape)
    return shapes, elements


def _put_together(shapes: list[list[str | None]], elements: list[str | None]) -> list[str]:
    rest = iter(elements)
    return ["".join(_quoted(next(rest)) if piece is None else piece for piece in shape) for shape in shapes]


def _quoted(element: str | None) -> str:
    if element is None:
        return "NULL"
    return '"' + _SPECIAL.sub(r"\\\1", element) + '"'
