"""``datamask run``: the steps of a job, one after the other, with a record of what became of them."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from datamask.audit.record import Detail
from datamask.commands.deadline import TimedOut, deadline
from datamask.commands.job_lock import job_lock
from datamask.commands.project import Project
from datamask.commands.recording import registry_of
from datamask.commands.reporting import tell
from datamask.commands.steps import Done, Stage, carry_out, described
from datamask.errors import DatamaskError, RefusedError, UsageError
from datamask.jobs.model import PRUNE, Job, Step, pause
from datamask.monitoring.events import Event, Field, Kind, Listener
from datamask.progress import Progress
from datamask.registry.audited import step_line
from datamask.registry.ingest import ingest
from datamask.registry.model import ENDED, Run, RunState, RunStep, StepState
from datamask.registry.records import Registry
from datamask.suggest import did_you_mean

# How far back --from looks for the snapshot that an earlier run took.
_RUNS_BACK = 50


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What a step would do."""

    step: Step
    what: str


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a run would do now.

    :param blocked: why it would not begin, None where it would.
    :param due: when it is due next, None without a schedule.
    """

    job: Job
    steps: tuple[PlannedStep, ...]
    blocked: str | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run that has ended, one way or another.

    :param hint: what to do about its failure.
    :param warnings: what did not go as it should, and did not fail it.
    """

    run: Run
    hint: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotDue:
    """A job that was asked to run only if it has to, and does not have to.

    :param reason: why.
    """

    job: str
    reason: str


def plan_run(project: Project, name: str, *, start_from: str | None = None) -> RunPlan:
    """Tell what a run would do; does nothing."""
    job = project.settings.job(name)
    now = datetime.now(UTC)
    snapshot: str | None = "the snapshot of an earlier run" if start_from else None
    planned = []
    for step in _chosen(job, start_from):
        planned.append(PlannedStep(step, described(step, snapshot)))
        if step.verb == "snapshot":
            snapshot = f"the snapshot of step {step.number}"
    outside = job.window is not None and not job.window.contains(now)
    return RunPlan(
        job,
        tuple(planned),
        f"it is outside its window, {job.window}" if outside else None,
        job.schedule.next_after(now) if job.schedule else None,
    )


def run_job(
    project: Project,
    name: str,
    *,
    start_from: str | None = None,
    due: bool = False,
    any_time: bool = False,
    progress: Progress,
    listen: Listener,
) -> RunResult | NotDue:
    """Run a job's steps in this process, each by its command, until one fails.

    A failing step, an interruption and a timeout are results: all are recorded, and none is raised.

    :param start_from: the first step: its number, its verb, or both words such as ``load staging``.
    :param due: only where the last time of its schedule was missed, and ``catch_up`` is ``once``.
    :param any_time: also outside of its window.
    :raises RefusedError: it is running already, or outside of its window.
    """
    job = project.settings.job(name)
    steps = _chosen(job, start_from)
    if not any_time and job.window is not None and not job.window.contains(datetime.now(UTC)):
        if due:
            return NotDue(name, f"it is outside its window, {job.window}")
        raise RefusedError(
            f"job {name} may not begin now: its window is {job.window}",
            hint="wait for it, or add --any-time",
        )
    with job_lock(project, name):
        opened = registry_of(project)
        registry = opened.registry
        with _team_lock(registry, name):
            crashed = _record_crashes(registry, name)
            reason = _why_not_due(job, registry) if due else None
            if reason is not None:
                return NotDue(name, reason)
            work = _Work(project, job, steps, registry, progress, listen, any_time=any_time)
            work.warnings.extend(opened.warnings)
            for run in crashed:
                work.warn(f"run {run.id} ended without a word: it is recorded as crashed")
                tell(project, registry, run, previous=None, warn=work.warn)
            earlier = _earlier_snapshot(registry, job, steps[0].number) if start_from else None
            if start_from and registry is None:
                work.warn("which snapshot an earlier run was about is not known: steps take the latest one")
            return work.carry_out(earlier)


class _Work:
    """One run while it goes on."""

    def __init__(
        self,
        project: Project,
        job: Job,
        steps: tuple[Step, ...],
        registry: Registry | None,
        progress: Progress,
        listen: Listener,
        *,
        any_time: bool,
    ) -> None:
        self.warnings: list[str] = []
        self._project = project
        self._job = job
        self._steps = steps
        self._registry = registry
        self._progress = progress
        self._listen = listen
        self._any_time = any_time
        began = datetime.now(UTC)
        self._begun = time.monotonic()
        self._run = Run(
            id=f"{began:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
            project=project.settings.project,
            job=job.name,
            state="running",
            began=began,
            host=socket.gethostname(),
            user=_user(),
            process=os.getpid(),
            steps=tuple(RunStep(step.number, step.label) for step in steps),
        )

    def carry_out(self, snapshot: str | None) -> RunResult:
        """All steps, until one fails.

        :param snapshot: the one that steps are about until one takes another.
        """
        previous = self._previous_state()
        self._record(lambda registry: registry.begin_run(self._run))
        self._emit("run.started", steps=len(self._steps))
        unexpected: Exception | None = None
        hint = None
        try:
            self._audited(snapshot)
        except TimedOut as error:
            self._end("failed", 1, str(error))
        except KeyboardInterrupt:
            self._end("interrupted", 1, "interrupted")
        except DatamaskError as error:
            hint = error.hint
            self._end("failed", error.exit_code, error.message)
        except Exception as error:
            # Its text may quote data; whoever called shows what can be shown.
            unexpected = error
            self._end("failed", 1, f"internal error: {type(error).__name__}")
        else:
            self._end("succeeded", 0, None)
        tell(self._project, self._registry, self._run, previous=previous, warn=self.warn)
        if unexpected is not None:
            raise unexpected
        return RunResult(self._run, hint, tuple(self.warnings))

    def warn(self, message: str) -> None:
        """Say what does not fail the run."""
        self.warnings.append(message)
        self._emit("run.warning", message=message)

    def _audited(self, snapshot: str | None) -> None:
        about: dict[str, Detail] = {
            "job": self._job.name,
            "run": self._run.id,
            "began": self._run.began.isoformat(timespec="microseconds"),
        }
        with self._project.audit().action("run", **about) as known:
            state: RunState = "failed"
            code, problem = 1, None
            try:
                for step in self._steps:
                    snapshot = self._step(step, snapshot) or snapshot
                state, code = "succeeded", 0
            except TimedOut as error:
                problem = str(error)
                raise
            except KeyboardInterrupt:
                state, problem = "interrupted", "interrupted"
                raise
            except DatamaskError as error:
                code, problem = error.exit_code, error.message
                raise
            finally:
                # Enough for the registry to be filled from, should it be out of reach.
                known.update(
                    state=state,
                    exit_code=code,
                    problem=problem,
                    steps=[step_line(step) for step in self._run.steps],
                )

    def _step(self, step: Step, snapshot: str | None) -> str | None:
        """One step, as often as it may be tried.

        :returns: the snapshot that it was about.
        """
        self._check_window(step)
        began = datetime.now(UTC)
        begun = time.monotonic()
        attempt = 0
        stage = Stage(self._project, self._job, self._run.id, snapshot, self._progress)

        def become(state: StepState, **known: object) -> None:
            seconds = None if state == "running" else round(time.monotonic() - begun, 3)
            self._become(step, state=state, began=began, seconds=seconds, attempts=attempt, **known)

        while True:
            attempt += 1
            become("running")
            self._emit("step.started", **self._about(step), attempt=attempt)
            try:
                done = self._in_time(step, stage)
            except TimedOut as error:
                become("failed", exit_code=1, problem=str(error))
                self._emit("step.ended", **self._about(step), state="failed", message=str(error))
                raise
            except KeyboardInterrupt:
                become("interrupted", exit_code=1, problem="interrupted")
                self._emit("step.ended", **self._about(step), state="interrupted")
                raise
            except DatamaskError as error:
                if error.exit_code == DatamaskError.exit_code and attempt <= step.retries:
                    self._wait(step, attempt, error)
                    continue
                become("failed", exit_code=error.exit_code, problem=error.message)
                self._emit("step.ended", **self._about(step), state="failed", message=error.message)
                raise
            except Exception as error:
                become("failed", exit_code=1, problem=f"internal error: {type(error).__name__}")
                self._emit("step.ended", **self._about(step), state="failed")
                raise
            become("succeeded", exit_code=0, snapshot=done.snapshot, rows=done.rows)
            self._emit(
                "step.ended",
                **self._about(step),
                state="succeeded",
                message=done.said,
                seconds=round(time.monotonic() - begun, 3),
                snapshot=done.snapshot,
                rows=done.rows,
            )
            for warning in done.warnings:
                self.warn(f"step {step.number}, {step.label}: {warning}")
            return done.snapshot

    def _in_time(self, step: Step, stage: Stage) -> Done:
        left = self._left()
        limits = [seconds for seconds in (left, step.timeout) if seconds is not None]
        try:
            with deadline(min(limits) if limits else None):
                return carry_out(step, stage)
        except TimedOut:
            own = step.timeout is not None and (left is None or step.timeout <= left)
            whose = "its timeout" if own else "the job's timeout"
            limit = step.timeout if own else self._job.timeout
            raise TimedOut(
                f"step {step.number}, {step.label}, did not end within {whose}, {limit:g} s"
            ) from None

    def _wait(self, step: Step, attempt: int, error: DatamaskError) -> None:
        seconds = pause(self._job.backoff, attempt)
        left = self._left()
        if left is not None and left <= seconds:
            # There is no time to try again.
            raise error
        self._emit("step.retried", **self._about(step), message=error.message, pause=seconds)
        time.sleep(seconds)
        self._check_window(step)

    def _left(self) -> float | None:
        """Seconds until the job's timeout, never quite none."""
        if self._job.timeout is None:
            return None
        return max(self._job.timeout - (time.monotonic() - self._begun), 1e-3)

    def _check_window(self, step: Step) -> None:
        window = self._job.window
        if window is not None and not self._any_time and not window.contains(datetime.now(UTC)):
            raise RefusedError(
                f"step {step.number}, {step.label}, was not begun: the job's window, {window}, is over",
                hint=f"datamask run {self._job.name} --from {step.number} goes on inside of it",
            )

    def _about(self, step: Step) -> dict[str, Field]:
        return {"step": step.number, "of": self._steps[-1].number, "label": step.label}

    def _become(self, step: Step, **changes: object) -> None:
        steps = [
            replace(item, **changes) if item.number == step.number else item  # type: ignore[arg-type]
            for item in self._run.steps
        ]
        self._run = replace(self._run, steps=tuple(steps))
        now = next(item for item in steps if item.number == step.number)
        self._record(lambda registry: registry.record_step(self._run.id, now))

    def _end(self, state: RunState, exit_code: int, problem: str | None) -> None:
        ended = datetime.now(UTC)
        self._run = replace(
            self._run,
            state=state,
            ended=ended,
            seconds=round(time.monotonic() - self._begun, 3),
            exit_code=exit_code,
            problem=problem,
        )
        self._record(
            lambda registry: registry.end_run(
                self._run.id, state, ended, exit_code=exit_code, problem=problem
            )
        )
        # What the steps did is known to the registry before the next command asks.
        self._record(lambda registry: ingest(registry, self._project.audit()))
        self._emit("run.ended", state=state, exit_code=exit_code, seconds=self._run.seconds, message=problem)

    def _record(self, write: Callable[[Registry], object]) -> None:
        """Write to the registry; one that fails is done with: the audit log has it all."""
        if self._registry is None:
            return
        try:
            write(self._registry)
        except DatamaskError as error:
            self._registry = None
            self.warn(f"{error.message}; the run goes on, and stands in the audit log")

    def _previous_state(self) -> RunState | None:
        found: list[RunState] = []
        self._record(
            lambda registry: found.extend(
                run.state for run in registry.runs(self._job.name, limit=_RUNS_BACK) if run.state in ENDED
            )
        )
        return found[0] if found else None

    def _emit(self, kind: Kind, **fields: Field) -> None:
        self._listen(Event(kind, datetime.now(UTC), self._run.id, self._job.name, fields))


def _chosen(job: Job, start_from: str | None) -> tuple[Step, ...]:
    """The steps to do: all of them, and what ``keep`` adds, or those from one on."""
    steps = job.steps
    if job.keep is not None:
        steps = (*steps, Step(len(steps) + 1, PRUNE))
    if start_from is None:
        return steps
    word = " ".join(start_from.split())
    found = [step for step in steps if word in (str(step.number), step.verb, step.label)]
    if len(found) != 1:
        labels = [step.label for step in steps]
        problem = "several steps are" if found else "no step is"
        raise UsageError(
            f"{problem} called {word!r} in job {job.name}",
            hint=did_you_mean(word, labels) or f"say a number from 1 to {len(steps)}",
        )
    return tuple(step for step in steps if step.number >= found[0].number)


def _earlier_snapshot(registry: Registry | None, job: Job, first: int) -> str | None:
    """The snapshot that the steps before ``first`` were about when they last succeeded."""
    if registry is None:
        return None
    for run in registry.runs(job.name, limit=_RUNS_BACK):
        found = [
            step.snapshot
            for step in run.steps
            if step.number < first and step.state == "succeeded" and step.snapshot is not None
        ]
        if found:
            return found[-1]
    return None


def _record_crashes(registry: Registry | None, job: str) -> list[Run]:
    """Runs of the job that say they go on: whoever holds its lock knows that they do not."""
    crashed = []
    if registry is not None:
        for found in registry.running(job):
            registry.record_crash(found.id, datetime.now(UTC))
            run = registry.run(found.id)
            if run is not None:
                crashed.append(run)
    return crashed


def _why_not_due(job: Job, registry: Registry | None) -> str | None:
    """Why a job need not run, None where it missed a time that it is to make up for."""
    if job.schedule is None:
        raise UsageError(f"job {job.name} has no schedule", hint="add schedule: to it, or leave --due out")
    if registry is None:
        raise DatamaskError(f"whether job {job.name} is due is not known without the registry")
    if job.catch_up == "skip":
        return "times that it missed are skipped (catch_up: skip)"
    last = job.schedule.last_before(datetime.now(UTC))
    newest = next(iter(registry.runs(job.name, limit=1)), None)
    if last is None or (newest is not None and newest.began >= last):
        return "it has run since it was last due"
    return None


@contextmanager
def _team_lock(registry: Registry | None, job: str) -> Iterator[None]:
    """Hold the job's lock among all machines that share the registry."""
    if registry is None:
        yield
        return
    with registry.held(f"job {job}") as held:
        if not held:
            raise RefusedError(
                f"job {job} is running already, on another machine",
                hint="wait for its end; datamask runs shows how far it is",
            )
        yield


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
