"""Text made of the row's other columns, as they are after masking: template."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text
from datamask.masking.text import strings
from datamask.masking.tokens import TOKEN_BITS, token
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_TOKEN = "$token"
_TOKEN_WIDTH = 13
# {{ and }} are braces; {column}, {column|lower|ascii}, {$token}.
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}|]+)((?:\|[a-z]+)*)\}|[^{}]+|[{}]")
# What Unicode's decomposition (NFKD) does not take apart.
_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_REPLACED = {
    **_LETTERS,
    **{letter.upper(): plain.title() for letter, plain in _LETTERS.items() if letter not in "ßı"},
}


def _ascii(piece: pl.Expr) -> pl.Expr:
    plain = piece.str.replace_many(_REPLACED).str.normalize("NFKD")
    return plain.str.replace_all(r"[^\x20-\x7e]", "")


_FILTERS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "lower": lambda piece: piece.str.to_lowercase(),
    "upper": lambda piece: piece.str.to_uppercase(),
    "ascii": _ascii,
    "slug": lambda piece: (
        _ascii(piece).str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "-").str.strip_chars("-")
    ),
    "initial": lambda piece: piece.str.head(1),
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text, a column or the token.

    :param literal: text as it is; None for the others.
    """

    literal: str | None
    name: str = ""
    filters: tuple[str, ...] = ()


class Template(Transform):
    """Text with the row's other columns in it, each as it is after masking.

    ``{first_name}`` stands for the column of that name, NULL for nothing. Behind a bar stand filters: ``lower``,
    ``upper``, ``ascii`` (letters without their accents), ``slug`` (lower case letters and digits, hyphens for all
    else) and ``initial``. ``{$token}`` is 13 characters of a keyed hash of the column's own value: with it, different
    values give different results. A result that is too long for the column loses all its columns, or is cut where
    it has no token.
    """

    name = "template"
    summary = "text made of the row's other columns, as they are after masking"
    params = (
        Param(
            "format", "text", None, "such as {first_name|slug}.{last_name|slug}@example.com", required=True
        ),
    )
    kinds = frozenset(("text",))
    cost = 150

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """The parameters; refuses a format that is none."""
        checked = super().validate(params)
        _pieces(checked)
        return checked

    def reads_masked(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns in the format."""
        return tuple(dict.fromkeys(_columns(_pieces(params))))

    def column_laws(self, case: Case) -> Laws:
        """Refuses a format whose fixed text does not fit."""
        pieces = _pieces(case.params)
        has_token, shortest = _has_token(pieces), _shortest(pieces)
        limit = case.type.max_length
        longest = limit if _columns(pieces) or (limit is not None and limit < shortest) else shortest
        if has_token and limit is not None and shortest > limit:
            raise PolicyError(
                f"template: {case.type.name} has no room for the format's own text and the token ({shortest})",
                hint="make the format shorter",
            )
        return Laws(
            injective=has_token,
            max_length=longest,
            copy_safe=False,
            collision_bits=TOKEN_BITS * _TOKEN_WIDTH if has_token else None,
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        pieces, limit = _pieces(binding.params), binding.mask.type.max_length
        prf = binding.prf(self.name)
        whole = _joined(pieces)
        bare = _joined([piece for piece in pieces if piece.literal is not None or piece.name == _TOKEN])

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            columns = {name: column.fill_null("") for name, column in row.items()}
            frame = pl.DataFrame({**columns, _TOKEN: strings(token(prf.wide(values), _TOKEN_WIDTH))})
            results = frame.select(whole.alias("whole"), bare.alias("bare"))
            if limit is None:
                return results["whole"]
            shorter = pl.col("bare") if _has_token(pieces) else pl.col("whole").str.head(limit)
            fits = pl.col("whole").str.len_chars() <= limit
            return results.select(pl.when(fits).then("whole").otherwise(shorter).alias("whole")).to_series()

        return masked


def _joined(pieces: list[_Piece]) -> pl.Expr:
    made = []
    for piece in pieces:
        if piece.literal is not None:
            made.append(pl.lit(piece.literal))
            continue
        expression = pl.col(piece.name)
        for name in piece.filters:
            expression = _FILTERS[name](expression)
        made.append(expression)
    return pl.concat_str(*made, pl.col(_TOKEN).str.head(0))


def _pieces(params: Mapping[str, JSONValue]) -> list[_Piece]:
    """The format, taken apart.

    :raises PolicyError: a brace stands alone, or there is no such filter.
    """
    pieces = []
    for match in _PIECE.finditer(text(params, "format")):
        name, filters = match[1], tuple((match[2] or "").split("|")[1:])
        if name is None:
            if match[0] in {"{", "}"}:
                raise PolicyError("template: format: a brace stands alone", hint="write {{ or }} for a brace")
            pieces.append(_Piece(match[0][:1] if match[0] in {"{{", "}}"} else match[0]))
            continue
        unknown = [one for one in filters if one not in _FILTERS]
        if unknown or (name.startswith("$") and name != _TOKEN):
            raise PolicyError(
                f"template: format: there is no {unknown[0] if unknown else name}",
                hint=f"filters are {', '.join(_FILTERS)}; {_TOKEN} is the only piece that is no column",
            )
        pieces.append(_Piece(None, name, filters))
    if all(piece.literal is not None for piece in pieces):
        raise PolicyError("template: format names no column", hint="take fixed for one text for all")
    return pieces


def _columns(pieces: list[_Piece]) -> list[str]:
    return [piece.name for piece in pieces if piece.literal is None and piece.name != _TOKEN]


def _has_token(pieces: list[_Piece]) -> bool:
    """Whether the whole token is in the results: filters may take characters away."""
    return any(piece.name == _TOKEN and not {"initial"} & {*piece.filters} for piece in pieces)


def _shortest(pieces: list[_Piece]) -> int:
    return sum(_TOKEN_WIDTH if piece.name == _TOKEN else len(piece.literal or "") for piece in pieces)
