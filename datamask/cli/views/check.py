"""``check``, ``discover`` and ``init``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from datamask.report.findings import finding_json, findings_text, place, tally
from datamask.report.json_text import Object
from datamask.report.plan_changes import changes_json, changes_text
from datamask.report.style import Style
from datamask.report.table import Head, render
from datamask.report.units import count, duration

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.classify.discover import Proposal
    from datamask.commands.check import CheckedPolicy, CheckResult
    from datamask.commands.discover import Discovery
    from datamask.commands.init import InitResult
    from datamask.commands.trial import Trial
    from datamask.policy.accepted import Accepted

# So many lines of a summary fit on a screen with the rest.
_CLASSES_SHOWN = 12


def check_json(result: CheckResult) -> Object:
    """All policies in one list of findings and one of columns, each entry with its policy."""
    return {
        "environment": result.environment,
        "policies": [
            {
                "policy": policy.policy,
                "plan": policy.plan,
                **tally(policy.findings),
                "accepted": len(policy.accepted),
                **_columns(policy),
                "changes": changes_json(policy.changes) if policy.changes else None,
                "trial": trial_json(policy.trial) if policy.trial else None,
            }
            for policy in result.policies
        ],
        "findings": [
            {"policy": policy.policy, **finding_json(finding)}
            for policy in result.policies
            for finding in policy.findings
        ],
        "accepted": [
            {
                "policy": policy.policy,
                **finding_json(item.finding),
                "reason": item.acceptance.reason,
                "expires": item.acceptance.expires.isoformat(),
            }
            for policy in result.policies
            for item in policy.accepted
        ],
        "columns": [
            {
                "policy": policy.policy,
                "table": column.table,
                "column": column.column,
                "class": column.data_class,
                "transform": column.transform,
                "reason": column.reason,
                "partition_of": column.partition_of,
            }
            for policy in result.policies
            for column in policy.columns
        ],
        "seconds": result.seconds,
    }


def check_text(result: CheckResult, style: Style, *, verbose: bool) -> str:
    """Findings by severity and a verdict, policy by policy."""
    blocks = []
    for policy in result.policies:
        if policy.changes is not None and result.compared_with is not None:
            blocks.append(changes_text(policy.changes, result.compared_with, style))
        blocks.append(_policy_text(policy, style, verbose))
    if verbose:
        blocks.append(
            style.dim(f"{result.environment}: {count(result.tables, 'table')}, {duration(result.seconds)}")
        )
    return "\n\n".join(blocks)


def _policy_text(policy: CheckedPolicy, style: Style, verbose: bool) -> str:
    blocks = []
    if verbose:
        rows = [
            (column.table, column.column, column.data_class or "–", column.transform or "?", column.reason)
            for column in policy.own_columns
        ]
        heads = (
            Head("table", dress=style.name),
            Head("column", dress=style.name),
            Head("class"),
            Head("transform"),
            Head("because of", dress=style.dim),
        )
        blocks.append(render(heads, rows, style=style))
    blocks.append(findings_text(policy.findings, style, notes=verbose))
    blocks.append(_accepted_text(policy.accepted, style, verbose))
    if policy.trial is not None:
        blocks.append(trial_text(policy.trial, style, verbose))
    blocks.append(f"{_mark(policy, style)} {_verdict(policy)}")
    return "\n\n".join(block for block in blocks if block)


def _accepted_text(accepted: Sequence[Accepted], style: Style, verbose: bool) -> str:
    if not accepted:
        return ""
    lines = [style.dim(f"{count(len(accepted), 'warning')} accepted:")]
    for item in accepted:
        where = place(item.finding.table, item.finding.column)
        lines.append(
            f"  {style.dim(item.finding.code)}  {style.name(where)}: {item.acceptance.reason} "
            + style.dim(f"(until {item.acceptance.expires.isoformat()})")
        )
        if verbose:
            lines.append(f"         {style.dim(item.finding.message)}")
    return "\n".join(lines)


def trial_text(trial: Trial, style: Style, verbose: bool) -> str:
    """How much was tried, and where."""
    lines = [
        f"tried {count(trial.rows, 'row')} of {count(trial.tables, 'table')}, masked in memory"
        + (f"; {len(trial.skipped):,} could not be tried" if trial.skipped else "")
    ]
    lines += [f"  {count(where.tables, 'masked table')} in {where.name}" for where in trial.places]
    if verbose:
        lines += [style.dim(f"  not used: {reason}") for reason in trial.unused]
        lines += [style.dim(f"  {name}: {reason}") for name, reason in trial.skipped.items()]
    return "\n".join(lines)


def trial_json(trial: Trial) -> Object:
    """How much was tried, where, and what could not be."""
    return {
        "tables": trial.tables,
        "rows": trial.rows,
        "demands": trial.demands,
        "places": [{"place": where.name, "tables": where.tables} for where in trial.places],
        "unused": list(trial.unused),
        "skipped": [{"name": name, "reason": reason} for name, reason in trial.skipped.items()],
    }


def _mark(policy: CheckedPolicy, style: Style) -> str:
    return style.bad("✗") if policy.errors else style.good("✓")


def _verdict(policy: CheckedPolicy) -> str:
    columns, found = _columns(policy), tally(policy.findings)
    text = (
        f"policy {policy.policy}: {count(columns['columns'], 'column')}: {columns['masked']:,} masked, "
        f"{columns['kept']:,} kept, {columns['unclassified']:,} unclassified"
    )
    if columns["open"]:
        text += f", {columns['open']:,} left open by errors"
    text = f"{text}; {count(found['errors'], 'error')}, {count(found['warnings'], 'warning')}"
    return text + (f", {len(policy.accepted):,} accepted" if policy.accepted else "")


def _columns(policy: CheckedPolicy) -> dict[str, int]:
    """Columns by what happens to them; those that nobody classified count as such alone."""
    totals = {"columns": 0, "masked": 0, "kept": 0, "unclassified": 0, "open": 0}
    for column in policy.own_columns:
        totals["columns"] += 1
        if column.transform is None:
            totals["unclassified" if column.data_class is None else "open"] += 1
        else:
            totals["kept" if column.transform == "keep" else "masked"] += 1
    return totals


def discover_json(result: Discovery) -> Object:
    """Proposals, stale entries, and the diff."""
    return {
        "environment": result.environment,
        "classification": str(result.file),
        "columns": result.columns,
        "proposals": [_proposal_json(item) for item in result.proposals],
        "doubted": [_proposal_json(item) for item in result.doubted],
        "gone": [{"table": table, "column": column} for table, column in result.gone],
        "skipped": [{"table": table, "reason": reason} for table, reason in result.skipped.items()],
        "diff": result.diff,
        "written": result.written,
    }


def _proposal_json(item: Proposal) -> Object:
    return {
        "table": item.table,
        "column": item.column,
        "class": item.data_class,
        "confidence": round(item.confidence, 2),
        "reasons": list(item.reasons),
        "paths": dict(item.paths),
    }


def discover_text(result: Discovery, style: Style, *, verbose: bool) -> str:
    """The proposals as a diff of the classification file, and what it says that may be wrong."""
    blocks = []
    if verbose and result.proposals:
        blocks.append(_proposals_text(result.proposals, style))
    if result.proposals:
        blocks.append("\n".join(_diff_line(line, style) for line in result.diff.splitlines()))
    if result.doubted:
        title = style.caution("classified as harmless, and perhaps not:")
        blocks.append(f"{title}\n{_proposals_text(result.doubted, style)}")
    if result.gone:
        names = "\n".join(f"  {place(table, column)}" for table, column in result.gone)
        blocks.append(f"{style.caution('not in the database any more:')}\n{names}")
    blocks += _skipped(result.skipped, style)
    if not result.proposals:
        blocks.append(f"{style.good('✓')} all {count(result.columns, 'column')} are classified")
    elif result.written:
        blocks.append(
            f"{style.good('✓')} {count(len(result.proposals), 'column')} added to {result.file}: review them"
        )
    else:
        blocks.append(
            f"{count(len(result.proposals), 'column')} of {result.columns:,} not classified yet; "
            "--write adds them as shown"
        )
    return "\n\n".join(blocks)


def _proposals_text(proposals: Sequence[Proposal], style: Style) -> str:
    rows = [
        (place(item.table, item.column), item.data_class, f"{item.confidence:.2f}", ", ".join(item.reasons))
        for item in proposals
    ]
    heads = (
        Head("column", dress=style.name),
        Head("class"),
        Head("sure", right=True),
        Head("because of", dress=style.dim),
    )
    return render(heads, rows, style=style)


def _diff_line(line: str, style: Style) -> str:
    if line.startswith(("+++", "---", "@@")):
        return style.dim(line)
    if line.startswith("+"):
        return style.good(line)
    return style.bad(line) if line.startswith("-") else line


def _skipped(skipped: dict[str, str], style: Style) -> list[str]:
    if not skipped:
        return []
    lines = "\n".join(f"  {table}: {reason}" for table, reason in skipped.items())
    return [f"{style.caution('judged by names alone, as no value could be looked at:')}\n{lines}"]


def init_json(result: InitResult) -> Object:
    """What was written and what ``check`` says about it."""
    return {
        "folder": str(result.folder),
        "source": result.source,
        "files": list(result.files),
        "tables": result.tables,
        "columns": result.columns,
        "classes": result.classes,
        "policies": [
            {"policy": policy.policy, "plan": policy.plan, **tally(policy.findings), **_columns(policy)}
            for policy in result.policies
        ],
        "findings": [
            {"policy": policy.policy, **finding_json(finding)}
            for policy in result.policies
            for finding in policy.findings
        ],
        "emptied": [{"table": table, "reason": reason} for table, reason in result.emptied.items()],
        "skipped": [{"table": table, "reason": reason} for table, reason in result.skipped.items()],
        "key_set": result.key_set,
    }


def init_text(result: InitResult, style: Style, *, verbose: bool) -> str:
    """What was found, what was written, and what to do next."""
    blocks = [
        f"{style.good('✓')} looked at {count(result.tables, 'table')} with {count(result.columns, 'column')}"
    ]
    found = list(result.classes.items())
    rows = [(name, f"{number:,}") for name, number in found[:_CLASSES_SHOWN]]
    if len(found) > _CLASSES_SHOWN:
        rows.append(("others", f"{sum(number for _, number in found[_CLASSES_SHOWN:]):,}"))
    if rows:
        heads = (Head("what tells something about a person"), Head("columns", right=True))
        blocks.append(render(heads, rows, style=style, indent="  "))
    blocks.append("written:\n" + "\n".join(f"  {style.name(name)}" for name in result.files))
    if result.emptied:
        lines = "\n".join(f"  {style.name(table)}: {reason}" for table, reason in result.emptied.items())
        blocks.append(f"{style.caution('left empty by the policies, as no rule fits:')}\n{lines}")
    blocks += _skipped(result.skipped, style)
    blocks += [_policy_text(policy, style, verbose) for policy in result.policies if policy.errors or verbose]
    blocks.append(
        "\n".join(
            f"{_mark(policy, style)} {_verdict(policy)}" for policy in result.policies if not policy.errors
        )
    )
    steps = ["review policies/classification.yaml: lines with `check` were guessed"]
    if not result.key_set:
        steps.append('make a masking key:  export DATAMASK_KEY="$(datamask key new)"  and keep it')
    steps += [
        "see every finding:   datamask check production",
        "take a snapshot:     datamask snapshot production --policy policies/staging.yaml",
        "try it:              datamask reset dev",
    ]
    blocks.append(
        style.bold("next") + "\n" + "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1))
    )
    return "\n\n".join(block for block in blocks if block)
