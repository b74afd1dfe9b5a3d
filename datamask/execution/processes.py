"""Worker processes on this machine, behind the interface of ``concurrent.futures``."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from datamask.errors import DatamaskError

P = ParamSpec("P")
R = TypeVar("R")

# Loaded once, in the process that workers are forked from. It must have one thread only, so Polars is not
# among them: it starts threads when it is imported.
_PRELOAD = ["numpy", "datamask.db.session", "datamask.masking.keys"]

# Parallelism is by processes; threads of libraries would only compete with them.
_SINGLE_THREADED = ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


class WorkerPool:
    """Processes that run functions; a context manager. Left by an exception, it kills them at once.

    They start in the background when the pool is made, and end with this process however it ends.

    :param workers: number of processes.
    :param warm_up: a module that they import at once, while this process has other things to do.
    """

    def __init__(self, workers: int, *, warm_up: str = "datamask.snapshot.worker") -> None:
        self.workers = workers
        start_forkserver()
        context = multiprocessing.get_context("forkserver")
        with _without_main_module():
            self._executor = ProcessPoolExecutor(
                workers, mp_context=context, initializer=_begin, initargs=(warm_up,)
            )
            for _ in range(workers):
                self._executor.submit(os.getpid)

    def submit(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Run a picklable call in one of the processes."""
        try:
            return self._executor.submit(function, *args, **kwargs)
        except BrokenProcessPool:
            raise worker_lost() from None

    def kill(self) -> None:
        """End the processes in the middle of whatever they do."""
        # The executor has no public way to do this before Python 3.14.
        processes = list((self._executor._processes or {}).values())
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        for process in processes:
            process.join()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._executor.shutdown()
        else:
            self.kill()


def start_forkserver() -> None:
    """Start the process that workers are forked from, where it does not run yet; nothing waits for it.

    Whoever knows early that there will be workers calls this before the imports of its own.
    """
    with _environment(dict.fromkeys(_SINGLE_THREADED, "1")), _without_main_module(), _deaf_to_interrupts():
        multiprocessing.get_context("forkserver").set_forkserver_preload(_PRELOAD)
        forkserver.ensure_running()


def worker_lost() -> DatamaskError:
    """The error for a worker process that ended without an answer."""
    return DatamaskError(
        "a worker process was killed",
        hint="the system may be out of memory: use fewer --workers",
    )


def result(future: Future[R]) -> R:
    """A future's result; a lost worker is an error of datamask's."""
    try:
        return future.result()
    except BrokenProcessPool:
        raise worker_lost() from None


def answer_interrupts() -> None:
    """Let Ctrl-C end whatever this process waits for.

    Polars, when it is imported, sets its handler so that interrupted system calls start again: a wait for a
    worker would then only notice the signal when the worker is done.
    """
    signal.siginterrupt(signal.SIGINT, True)


def default_workers() -> int:
    """One worker for each processor that this process may use, at most 8: the server needs some too."""
    return min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def _begin(warm_up: str) -> None:
    # Ctrl-C reaches every process of the terminal; it is the leader's to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    importlib.import_module(warm_up)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Keep Ctrl-C from processes that start meanwhile: it is the leader's to answer, and told to it afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _without_main_module() -> Iterator[None]:
    """Keep new processes from importing the program that started this one: they need none of it."""
    names: dict[str, Any] = sys.modules["__main__"].__dict__
    saved: dict[str, Any] = {name: names.pop(name) for name in ("__file__", "__spec__") if name in names}
    names["__spec__"] = None
    try:
        yield
    finally:
        names.update(saved)
