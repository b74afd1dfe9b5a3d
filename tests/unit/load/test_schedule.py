from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from datamask.errors import DatabaseError, DatamaskError
from datamask.load.schedule import Job, run_jobs


def finished(value: int = 0, error: BaseException | None = None) -> Future[int]:
    future: Future[int] = Future()
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)
    return future


def test_what_a_job_gives_goes_to_its_follow_up():
    seen: list[int] = []
    jobs = [Job(n, 1, lambda n=n: finished(n * 10), done=seen.append) for n in range(4)]
    run_jobs(jobs, slots=2)
    assert sorted(seen) == [0, 10, 20, 30]


def test_no_jobs_are_soon_done():
    run_jobs([], slots=2)


def test_a_circle_is_refused_once_the_rest_is_done():
    done: list[int] = []
    jobs = [
        Job(1, 1, finished, done=done.append),
        Job(2, 1, finished, after=frozenset({1, 3})),
        Job(3, 1, finished, after=frozenset({2})),
    ]
    with pytest.raises(DatamaskError) as caught:
        run_jobs(jobs, slots=2)
    assert str(caught.value) == "the schema's objects depend on each other in a circle"
    assert done == [0]


def test_the_first_error_ends_it():
    started: list[int] = []

    def start(number: int) -> Future[int]:
        started.append(number)
        return finished(error=DatabaseError("cannot create index a.b") if number == 1 else None)

    jobs = [
        Job(1, 9, lambda: start(1)),
        Job(2, 1, lambda: start(2), after=frozenset({1})),
        Job(3, 1, lambda: start(3), after=frozenset({2})),
    ]
    with pytest.raises(DatabaseError, match=r"cannot create index a\.b"):
        run_jobs(jobs, slots=1)
    assert started == [1]


def test_a_lost_worker_is_an_error_of_its_own():
    with pytest.raises(DatamaskError) as caught:
        run_jobs([Job(1, 1, lambda: finished(error=BrokenProcessPool()))], slots=1)
    assert str(caught.value) == "a worker process was killed"
    assert caught.value.hint == "the system may be out of memory: use fewer --workers"


def test_jobs_really_run_at_once():
    with ThreadPoolExecutor(2) as threads:
        meeting = [Future(), Future()]

        def meet(mine: int) -> int:
            meeting[mine].set_result(None)
            # Alone, a job would wait here for the other until it gave up.
            meeting[1 - mine].result(timeout=10)
            return 0

        begun = time.monotonic()
        run_jobs([Job(n, 1, lambda n=n: threads.submit(meet, n)) for n in (0, 1)], slots=2)
    assert time.monotonic() - begun < 10


def test_shared_jobs_meet_on_one_table_and_others_do_not():
    running: set[int] = set()
    together: set[frozenset[int]] = set()

    def work(number: int) -> int:
        running.add(number)
        together.add(frozenset(running))
        time.sleep(0.05)
        together.add(frozenset(running))
        running.discard(number)
        return 0

    with ThreadPoolExecutor(4) as threads:
        jobs = [
            Job(n, 1, lambda n=n: threads.submit(work, n), tables=frozenset({7}), shared=n < 3)
            for n in range(1, 5)
        ]
        run_jobs(jobs, slots=4)
    assert frozenset({1, 2}) in together
    assert not any(len(group) > 1 and group & {3, 4} for group in together)
