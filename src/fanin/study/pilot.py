"""How long a study will take: from a short run of its own stacks, on this machine."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fanin.errors import InputError
from fanin.study.engines._attempt import attempt
from fanin.study.work import Work
from fanin.values import Trial

_CELLS = 4  # of which a stack is tried; the others are taken for the nearest of these


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a study would be.

    Attributes:
        trials, stored: how many in all, and how many of them are in the store already.
        arms: the trials of each arm.
        seconds: of the trials that remain, on so many workers.
        workers: processes.
        measured: seconds that the pilot itself took.
    """

    trials: int
    stored: int
    arms: dict[str, int]
    seconds: float
    workers: int
    measured: float


def seconds(work: Work, trials: Sequence[Trial], workers: int) -> tuple[float, float]:
    """Seconds that trials take on so many workers, and those spent to find out.

    One stack of some cells is run for one epoch; the time per trial and epoch is taken for all of the cell.
    """
    began = time.perf_counter()
    stacks = work.stacks(trials, workers)
    cells: dict[str, list[tuple[Trial, ...]]] = {}
    for stack in stacks:
        cells.setdefault(replace(stack[0], init="", seed=0, lr=0.0).id, []).append(stack)
    names = list(cells)
    tried = [names[round(i * (len(names) - 1) / max(1, _CELLS - 1))] for i in range(min(_CELLS, len(names)))]
    cost = {name: _per_epoch(work, cells[name][0]) for name in dict.fromkeys(tried)}
    total = sum(
        cost[min(cost, key=lambda other: abs(names.index(other) - names.index(name)))] * trial.epochs
        for name, found in cells.items()
        for stack in found
        for trial in stack
    )
    return total / min(workers, len(stacks)), time.perf_counter() - began


def _per_epoch(work: Work, stack: Sequence[Trial]) -> float:
    began = time.perf_counter()
    outcomes = attempt(work, [replace(trial, epochs=1) for trial in stack])
    errors = [outcome.error for outcome in outcomes if outcome.state == "failed"]
    if len(errors) == len(stack):
        raise InputError(f"the pilot could not train: {errors[0]}")
    return (time.perf_counter() - began) / len(stack)
