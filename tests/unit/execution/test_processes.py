"""Worker processes: what they give, how they fail, and that they are gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from datamask.errors import DatabaseError, DatamaskError
from datamask.execution.processes import WorkerPool, default_workers, result


def fail_with(sqlstate: str) -> None:
    raise DatabaseError("cannot do it", hint="do something else", sqlstate=sqlstate)


def ignores_ctrl_c() -> bool:
    return signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def worker_processes(pool: WorkerPool, workers: int) -> list[psutil.Process]:
    # Every worker is busy with one of these, so each process answers once.
    futures = [pool.submit(_pid_after, 0.3) for _ in range(workers)]
    return [psutil.Process(pid) for pid in {result(future) for future in futures}]


def _pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def gone(processes: list[psutil.Process], seconds: float = 10) -> bool:
    return not psutil.wait_procs(processes, timeout=seconds)[1]


def test_calls_run_in_other_processes():
    with WorkerPool(2) as pool:
        workers = worker_processes(pool, 2)
        assert len(workers) == 2
        assert os.getpid() not in {worker.pid for worker in workers}
        assert result(pool.submit(pow, 2, 10)) == 1024
    assert gone(workers)


def test_an_error_arrives_as_it_was_raised():
    with WorkerPool(1) as pool:
        future = pool.submit(fail_with, "23505")
        with pytest.raises(DatabaseError) as caught:
            result(future)
    error = caught.value
    assert (error.message, error.hint, error.sqlstate) == ("cannot do it", "do something else", "23505")


def test_workers_leave_ctrl_c_to_the_leader():
    with WorkerPool(1) as pool:
        assert result(pool.submit(ignores_ctrl_c))


def test_leaving_by_an_exception_ends_workers_at_once():
    begun = time.monotonic()
    found: list[psutil.Process] = []

    def use() -> None:
        with WorkerPool(2) as pool:
            found.extend(worker_processes(pool, 2))
            pool.submit(time.sleep, 60)
            pool.submit(time.sleep, 60)
            pool.submit(time.sleep, 60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use()
    assert gone(found)
    assert time.monotonic() - begun < 30


def test_killing_twice_is_no_matter():
    with WorkerPool(1) as pool:
        workers = worker_processes(pool, 1)
        pool.kill()
        pool.kill()
    assert gone(workers)


def test_a_killed_worker_is_one_clear_error():
    with WorkerPool(1) as pool:
        (worker,) = worker_processes(pool, 1)
        future = pool.submit(time.sleep, 60)
        worker.kill()
        with pytest.raises(DatamaskError) as caught:
            result(future)
        assert caught.value.message == "a worker process was killed"
        with pytest.raises(DatamaskError, match="a worker process was killed"):
            pool.submit(os.getpid)


LEADER = """
    import os, sys, time
    from datamask.execution.processes import WorkerPool, result
    pool = WorkerPool(2)
    futures = [pool.submit(time.sleep, 0.3) for _ in range(2)]
    [result(future) for future in futures]
    print(*(pool._executor._processes), flush=True)
    pool.submit(time.sleep, 600)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_do_not_outlive_a_killed_leader(number):
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(LEADER)], stdout=subprocess.PIPE, text=True
    ) as leader:
        assert leader.stdout is not None
        workers = [psutil.Process(int(pid)) for pid in leader.stdout.readline().split()]
        assert len(workers) == 2
        leader.send_signal(number)
        leader.wait()
    assert gone(workers)


def test_the_environment_of_this_process_stays_as_it_is():
    before = dict(os.environ)
    with WorkerPool(1) as pool:
        result(pool.submit(os.getpid))
    assert dict(os.environ) == before


def test_there_is_a_worker_for_each_processor_but_not_too_many():
    assert 1 <= default_workers() <= 8
