"""``drift``."""

from __future__ import annotations

import difflib
from itertools import groupby
from typing import TYPE_CHECKING

from datamask.cli.views.drift_data import data_json, data_text
from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import printable, shortened
from datamask.report.units import age, count

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from collections.abc import Iterable, Iterator

    from datamask.commands.drift import DriftResult, Saved
    from datamask.drift.difference import Aspect, Difference

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}

# Of these, what is on one side alone says what it is. Of the others that would take too many lines.
_DETAILED = frozenset(
    {
        "column",
        "constraint",
        "index",
        "trigger",
        "grant",
        "default privileges",
        "extension",
        "setting",
        "role setting",
    }
)

# Of a long text that differs, this many lines are shown, and this much of a line.
_LINES = 12
_WIDTH = 100


def drift_json(result: DriftResult) -> Object:
    """Everything that differs."""
    return {
        "environment": result.environment,
        "baseline": {
            "kind": result.baseline.kind,
            "name": result.baseline.name,
            "taken": result.baseline.state.taken,
            "database": result.baseline.state.database,
        },
        "compared": "carried" if result.carried else "everything",
        "clean": result.clean,
        "severity": result.severity,
        "on_drift": result.on_drift,
        "errors": result.count("error"),
        "warnings": result.count("warning"),
        "notes": result.count("info"),
        "objects": result.objects,
        "differences": [_difference_json(item) for item in result.differences],
        "data": None if result.data is None else data_json(result.data),
        "statements": None if result.statements is None else list(result.statements),
        "seconds": result.seconds,
    }


def _difference_json(item: Difference) -> Object:
    return {
        "change": item.change,
        "kind": item.kind,
        "name": item.name,
        "group": item.group,
        "severity": item.severity,
        "aspects": [
            {"aspect": aspect.name, "before": aspect.before, "after": aspect.after} for aspect in item.aspects
        ],
        "detail": item.detail,
        "includes": dict(item.includes),
    }


def drift_text(result: DriftResult, style: Style, *, verbose: bool = False) -> str:
    """What differs, grouped by the outermost object, and what follows from it."""
    baseline = result.baseline
    taken = (
        f", {age(baseline.state.taken)} old"
        if baseline.state.taken and baseline.kind != "environment"
        else ""
    )
    blocks = []
    if result.differences:
        blocks.append(
            f"{style.bold(result.environment)} against {baseline.kind} {style.bold(baseline.name)}{taken}\n"
            + style.dim(
                f"+ only in {result.environment}   - only in the baseline   ~ differs: baseline → {result.environment}"
            )
        )
    blocks += [
        "\n".join(_group(group, list(items), style, verbose))
        for group, items in groupby(result.differences, key=lambda item: item.group)
    ]
    if result.data is not None:
        blocks.append(data_text(result.data, style, verbose=verbose))
    if result.statements:
        from datamask.drift.statements import commented

        blocks.append(style.dim(commented(result.statements)))
    if result.carried:
        blocks.append(
            style.dim(
                "not compared, as a load leaves it to its target: owners, grants, settings, publications, versions"
            )
        )
    blocks.append(_verdict(result, style, taken))
    return "\n\n".join(blocks)


def _verdict(result: DriftResult, style: Style, taken: str) -> str:
    numbers = [
        count(result.count("error"), "error"),
        count(result.count("warning"), "warning"),
        count(result.count("info"), "note"),
    ]
    if result.data is not None and result.data.drifted:
        numbers.append(f"the data of {count(len(result.data.drifted), 'table')}")
    told = ", ".join(number for number in numbers if not number.startswith("0 "))
    if result.clean:
        rest = f" ({told})" if told else ""
        against = f"{result.baseline.kind} {result.baseline.name}{taken}"
        return f"{style.good('✓')} no drift: {result.environment} is as {against}{rest}"
    mark = style.bad("✗") if result.failed else style.caution("!")
    return f"{mark} drift in {result.environment}: {told}"


def _group(group: str, items: list[Difference], style: Style, verbose: bool) -> Iterator[str]:
    whole = next((item for item in items if item.key == group), None)
    if whole is None:
        yield f"  {style.name(printable(group))}"
    else:
        yield from _lines(whole, printable(group), "", style, verbose)
    table = group.partition(" ")[2]
    for item in items:
        if item is not whole:
            yield from _lines(item, _short(item, table), "  ", style, verbose)


def _short(item: Difference, table: str) -> str:
    """A part's name without the table's that it stands under."""
    name = item.name.removeprefix(f"{table}.") if table else item.name
    if item.kind == "grant":
        name = name.removeprefix(f"on {item.group} ")
    return printable(f"{item.kind} {name}")


def _lines(item: Difference, title: str, indent: str, style: Style, verbose: bool) -> Iterator[str]:
    dress = {"error": style.bad, "warning": style.caution, "info": style.dim}[item.severity]
    note = style.dim(" (note)") if item.severity == "info" else ""
    head = f"{indent}{dress(_SIGNS[item.change])} {title}{style.dim(_includes(item))}{note}"
    if item.detail and item.kind in _DETAILED:
        detail = printable(" ".join(item.detail.split()))
        yield f"{head}: {detail if verbose else shortened(detail, _WIDTH)}"
        return
    if len(item.aspects) == 1 and (told := _inline(item.aspects[0])):
        yield f"{head}: {told}"
        return
    yield head
    for aspect in item.aspects:
        inline = _inline(aspect)
        if inline:
            yield f"{indent}    {inline}"
        else:
            yield f"{indent}    {aspect.name}:"
            yield from (f"{indent}      {line}" for line in _long(aspect, style, verbose))


def _includes(item: Difference) -> str:
    """What is told with it: its parts, and the same in partitions and children."""
    repeated = item.kind not in ("schema", "table")
    parts = [
        f"and in {count(number, 'partition or child', 'partitions or children')}"
        if repeated and kind == item.kind
        else _with(kind, number)
        for kind, number in item.includes
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _with(kind: str, number: int) -> str:
    plurals = {
        "index": "indexes",
        "policy": "policies",
        "statistics": "statistics",
        "default privileges": kind,
    }
    return count(number, kind, plurals.get(kind))


def _inline(aspect: Aspect) -> str:
    """The attribute on one line, empty where it does not fit there."""
    before, after = _text(aspect.before), _text(aspect.after)
    if "\n" in before + after or len(before) + len(after) > _WIDTH:
        return ""
    return f"{aspect.name} {printable(before)} → {printable(after)}"


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return "[" + ", ".join(map(str, value)) + "]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _long(aspect: Aspect, style: Style, verbose: bool) -> Iterable[str]:
    """The lines that differ, as a unified diff without its head."""
    before, after = _as_lines(aspect.before), _as_lines(aspect.after)
    lines = [
        line
        for line in difflib.unified_diff(before, after, n=1, lineterm="")
        if not line.startswith(("---", "+++"))
    ]
    shown = lines if verbose else lines[:_LINES]
    for line in shown:
        text = printable(line) if verbose else shortened(printable(line), _WIDTH)
        if line.startswith("@@"):
            yield style.dim("…")
        else:
            yield style.good(text) if line[:1] == "+" else style.bad(text) if line[:1] == "-" else text
    if len(lines) > len(shown):
        yield style.dim(f"… {count(len(lines) - len(shown), 'more line')}, with -v")


def _as_lines(value: object) -> list[str]:
    if value is None:
        return []
    return list(map(str, value)) if isinstance(value, list) else str(value).splitlines()


def saved_json(saved: Saved) -> Object:
    """Where a baseline was written."""
    return {"environment": saved.environment, "file": str(saved.file), "objects": saved.objects}


def saved_text(saved: Saved, style: Style) -> str:
    """Likewise."""
    return (
        f"{style.good('✓')} {count(saved.objects, 'object')} of {saved.environment} saved in {saved.file}\n"
        f"compare with it: datamask drift {saved.environment} --against {saved.file}"
    )
