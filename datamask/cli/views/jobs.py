"""``run``, ``runs``, ``schedule`` and ``status``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, printable, render
from datamask.report.units import age, duration

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.run import NotDue, RunPlan, RunResult
    from datamask.commands.runs import History
    from datamask.commands.schedule import Units
    from datamask.commands.status import Health, Status
    from datamask.registry.model import Run, RunStep


def plan_json(plan: RunPlan) -> Object:
    """What a run would do."""
    return {
        "job": plan.job.name,
        "dry_run": True,
        "blocked": plan.blocked,
        "due": _time(plan.due),
        "steps": [
            {
                "number": item.step.number,
                "step": item.step.label,
                "what": item.what,
                "retries": item.step.retries,
                "timeout": item.step.timeout,
            }
            for item in plan.steps
        ],
        "keep": str(plan.job.keep) if plan.job.keep else None,
    }


def plan_text(plan: RunPlan, style: Style) -> str:
    """One line a step, and when it is due."""
    job = plan.job
    lines = [f"job {style.bold(job.name)} would do:"]
    for item in plan.steps:
        step = item.step
        extra = [f"up to {step.retries + 1} attempts"] if step.retries else []
        extra += [f"at most {duration(step.timeout)}"] if step.timeout else []
        if step.verb == "prune" and job.keep is not None:
            extra.append(f"keeping {job.keep}")
        lines.append(
            f"  {step.number}  {item.what}" + (style.dim(f"  ({', '.join(extra)})") if extra else "")
        )
    if job.timeout:
        lines.append(f"at most {duration(job.timeout)} in all")
    if plan.due is not None:
        lines.append(f"it is due next at {plan.due:%Y-%m-%d %H:%M %Z}")
    if plan.blocked:
        lines.append(f"{style.caution('now it would be refused:')} {plan.blocked}")
    return "\n".join(lines)


def not_due_json(result: NotDue) -> Object:
    """Why nothing was done."""
    return {"job": result.job, "run": None, "reason": result.reason}


def result_json(result: RunResult) -> Object:
    """The run, and what is to be said beside it."""
    return {**run_json(result.run), "hint": result.hint, "warnings": list(result.warnings)}


def result_text(result: RunResult, style: Style) -> str:
    """One line for a run that succeeded, the steps of one that did not."""
    run = result.run
    lines = []
    if run.state == "succeeded":
        took = f" in {duration(run.seconds)}" if run.seconds is not None else ""
        lines.append(f"{style.good('✓')} job {style.bold(run.job)} is done{took}, run {run.id}")
    else:
        lines.append(_head_and_steps(run, style))
    lines += [f"{style.caution('warning:')} {text}" for text in result.warnings]
    return "\n".join(lines)


def run_json(run: Run) -> Object:
    """A run with its steps."""
    return {
        "run": run.id,
        "job": run.job,
        "state": run.state,
        "exit_code": run.exit_code,
        "began": _time(run.began),
        "ended": _time(run.ended),
        "seconds": run.seconds,
        "problem": run.problem,
        "host": run.host,
        "user": run.user,
        "process": run.process,
        "steps": [
            {
                "number": step.number,
                "step": step.label,
                "state": step.state,
                "began": _time(step.began),
                "seconds": step.seconds,
                "attempts": step.attempts,
                "exit_code": step.exit_code,
                "problem": step.problem,
                "snapshot": step.snapshot,
                "rows": step.rows,
            }
            for step in run.steps
        ],
    }


def run_text(run: Run, style: Style) -> str:
    """The head of a run, its steps, and why it failed."""
    problem = f"{style.bad('error:')} {run.problem}" if run.problem else ""
    return "\n".join(part for part in (_head_and_steps(run, style), problem) if part)


def failure(run: Run) -> str:
    """How a run failed, where, and why, behind the job's name."""
    failed = next((step for step in run.steps if step.state not in ("succeeded", "waiting")), None)
    where = f" in step {failed.number}, {failed.label}" if failed else ""
    why = "" if run.problem in (None, run.state) else f": {run.problem}"
    return f"{'failed' if run.state == 'failed' else f'was {run.state}'}{where}{why}"


def _head_and_steps(run: Run, style: Style) -> str:
    took = f" in {duration(run.seconds)}" if run.seconds is not None else ""
    head = (
        f"{_mark(run.state, style)} run {style.bold(run.id)} of job {run.job}: {run.state}{took}\n"
        + style.dim(
            f"  began {run.began:%Y-%m-%d %H:%M:%S}Z, by {run.user}@{run.host}, process {run.process}"
        )
    )
    heads = (
        Head("", right=True),
        Head("step"),
        Head("state"),
        Head("time", right=True),
        Head("rows", right=True),
        Head("snapshot", dress=style.name),
        Head("problem", wrap=True),
    )
    table = render(heads, [_step_row(step) for step in run.steps], style=style)
    return f"{head}\n{table}"


def _step_row(step: RunStep) -> list[str]:
    state = step.state if step.attempts <= 1 else f"{step.state}, attempt {step.attempts}"
    return [
        str(step.number),
        step.label,
        state,
        duration(step.seconds) if step.seconds is not None else "",
        f"{step.rows:,}" if step.rows is not None else "",
        step.snapshot or "",
        printable(step.problem or "").split("\n", 1)[0],
    ]


def history_json(history: History) -> Object:
    """Runs, the newest first."""
    return {"runs": [run_json(run) for run in history.runs], "warnings": list(history.warnings)}


def history_text(history: History, style: Style) -> str:
    """A line a run."""
    if not history.runs:
        return "there was no run yet"
    heads = (
        Head("run", dress=style.name),
        Head("job"),
        Head("began"),
        Head("state"),
        Head("code", right=True),
        Head("time", right=True),
        Head("slowest step"),
        Head("problem", wrap=True),
    )
    rows = [
        [
            run.id,
            run.job,
            f"{run.began:%Y-%m-%d %H:%M}Z",
            run.state,
            "" if run.exit_code is None else str(run.exit_code),
            duration(run.seconds) if run.seconds is not None else "",
            _slowest(run),
            printable(run.problem or "").split("\n", 1)[0],
        ]
        for run in history.runs
    ]
    return render(heads, rows, style=style)


def _slowest(run: Run) -> str:
    timed = [step for step in run.steps if step.seconds is not None]
    if not timed:
        return ""
    slowest = max(timed, key=lambda step: step.seconds or 0.0)
    return f"{slowest.label}, {duration(slowest.seconds or 0.0)}"


def status_json(result: Status) -> Object:
    """Whether all is fresh, and each item."""
    return {
        "fresh": result.healthy,
        "items": [
            {
                "kind": item.kind,
                "name": item.name,
                "verdict": item.verdict,
                "since": _time(item.since),
                "max_age": item.max_age,
                "last": item.last,
                "running": item.running,
                "about": item.about,
                "due": _time(item.due),
            }
            for item in result.items
        ],
        "warnings": list(result.warnings),
    }


def status_text(result: Status, style: Style) -> str:
    """A line an item."""
    return "\n".join(_health_line(item, style) for item in result.items)


def _health_line(item: Health, style: Style) -> str:
    mark = style.good("✓") if item.verdict == "fresh" else style.bad("✗")
    noun = "success" if item.kind == "job" else "load"
    ago = f"last {noun} {age(item.since.isoformat())} ago" if item.since else f"no {noun} yet"
    said = [ago]
    if item.max_age is not None:
        said.append(f"at most {duration(item.max_age)} allowed")
    if item.last not in (None, "succeeded"):
        said.append(f"last run {item.about} {item.last}")
    if item.running:
        said.append("running now")
    if item.due is not None:
        said.append(f"due {item.due:%Y-%m-%d %H:%M %Z}")
    return f"{mark} {item.kind} {style.bold(item.name)}: {item.verdict}; {', '.join(said)}"


def units_json(units: Units) -> Object:
    """The files."""
    return {
        "scheduler": units.scheduler,
        "files": [{"name": file.name, "text": file.text} for file in units.files],
        "written": [str(path) for path in units.written],
    }


def units_text(units: Units) -> str:
    """The files, each below its name; of one alone only what is in it, to be piped into its place."""
    if units.written:
        return "\n".join(f"wrote {path}" for path in units.written)
    if len(units.files) == 1:
        return units.files[0].text.rstrip("\n")
    return "\n\n".join(f"# {file.name}\n{file.text.rstrip()}" for file in units.files)


def _mark(state: str, style: Style) -> str:
    return (
        style.good("✓")
        if state == "succeeded"
        else style.caution("…")
        if state == "running"
        else style.bad("✗")
    )


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
