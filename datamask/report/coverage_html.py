"""The coverage table as one HTML file that needs nothing else: for auditors, and to send around."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from datamask.policy.coverage import STATES, UNCLASSIFIED, Coverage, CoveredColumn, State
from datamask.report.coverage_markdown import params_in_words
from datamask.report.laws import laws_in_words
from datamask.report.units import count

_HEADS = ("Table", "Column", "Type", "Class", "Transform", "Domain", "Because of", "Results are")


def coverage_html(coverages: Sequence[Coverage], *, environment: str, project: str, version: str) -> str:
    """The whole page.

    :param version: of datamask, for the foot of the page.
    """
    title = f"Coverage of {project} · {environment}"
    style = files("datamask.report").joinpath("coverage.css").read_text("utf-8")
    script = files("datamask.report").joinpath("coverage.js").read_text("utf-8")
    sections = "\n".join(_section(item, number) for number, item in enumerate(coverages))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>Masking coverage</h1>
<p>{escape(project)} · {escape(environment)}</p>
</header>
{sections}
<footer>datamask {escape(version)} · this page holds names of tables and columns, and no value of any row</footer>
<script>
{script}</script>
</body>
</html>
"""


def _section(coverage: Coverage, number: int) -> str:
    cards = "\n".join(
        f'<button class="card {state}" data-state="{state}" aria-pressed="false" title="{escape(said)}">'
        f"<b>{coverage.states[state]:,}</b><span>{state}</span></button>"
        for state, said in STATES.items()
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("State", *_HEADS))
    rows = "\n".join(map(_row, coverage.columns))
    return f"""<section id="policy-{number}">
<h2>Policy {escape(coverage.policy)}</h2>
<p class="dim">{count(len(coverage.columns), "column")} · plan <code>{escape(coverage.plan[:12])}</code></p>
<div class="cards">
{cards}
</div>
<details open><summary>By class</summary>
<table class="classes">
<thead><tr><th scope="col">Class</th><th scope="col" class="number">Columns</th>
<th scope="col">What happens to them</th></tr></thead>
<tbody>
{_classes(coverage)}
</tbody>
</table>
</details>
<p class="filter"><label>Filter <input type="search" placeholder="table, column, class, transform"></label>
<output aria-live="polite"></output></p>
<div class="scroll" tabindex="0" role="region" aria-label="Columns of policy {escape(coverage.policy)}">
<table class="columns">
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>
</section>"""


def _classes(coverage: Coverage) -> str:
    rows = []
    for total in coverage.classes:
        bar = "".join(
            f'<i class="{state}" style="flex:{number}" title="{number:,} {state}"></i>'
            for state in STATES
            if (number := total.states.get(state, 0))
        )
        said = ", ".join(f"{number:,} {state}" for state in STATES if (number := total.states.get(state, 0)))
        rows.append(
            f'<tr><td>{_class(total.data_class)}</td><td class="number">{total.columns:,}</td>'
            f'<td><div class="bar">{bar}</div><small>{said}</small></td></tr>'
        )
    return "\n".join(rows)


def _row(column: CoveredColumn) -> str:
    params = params_in_words(column)
    transform = f"<code>{escape(column.transform)}</code>"
    if params:
        transform += f" <small>{escape(params)}</small>"
    cells = (
        _name(column.table),
        f"<b>{_name(column.column)}</b>",
        f"<small>{escape(column.type)}</small>",
        _class(column.data_class or UNCLASSIFIED),
        transform,
        _name(column.domain or ""),
        f"<small>{_name(column.reason)}</small>",
        f"<small>{escape(laws_in_words(column.laws)) if column.laws else ''}</small>",
    )
    return (
        f'<tr data-state="{column.state}"><td>{_dot(column.state)}</td>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )


def _dot(state: State) -> str:
    return f'<span class="dot {state}" title="{escape(STATES[state])}">{state}</span>'


def _class(name: str) -> str:
    return "<em>unclassified</em>" if name == UNCLASSIFIED else _name(name)


def _name(text: str) -> str:
    """Escaped, with places where a long name may be broken."""
    return escape(text).replace("_", "_<wbr>").replace(".", ".<wbr>")
