"""What happens in a run as lines for people."""

from __future__ import annotations

from datamask.monitoring.events import Event
from datamask.progress import Progress
from datamask.report.units import duration


class RunLines:
    """Events as notes of a progress.

    :param progress: what shows them, among what the steps themselves tell.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, event: Event) -> None:
        """Say it, where people want to hear it."""
        line = run_line(event)
        if line is not None:
            self._progress.note(line)


def run_line(event: Event) -> str | None:
    """An event in a line, None for those that say nothing new to who sees the others."""
    said = event.fields
    step = f"step {said.get('step')}/{said.get('of')}, {said.get('label')}"
    match event.kind:
        case "run.started":
            return f"run {event.run} of job {event.job}"
        case "run.warning":
            return f"warning: {said.get('message')}"
        case "step.started":
            attempt = said.get("attempt")
            return f"{step}" if attempt == 1 else f"{step}, attempt {attempt}"
        case "step.retried":
            return f"{step}: failed, again in {_span(said.get('pause'))}: {said.get('message')}"
        case "step.ended" if said.get("state") == "succeeded":
            return f"{step}: {said.get('message')}, in {_span(said.get('seconds'))}"
        case "step.ended":
            return f"{step}: {said.get('state')}"
        case _:
            return None


def _span(seconds: object) -> str:
    return duration(seconds) if isinstance(seconds, float) else "a while"
