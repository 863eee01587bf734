"""Processes of this machine.

A worker ends with the process that started it, however that ends: it watches a pipe which only that process holds open.
"""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from multiprocessing.queues import SimpleQueue
from types import ModuleType
from typing import Any

from fanin.errors import FaninError
from fanin.study.engines._attempt import attempt, pack
from fanin.study.outcome import Outcome
from fanin.study.work import Tick, Work
from fanin.values import Trial

_worker: dict[str, Any] = {}


class _Pool:
    """A pool of processes that have the work."""

    lost: tuple[type[BaseException], ...] = ()  # what kills a process here, memory most of all, would kill it again

    def __init__(self, executor: ProcessPoolExecutor, slots: int, ticks: "SimpleQueue[int]", tick: Tick) -> None:
        self.slots = slots
        self._executor, self._ticks, self._tick = executor, ticks, tick

    def submit(self, stack: Sequence[Trial]) -> "Future[tuple[Outcome, ...]]":
        with nameless_main():
            return self._executor.submit(_attempt_here, tuple(stack))

    def poll(self) -> None:
        while not self._ticks.empty():
            self._tick(self._ticks.get())


@contextlib.contextmanager
def open_(work: Work, workers: int | None, address: str | None, tick: Tick) -> Iterator[_Pool]:
    """A pool of processes, one per core unless it is said how many."""
    if address is not None:
        raise FaninError(f"address {address!r}: the engine local has no cluster; say which engine has")
    count = workers or cores()
    context = multiprocessing.get_context("spawn")
    lifeline, held = context.Pipe(duplex=False)
    ticks: SimpleQueue[int] = context.SimpleQueue()
    executor = ProcessPoolExecutor(count, context, _begin, (pack(work), sys.path, lifeline, ticks))
    try:
        yield _Pool(executor, 2 * count, ticks, tick)
    except BrokenProcessPool as error:
        raise FaninError("a worker process died; give fewer workers if memory ran out") from error
    except BaseException:
        held.close()  # all workers end now, in the middle of their stacks
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        held.close()


def cores() -> int:
    """Cores that this process may use; a container or `taskset` may grant fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def nameless_main() -> Iterator[None]:
    """Keep the script out of the workers that start meanwhile.

    A spawned process runs the file of `__main__` again, which would train again where no guard stops it, and cannot
    where the script came from a pipe. Workers need nothing of it.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _begin(packed: bytes, path: list[str], lifeline: Connection, ticks: "SimpleQueue[int]") -> None:
    """First thing in a worker."""
    os.environ["FANIN_NUM_THREADS"] = "1"  # the other cores have workers of their own
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=end_with, args=(lifeline,), daemon=True).start()
    sys.path[:] = path  # somebody's code imports what lies beside it
    _worker.update(work=pickle.loads(packed), tick=ticks.put)  # noqa: S301  made by `pack` in the parent


def end_with(lifeline: Connection) -> None:
    """End this process when nobody holds the other end of a pipe any more."""
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os._exit(1)


def _attempt_here(stack: Sequence[Trial]) -> tuple[Outcome, ...]:
    return attempt(_worker["work"], stack, _worker["tick"])
