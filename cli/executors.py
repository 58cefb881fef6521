"""Where pieces of a batch run: in this process, in local processes, or on a Dask cluster."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from core.errors import ConfigError, RetriableError

_ANSWER_S = 10.0
P = ParamSpec("P")
T = TypeVar("T")


class Inline(Executor):
    """Runs each piece at once, in the process that hands it in."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run it; the future is done."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)
        return future


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def executor(workers: int, scheduler: str = "") -> Iterator[Executor]:
    """An executor; what waits in it is dropped at the end, what runs is waited for.

    Args:
        workers: Local processes; 1 is this process.
        scheduler: Address of a Dask scheduler (``tcp://HOST:PORT``), whose workers count then.

    Raises:
        ConfigError: Dask is not installed, or the address is none.
        RetriableError: The scheduler does not answer.
    """
    if scheduler:
        with _dask(scheduler) as made:
            yield made
        return
    if workers == 1:
        try:
            yield Inline()
        finally:
            from geo.archivesource import release  # noqa: PLC0415

            release()
        return
    with _processes(workers) as pool:
        yield pool


@contextmanager
def _processes(workers: int) -> Iterator[Executor]:
    """Local processes. They only read: where the work is broken off, they are ended at once."""
    others = set(multiprocessing.active_children())
    # A fork would copy the threads' locks of NumPy, Arrow and SQLite; an interrupt is the parent's business.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, signal.signal, (signal.SIGINT, signal.SIG_IGN))
    try:
        with _deaf():
            for _ in range(workers):
                pool.submit(os.getpid)
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """What starts meanwhile is deaf to Ctrl-C from its first moment on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _dask(scheduler: str) -> Iterator[Any]:
    try:
        client_of: Any = importlib.import_module("distributed").Client
    except ImportError:
        raise ConfigError("--scheduler needs Dask: install canhdong[batch]") from None
    try:
        client = client_of(scheduler, timeout=_ANSWER_S)
    except ValueError as error:
        raise ConfigError(f"--scheduler {scheduler}: {error}") from None
    except (OSError, TimeoutError) as error:
        raise RetriableError(f"no Dask scheduler answers at {scheduler}: {error}") from None
    try:
        pool = client.get_executor(pure=False)
        try:
            yield pool
        finally:
            pool.shutdown(wait=False)
    finally:
        client.close()
