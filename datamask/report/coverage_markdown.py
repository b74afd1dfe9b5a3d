"""The coverage table as Markdown, for pull requests and wikis."""

from __future__ import annotations

from collections.abc import Sequence

from datamask.policy.coverage import STATES, UNCLASSIFIED, Coverage, CoveredColumn, State
from datamask.report.laws import laws_in_words
from datamask.report.units import count

_SIGNS: dict[State, str] = {
    "unclassified": "❓",
    "open": "❌",
    "kept": "⚠️",
    "masked": "✅",
    "safe": "➖",
    "empty": "∅",
}
# These stand in full; the others are folded away.
_SHOWN: tuple[State, ...] = ("unclassified", "open", "kept")


def coverage_markdown(coverages: Sequence[Coverage], environment: str) -> str:
    """One section a policy: totals, what needs a look, and every column."""
    parts = [f"# Coverage of {_escaped(environment)}", ""]
    for item in coverages:
        parts += _section(item)
    return "\n".join(parts) + "\n"


def params_in_words(column: CoveredColumn) -> str:
    """``within 30d, by id``; empty where there are none."""
    return ", ".join(name if value is True else f"{name} {_value(value)}" for name, value in column.params)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def _section(coverage: Coverage) -> list[str]:
    states = coverage.states
    told = ", ".join(f"{number:,} {state}" for state, number in states.items() if number)
    lines = [
        f"## Policy {_escaped(coverage.policy)}",
        "",
        f"{count(len(coverage.columns), 'column')}: {told}. Plan `{coverage.plan[:12]}`.",
        "",
        "| class | columns | " + " | ".join(_SIGNS[state] + " " + state for state in STATES) + " |",
        "| --- | ---: |" + " ---: |" * len(STATES),
    ]
    for total in coverage.classes:
        numbers = " | ".join(f"{total.states[state]:,}" if state in total.states else "" for state in STATES)
        lines.append(f"| {_class(total.data_class)} | {total.columns:,} | {numbers} |")
    lines += ["", *(f"- {_SIGNS[state]} {state}: {said}" for state, said in STATES.items()), ""]
    for state in STATES:
        columns = [column for column in coverage.columns if column.state == state]
        if not columns:
            continue
        title = f"{_SIGNS[state]} {count(len(columns), 'column')}: {STATES[state]}"
        if state in _SHOWN:
            lines += [f"### {title}", "", *_table(columns), ""]
        else:
            lines += ["<details>", f"<summary>{title}</summary>", "", *_table(columns), "", "</details>", ""]
    return lines


def _table(columns: Sequence[CoveredColumn]) -> list[str]:
    lines = [
        "| table | column | type | class | transform | domain | because of | results are |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for column in columns:
        params = params_in_words(column)
        cells = (
            _code(column.table),
            _code(column.column),
            _escaped(column.type),
            _class(column.data_class or UNCLASSIFIED),
            _code(column.transform) + (f" {_escaped(params)}" if params else ""),
            _escaped(column.domain or ""),
            _escaped(column.reason),
            laws_in_words(column.laws) if column.laws else "",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _class(name: str) -> str:
    return "**unclassified**" if name == UNCLASSIFIED else f"`{name}`"


def _code(text: str) -> str:
    """Text in code style; a name that holds a backtick or a bar stays plain."""
    return _escaped(text) if "`" in text or "|" in text else f"`{text}`"


def _escaped(text: str) -> str:
    """Text that Markdown and the tables' bars leave alone."""
    for char in "\\`*_[]<>|":
        text = text.replace(char, "\\" + char)
    return " ".join(text.split())
