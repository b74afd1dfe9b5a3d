"""The recipe file, and recipes in one line: ``customers=1000,orders=4/customers``."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from datamask.config.document import Node, load_document
from datamask.errors import UsageError
from datamask.synthetic.children import DISTRIBUTIONS, Distribution
from datamask.synthetic.recipe import DEFAULT_ROWS, ColumnRule, Recipe, Rows

_PER = re.compile(r"(?P<mean>\d+(?:\.\d+)?)/(?P<parent>\S+?)(?::(?P<distribution>\w+))?")
_MOST_ROWS = 10**12
_GROUPED = re.compile(r"\d{1,3}(_\d{3}){1,3}")


def read_recipe(text: str | None) -> Recipe:
    """A recipe from what follows ``--rows``: a file's name, a number for all tables, or ``TABLE=ROWS,…``.

    ``orders=4/customers:zipf`` are four orders for each customer on average, by that distribution.

    :raises UsageError: it is none of these.
    """
    if text is None:
        return Recipe()
    if "=" not in text and not text.replace("_", "").isdigit():
        return parse_recipe(load_document(Path(text)))
    default, rows = DEFAULT_ROWS, {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, amount = part.rpartition("=")
        if not equals:
            default = _number(part, part)
        else:
            rows[name.strip()] = _amount(amount.strip(), part)
    return Recipe(rows=rows, default=default)


def parse_recipe(document: Node) -> Recipe:
    """A recipe from a YAML document: ``rows``, ``default`` and ``columns``.

    :raises UsageError: with file and line, for anything that is not a recipe.
    """
    keys = document.mapping("a recipe", ("rows", "default", "columns"))
    recipe = Recipe()
    if "default" in keys:
        recipe = replace(recipe, default=keys["default"].integer("default", minimum=0, maximum=_MOST_ROWS))
    if "rows" in keys:
        keys["rows"].mapping("rows")
        recipe = replace(recipe, rows={name: _rows(node, name) for name, _, node in keys["rows"].items})
    if "columns" in keys:
        keys["columns"].mapping("columns")
        rules = {}
        for table, _, columns in keys["columns"].items:
            columns.mapping(f"columns.{table}")
            for column, _, node in columns.items:
                rules[table, column] = _rule(node, f"columns.{table}.{column}")
        recipe = replace(recipe, columns=rules)
    return recipe


def _rows(node: Node, table: str) -> Rows:
    what = f"rows.{table}"
    if not isinstance(node.value, dict):
        if isinstance(node.value, str) and _GROUPED.fullmatch(node.value):
            # YAML 1.2 reads 1_000_000 as text.
            return Rows(count=int(node.value))
        return Rows(count=node.integer(what, minimum=0, maximum=_MOST_ROWS))
    keys = node.mapping(what, ("per", "mean", "distribution"))
    if "per" not in keys:
        raise node.error(f"{what} does not say per which table", "write {per: customers, mean: 4}")
    distribution: Distribution = "poisson"
    if "distribution" in keys:
        word = keys["distribution"].choice(f"{what}.distribution", DISTRIBUTIONS)
        distribution = next(known for known in DISTRIBUTIONS if known == word)
    mean = keys["mean"].number(f"{what}.mean", minimum=0, maximum=1e9) if "mean" in keys else 1.0
    return Rows(per=keys["per"].text(f"{what}.per"), mean=mean, distribution=distribution)


def _rule(node: Node, what: str) -> ColumnRule:
    keys = node.mapping(what, ("values", "weights", "nulls", "min", "max"))
    values = (
        tuple(_scalar(item, f"{what}.values") for item in keys["values"].sequence(f"{what}.values"))
        if "values" in keys
        else ()
    )
    weights = (
        tuple(
            item.number(f"{what}.weights", minimum=0) for item in keys["weights"].sequence(f"{what}.weights")
        )
        if "weights" in keys
        else ()
    )
    if weights and len(weights) != len(values):
        raise keys["weights"].error(f"{what} has {len(values)} values and {len(weights)} weights")
    return ColumnRule(
        values=values,
        weights=weights,
        nulls=keys["nulls"].number(f"{what}.nulls", minimum=0, maximum=1) if "nulls" in keys else None,
        low=_scalar(keys["min"], f"{what}.min") if "min" in keys else None,
        high=_scalar(keys["max"], f"{what}.max") if "max" in keys else None,
    )


def _scalar(node: Node, what: str) -> str:
    """A value as PostgreSQL's text."""
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return node.text(what)


def _amount(text: str, part: str) -> Rows:
    match = _PER.fullmatch(text)
    if match is None:
        return Rows(count=_number(text, part))
    distribution: Distribution = "poisson"
    word = match["distribution"]
    if word:
        known = [item for item in DISTRIBUTIONS if item == word]
        if not known:
            raise UsageError(
                f"--rows: there is no distribution {word!r} in {part!r}",
                hint=f"use one of {', '.join(DISTRIBUTIONS)}",
            )
        distribution = known[0]
    return Rows(per=match["parent"], mean=float(match["mean"]), distribution=distribution)


def _number(text: str, part: str) -> int:
    digits = text.replace("_", "")
    if not digits.isdigit() or int(digits) > _MOST_ROWS:
        raise UsageError(
            f"--rows: {part!r} is no number of rows",
            hint="write --rows 1000, --rows customers=1000,orders=4/customers, or the name of a file",
        )
    return int(digits)
