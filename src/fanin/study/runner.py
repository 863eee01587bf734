"""Trials in local processes; what is small runs here and now.

A worker ends with the process that started it, however that ends: it watches a pipe which only that process holds open.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from multiprocessing.queues import SimpleQueue
from types import ModuleType
from typing import Any

from fanin.errors import FaninError
from fanin.study.datasets import Dataset
from fanin.study.grid import stacks, whole
from fanin.study.outcome import Outcome
from fanin.study.train import train
from fanin.values import Trial

Progress = Callable[[int, int, str], None]
"""Called with trial-epochs done, trial-epochs in all, and a text."""

_SMALL = 1e10  # multiplications and additions; about the time that a process takes to start

_worker: dict[str, Any] = {}


def run(
    trials: Sequence[Trial], data: Dataset, *, workers: int | None = None, progress: Progress | None = None
) -> Iterator[tuple[Outcome, ...]]:
    """Train trials; yield the outcomes of each stack as soon as it is finished.

    Args:
        trials: they differ in init and seed alone.
        data: the examples of all.
        workers: processes; without it as many as there are cores for this process, or none for little work.
        progress: called as epochs are finished.

    Raises:
        InputError: workers is no whole number, or below 1.
        FaninError: a worker was killed. What was yielded before is good.
    """
    workers = None if workers is None else whole("workers", workers)
    if not trials:
        return
    workers = workers or (_cores() if sum(map(_work, trials)) > _SMALL else 1)
    pieces = stacks(trials, workers)
    tick = _ticker(trials, progress)
    if workers > 1 and len(pieces) > 1:
        yield from _pool(pieces, data, workers, tick)
    else:
        for piece in pieces:
            yield _attempt(piece, data, tick)


def _cores() -> int:
    """Cores that this process may use; a container or `taskset` may grant fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _work(trial: Trial) -> float:
    weights = sum(a * b for a, b in zip(trial.widths[1:], trial.widths[:-1], strict=True))
    return 6.0 * weights * trial.train * trial.epochs


def _ticker(trials: Sequence[Trial], progress: Progress | None) -> Callable[[int], None]:
    total, done = sum(trial.epochs for trial in trials), 0

    def tick(count: int) -> None:
        nonlocal done
        done = min(done + count, total)  # a stack that failed is counted again, trial by trial
        if progress is not None:
            progress(done, total, f"{len(trials)} trials")

    return tick


def _attempt(stack: Sequence[Trial], data: Dataset, tick: Callable[[int], None]) -> tuple[Outcome, ...]:
    """Train a stack; if that fails, each trial alone, so that only the guilty one is recorded as failed."""
    try:
        return train(stack, data, tick)
    except Exception as error:  # noqa: BLE001 whatever stops a trial is its result
        if len(stack) == 1:
            reason = str(error).splitlines()[0] if str(error) else "no message"
            return (Outcome(stack[0], "failed", error=f"{type(error).__name__}: {reason}"),)
        return tuple(outcome for trial in stack for outcome in _attempt((trial,), data, tick))


def _pool(
    pieces: Sequence[Sequence[Trial]], data: Dataset, workers: int, tick: Callable[[int], None]
) -> Iterator[tuple[Outcome, ...]]:
    context = multiprocessing.get_context("spawn")
    lifeline, held = context.Pipe(duplex=False)
    ticks: SimpleQueue[int] = context.SimpleQueue()
    executor = ProcessPoolExecutor(min(workers, len(pieces)), context, _begin, (data, lifeline, ticks))
    try:
        with _nameless_main():
            pending = {executor.submit(_attempt_here, piece) for piece in pieces}
        while pending:
            done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
            while not ticks.empty():
                tick(ticks.get())
            for future in done:
                yield future.result()
    except BrokenProcessPool as error:
        raise FaninError("a worker process died; give fewer workers if memory ran out") from error
    except BaseException:
        held.close()  # all workers end now, in the middle of their stacks
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        held.close()


@contextlib.contextmanager
def _nameless_main() -> Iterator[None]:
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


def _begin(data: Dataset, lifeline: Connection, ticks: "SimpleQueue[int]") -> None:
    """First thing in a worker."""
    os.environ["FANIN_NUM_THREADS"] = "1"  # the other cores have workers of their own
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    _worker.update(data=data, tick=ticks.put)


def _end_with(lifeline: Connection) -> None:
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os._exit(1)


def _attempt_here(stack: Sequence[Trial]) -> tuple[Outcome, ...]:
    return _attempt(stack, _worker["data"], _worker["tick"])
