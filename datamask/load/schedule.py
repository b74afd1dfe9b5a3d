"""Running jobs that depend on each other and share tables, several at once. Pure but for the jobs' own work."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

from datamask.errors import DatamaskError
from datamask.execution.processes import result


def _nothing(_: int) -> None:
    pass


@dataclass(frozen=True)
class Job:
    """One piece of work.

    :param number: unique among the jobs.
    :param cost: estimated work; only its proportion to other jobs' matters.
    :param start: begins the work elsewhere and gives its future; the future's value goes to ``done``.
    :param after: numbers of jobs that must be over before.
    :param tables: what it locks, as numbers that mean something to the caller.
    :param shared: it only reads: it may run beside other shared jobs on the same tables.
    """

    number: int
    cost: int
    start: Callable[[], Future[int]]
    after: frozenset[int] = frozenset()
    tables: frozenset[int] = frozenset()
    shared: bool = False
    done: Callable[[int], None] = field(default=_nothing)


def run_jobs(jobs: Sequence[Job], *, slots: int) -> None:
    """Run all jobs, at most ``slots`` at once; the first error ends it, with other jobs still running.

    Of the jobs that are ready, the one goes first that begins the costliest chain of jobs to the end.
    Two jobs on one table run together only where both are shared: PostgreSQL would make one wait for the
    other, and two that lock the same tables in another order wait for each other.

    :raises DatamaskError: where jobs depend on each other in a circle.
    """
    open_needs = {job.number: len(job.after) for job in jobs}
    followers: dict[int, list[Job]] = defaultdict(list)
    for job in jobs:
        for need in job.after:
            followers[need].append(job)
    remaining = _remaining_costs(jobs, followers)
    ready = [(-remaining[job.number], job.number, job) for job in jobs if not job.after]
    heapq.heapify(ready)
    running: dict[Future[int], Job] = {}
    finished = 0
    while finished < len(jobs):
        _start_ready(ready, running, slots)
        if not running:
            raise DatamaskError("the schema's objects depend on each other in a circle")
        over, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in over:
            job = running.pop(future)
            job.done(result(future))
            finished += 1
            for follower in followers[job.number]:
                open_needs[follower.number] -= 1
                if not open_needs[follower.number]:
                    heapq.heappush(ready, (-remaining[follower.number], follower.number, follower))


def _remaining_costs(jobs: Sequence[Job], followers: dict[int, list[Job]]) -> dict[int, int]:
    """For each job the cost of the costliest chain that begins with it."""
    remaining: dict[int, int] = {}
    seen: set[int] = set()
    pending = [(job, False) for job in jobs]
    while pending:
        job, expanded = pending.pop()
        if expanded:
            remaining[job.number] = job.cost + max(
                (remaining.get(follower.number, 0) for follower in followers[job.number]), default=0
            )
        elif job.number not in seen:
            seen.add(job.number)
            pending.append((job, True))
            pending.extend((follower, False) for follower in followers[job.number])
    return remaining


def _start_ready(ready: list[tuple[int, int, Job]], running: dict[Future[int], Job], slots: int) -> None:
    blocked = []
    while ready and len(running) < slots:
        entry = heapq.heappop(ready)
        job = entry[2]
        if any(_conflict(job, other) for other in running.values()):
            blocked.append(entry)
        else:
            running[job.start()] = job
    for entry in blocked:
        heapq.heappush(ready, entry)


def _conflict(job: Job, other: Job) -> bool:
    return not job.tables.isdisjoint(other.tables) and not (job.shared and other.shared)
