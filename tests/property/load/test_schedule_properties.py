"""The load's scheduler under a clock that only moves when a job ends."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.load import schedule
from datamask.load.schedule import Job, run_jobs


@dataclass
class Clock:
    """Runs jobs in no time: each takes its cost, and the next to end is the one that ``wait`` gives.

    ``begun`` and ``ended`` number the events; between them time may stand still.
    """

    now: int = 0
    events: int = 0
    ends: dict[Future[int], tuple[int, int]] = field(default_factory=dict)
    begun: dict[int, int] = field(default_factory=dict)
    ended: dict[int, int] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)

    def start(self, number: int, cost: int) -> Future[int]:
        future: Future[int] = Future()
        self.events += 1
        self.begun[number] = self.events
        self.order.append(number)
        self.ends[future] = (self.now + cost, number)
        return future

    def wait(
        self, running: Iterable[Future[int]], return_when: str
    ) -> tuple[set[Future[int]], set[Future[int]]]:
        future = min(running, key=lambda item: self.ends[item])
        self.now, number = self.ends[future]
        self.events += 1
        self.ended[number] = self.events
        future.set_result(number)
        return {future}, set(running) - {future}


@dataclass(frozen=True)
class Spec:
    """A job without its work."""

    cost: int
    after: frozenset[int]
    tables: frozenset[int]
    shared: bool


@st.composite
def specs(draw: st.DrawFn, *, tables: int = 3) -> list[Spec]:
    """Jobs that only depend on earlier ones; their order is mixed up by whoever makes them."""
    return [
        Spec(
            draw(st.integers(0, 9)),
            draw(st.frozensets(st.integers(0, number - 1), max_size=3)) if number else frozenset(),
            draw(st.frozensets(st.integers(1, tables), max_size=2)) if tables else frozenset(),
            draw(st.booleans()),
        )
        for number in range(draw(st.integers(1, 12)))
    ]


def run(found: list[Spec], slots: int, order: list[int] | None = None) -> Clock:
    clock = Clock()
    jobs = [
        Job(
            n,
            found[n].cost,
            partial(clock.start, n, found[n].cost),
            found[n].after,
            found[n].tables,
            found[n].shared,
        )
        for n in order or range(len(found))
    ]
    with mock.patch.object(schedule, "wait", clock.wait):
        run_jobs(jobs, slots=slots)
    return clock


def chain(found: list[Spec], number: int) -> int:
    """The costliest chain that begins with a job, by trying them all."""
    return found[number].cost + max(
        (chain(found, follower) for follower, spec in enumerate(found) if number in spec.after), default=0
    )


def conflict(one: Spec, other: Spec) -> bool:
    return bool(one.tables & other.tables) and not (one.shared and other.shared)


@settings(deadline=None)
@given(specs(), st.integers(1, 4), st.randoms(use_true_random=False))
def test_jobs_run_once_in_order_and_never_beside_what_they_lock(found, slots, random):
    numbers = list(range(len(found)))
    random.shuffle(numbers)
    clock = run(found, slots, numbers)
    assert sorted(clock.order) == list(range(len(found)))
    for number, spec in enumerate(found):
        for need in spec.after:
            assert clock.ended[need] < clock.begun[number]
        beside = [
            other
            for other in range(len(found))
            if clock.begun[other] < clock.begun[number] < clock.ended[other]
        ]
        assert len(beside) < slots
        assert not any(conflict(spec, found[other]) for other in beside)


@settings(deadline=None)
@given(specs(tables=0), st.integers(1, 4))
def test_no_slot_is_idle_while_a_job_could_run(found, slots):
    clock = run(found, slots)
    total = sum(spec.cost for spec in found)
    longest = max(chain(found, number) for number in range(len(found)))
    # Graham's bound, which every schedule without needless idling keeps (Bell System Technical Journal, 1966).
    assert max(total / slots, longest) <= clock.now <= total / slots + (1 - 1 / slots) * longest


@settings(deadline=None)
@given(specs(), st.integers(1, 4))
def test_the_job_that_begins_the_costliest_chain_goes_first(found, slots):
    clock = run(found, slots)
    for place, number in enumerate(clock.order):
        start = clock.begun[number]
        before = set(clock.order[:place])
        running = [other for other in before if clock.ended[other] > start]
        for other in clock.order[place + 1 :]:
            ready = all(clock.ended[need] < start for need in found[other].after)
            free = not any(conflict(found[other], found[another]) for another in running)
            if ready and free:
                assert chain(found, other) <= chain(found, number)
