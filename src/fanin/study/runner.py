"""Trials on an engine: stacks in flight, stacks whose worker was lost again, outcomes as they come."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager

from fanin.errors import InputError
from fanin.study import engines
from fanin.study.engines import Engine, _executor
from fanin.study.engines._attempt import attempt, failed
from fanin.study.engines.local import cores
from fanin.study.grid import whole
from fanin.study.outcome import Outcome
from fanin.study.work import Tick, Work
from fanin.values import Trial

Progress = Callable[[int, int, str], None]
"""Called with trial-epochs done, trial-epochs in all, and a text."""

_SMALL = 1e10  # multiplications and additions; about the time that a process takes to start
_TRIES = 4


def run(
    work: Work,
    trials: Sequence[Trial],
    *,
    engine: str = "local",
    workers: int | None = None,
    address: str | None = None,
    executor: Executor | None = None,
    go_on: Callable[[], bool] = lambda: True,
    progress: Progress | None = None,
) -> Iterator[tuple[Outcome, ...]]:
    """Train trials; yield the outcomes of each stack as soon as it is finished.

    Args:
        work: what trains them.
        trials: the study's that are not done yet.
        engine, workers, address: see `engines.open_`; without any of them, little work is done here and now.
        executor: somebody's own instead of an engine.
        go_on: asked before each stack; when it says no, what is in flight is finished, and no more is begun.
        progress: called as epochs are finished.

    Raises:
        InputError: workers is no whole number, or below 1.
        FaninError: a worker process was killed. What was yielded before is good.
    """
    workers = None if workers is None else whole("workers", workers)
    if not trials:
        return
    tick = _ticker(trials, progress)
    is_local = engine == "local" and executor is None and address is None
    is_small = workers is None and sum(map(work.effort, trials)) <= _SMALL
    stacks = work.stacks(trials, 1 if is_local and is_small else workers or cores())
    if is_local and (is_small or workers == 1 or len(stacks) == 1):
        for stack in stacks:
            if go_on():
                yield attempt(work, stack, tick)
        return
    count = min(workers or cores(), len(stacks)) if is_local else workers
    with _opened(work, engine, count, address, executor, tick) as opened:
        yield from _drive(opened, stacks, go_on, None if is_local else tick)


def _opened(
    work: Work, engine: str, workers: int | None, address: str | None, executor: Executor | None, tick: Tick
) -> AbstractContextManager[Engine]:
    if executor is None:
        return engines.open_(engine, work, workers, address, tick)
    if not isinstance(executor, Executor):
        raise InputError(f"executor is a {type(executor).__name__}; expected a concurrent.futures.Executor")
    return _executor.open_(executor, work, workers)


def _drive(
    engine: Engine, stacks: Sequence[tuple[Trial, ...]], go_on: Callable[[], bool], tick: Tick | None
) -> Iterator[tuple[Outcome, ...]]:
    """Keep the engine busy; `tick` where the engine itself can't tell."""
    waiting = deque((stack, 1) for stack in stacks)
    running: dict[Future[tuple[Outcome, ...]], tuple[tuple[Trial, ...], int]] = {}
    while waiting or running:
        while waiting and len(running) < engine.slots and go_on():
            stack, tries = waiting.popleft()
            running[engine.submit(stack)] = stack, tries
        if not running:
            return
        done, _ = wait(running, timeout=0.1, return_when=FIRST_COMPLETED)
        engine.poll()
        for future in done:
            stack, tries = running.pop(future)
            try:
                outcomes = future.result()
            except engine.lost as error:
                if tries < _TRIES:
                    waiting.appendleft((stack, tries + 1))
                    continue
                outcomes = tuple(failed(trial, error) for trial in stack)
            if tick is not None:
                tick(sum(trial.epochs for trial in stack))
            yield outcomes


def _ticker(trials: Sequence[Trial], progress: Progress | None) -> Tick:
    total, done = sum(trial.epochs for trial in trials), 0

    def tick(count: int) -> None:
        nonlocal done
        done = min(done + count, total)  # a stack that failed is counted again, trial by trial
        if progress is not None:
            progress(done, total, f"{len(trials)} trials")

    return tick
