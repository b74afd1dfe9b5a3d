"""``transform list``, ``transform show`` and ``transform test``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, printable, render, shortened
from datamask.report.units import count

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.transforms import ListedTransform, ShownTransform, TransformTrials

_SHOWN_VALUE = 60
_ANY = "any type"


def list_json(found: tuple[ListedTransform, ...]) -> Object:
    """Every transform."""
    return {"transforms": [_listed(item) for item in found]}


def list_text(found: tuple[ListedTransform, ...], style: Style) -> str:
    """A line a transform; those of other packages are marked."""
    rows = [
        (
            item.name,
            ", ".join(item.kinds) or _ANY,
            item.summary + ("" if item.built_in else " (of a package)"),
        )
        for item in found
    ]
    heads = (
        Head("transform", dress=style.name),
        Head("takes", wrap=True, dress=style.dim),
        Head("gives", wrap=True),
    )
    return render(heads, rows, style=style)


def show_json(shown: ShownTransform) -> Object:
    """One transform."""
    return {
        **_listed(shown.listed),
        "about": shown.about,
        "laws": shown.laws,
        "params": [
            {
                "param": param.name,
                "is": param.description,
                "default": param.default,
                "required": param.required,
                "summary": param.summary,
            }
            for param in shown.params
        ],
        "example_type": shown.example_type,
        "example": [{"before": before, "after": after} for before, after in shown.example],
    }


def show_text(shown: ShownTransform, style: Style) -> str:
    """What it does, its laws, parameters and example."""
    blocks = [f"{style.bold(shown.listed.name)}: {shown.listed.summary}", shown.about]
    taken = f"takes   {', '.join(shown.listed.kinds) or _ANY}"
    blocks.append(f"{taken}\nlaws    {shown.laws}" if shown.laws else taken)
    if shown.params:
        heads = (
            Head("parameter", dress=style.name),
            Head("is", wrap=True),
            Head("default"),
            Head("", wrap=True, dress=style.dim),
        )
        rows = [
            (
                param.name,
                param.description,
                "required" if param.required else "" if param.default is None else json.dumps(param.default),
                param.summary,
            )
            for param in shown.params
        ]
        blocks.append(render(heads, rows, style=style))
    if shown.example:
        examples = [
            (_cell(before), "NULL" if after is None else _cell(after)) for before, after in shown.example
        ]
        blocks.append(
            render((Head(shown.example_type or "", dress=style.dim), Head("becomes")), examples, style=style)
        )
    return "\n\n".join(blocks)


def trials_json(result: TransformTrials) -> Object:
    """Every law of every transform on every type that was tried."""
    return {
        "trials": [
            {
                "transform": trial.transform,
                "type": trial.type,
                "laws": [
                    {"law": law.law, "verdict": law.verdict, "detail": law.detail or None}
                    for law in trial.laws
                ],
                "problem": trial.problem,
                "broken": trial.broken,
            }
            for trial in result.trials
        ],
        "skipped": [{"transform": name, "reason": reason} for name, reason in result.skipped.items()],
        "values": result.values,
        "broken": result.broken,
    }


def trials_text(result: TransformTrials, style: Style, *, verbose: bool) -> str:
    """A line a law, broken ones only unless ``verbose``, and a verdict."""
    dress = {"holds": style.good("✓ holds"), "broken": style.bad("✗ broken"), "not declared": style.dim("–")}
    rows = []
    for trial in result.trials:
        if trial.problem:
            rows.append((trial.transform, trial.type, "it runs", dress["broken"], trial.problem))
        rows += [
            (trial.transform, trial.type, law.law, dress[law.verdict], law.detail)
            for law in trial.laws
            if verbose or law.verdict == "broken"
        ]
    heads = (
        Head("transform", dress=style.name),
        Head("type", dress=style.dim),
        Head("law"),
        Head(""),
        Head("", wrap=True, dress=style.dim),
    )
    blocks = [render(heads, rows, style=style)]
    if verbose and result.skipped:
        blocks.append("\n".join(f"{name}: not tried: {reason}" for name, reason in result.skipped.items()))
    tried = count(len({trial.transform for trial in result.trials}), "transform")
    laws = sum(law.verdict != "not declared" for trial in result.trials for law in trial.laws)
    if result.broken:
        blocks.append(f"{style.bad('✗')} {tried}: {count(result.broken, 'law')} broken of {laws:,}")
    else:
        blocks.append(f"{style.good('✓')} {tried}: all {count(laws, 'declared law')} hold")
    return "\n\n".join(block for block in blocks if block)


def _listed(item: ListedTransform) -> Object:
    return {
        "transform": item.name,
        "summary": item.summary,
        "kinds": list(item.kinds),
        "built_in": item.built_in,
    }


def _cell(value: str) -> str:
    return shortened(printable(value), _SHOWN_VALUE)
