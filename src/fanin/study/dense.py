"""Dense networks of the presets, in NumPy, as the work of a study."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any, ClassVar

import numpy as np

from fanin import schemes
from fanin.errors import InputError
from fanin.study.cell import Value
from fanin.study.datasets import Dataset
from fanin.study.grid import whole
from fanin.study.outcome import Outcome
from fanin.study.start import start
from fanin.study.summary import half_way
from fanin.study.task import Task
from fanin.study.train import train
from fanin.study.work import Settings, Tick, Yardstick
from fanin.values import Trial

STACK = 12
"""Trials per stack: the share of Python in a step is small by then, and a kill loses no more than these."""

_MOST_GIGABYTES = 64
_HELD_OUT, _MOST_HELD_OUT = 1 / 6, 10_000  # of the training examples, the last, to choose rates on


@dataclass(frozen=True, slots=True)
class DenseWork:
    """A preset on data; see `Work`.

    Attributes:
        data: the part of it that the preset trains on and is scored on.
    """

    task: Task
    data: Dataset
    plain: ClassVar[bool] = True  # nothing in it but fanin's own

    @property
    def title(self) -> str:
        """The preset's."""
        return self.task.title

    @property
    def inits(self) -> tuple[str, ...]:
        """The preset's."""
        return self.task.inits

    @property
    def axes(self) -> Mapping[str, Sequence[Any]]:
        """The preset's."""
        return self.task.axes

    def facts(self) -> dict[str, Any]:
        """Classes and source of the data."""
        return {"classes": self.data.classes, "source": self.data.source}

    def verify(self, init: str) -> None:
        """Refuse what is no scheme."""
        schemes.parse(init)

    def base(self, cell: Mapping[str, Value], settings: Settings) -> Trial:
        """The preset's trial, with other settings where they are given."""
        task, examples = self.task, len(self.data.x_train)
        held = held_out(examples) if settings.hold_out else 0
        trial = Trial(
            task=task.name,
            init=self.inits[0],
            bias=task.bias if settings.bias is None else settings.bias,
            seed=0,
            widths=(self.data.x_train.shape[1], *_hidden(task, cell), self.data.classes),
            activation=str(cell.get("activation", task.activation)),
            output=task.output,
            loss=task.loss,
            data=self.data.name,
            train=examples - held,
            test=len(self.data.x_test),
            epochs=task.epochs if settings.epochs is None else whole("epochs", settings.epochs),
            batch=min(task.batch if settings.batch is None else whole("batch", settings.batch), examples - held),
            lr=task.lr,
            decay=task.decay,
            l2=task.l2 * (examples - held),
            optimizer=cell.get("optimizer", task.optimizer),  # type: ignore[arg-type]  # the grid has checked it
            validation=held,
        )
        schemes.parse(trial.bias)
        _check_memory(trial)
        return trial

    def stacks(self, trials: Sequence[Trial], workers: int) -> list[tuple[Trial, ...]]:
        """Trials of one cell together, cut evenly; stacks of the first seeds come first."""
        found: list[tuple[Trial, ...]] = []
        for _, cell in groupby(trials, key=lambda trial: replace(trial, init="", seed=0, lr=0.0)):
            found += cut(tuple(cell), workers, STACK)
        return sorted(found, key=lambda stack: stack[0].seed)

    def effort(self, trial: Trial) -> float:
        """Six operations per weight and example."""
        return 6.0 * sum(a * b for a, b in pairwise(trial.widths)) * trial.train * trial.epochs

    def train(self, stack: Sequence[Trial], tick: Tick) -> tuple[Outcome, ...]:
        """All in one batched computation."""
        return train(stack, self.data, tick)

    def start(self, trial: Trial) -> dict[str, Any]:
        """Signals of the first examples, and the doctor's view."""
        return start(trial, self.data)

    def yardstick(self) -> Yardstick:
        """Half-way from the most frequent class's share to 1."""
        counts = np.bincount(self.data.y_test)
        return half_way(float(counts.max() / counts.sum()))


def held_out(examples: int) -> int:
    """How many of the training examples are kept to choose rates on: the last sixth, at most 10,000.

    >>> held_out(600), held_out(90_000)
    (100, 10000)
    """
    return min(_MOST_HELD_OUT, round(_HELD_OUT * examples))


def cut(trials: Sequence[Trial], workers: int, most: int) -> list[tuple[Trial, ...]]:
    """Trials in order, cut into stacks of at most so many: as large as one another, and work for all workers."""
    rounds = math.ceil(len(trials) / (most * workers))
    count = min(len(trials), rounds * workers)
    ends = [len(trials) * i // count for i in range(count + 1)]
    return [tuple(trials[first:last]) for first, last in pairwise(ends)]


def _check_memory(trial: Trial) -> None:
    """A stack keeps weights, their start and their gradients; refuse what no machine of today holds."""
    weights = sum(n_in * n_out for n_in, n_out in pairwise(trial.widths))
    gigabytes = 3 * STACK * weights * 4 / 1e9
    if gigabytes > _MOST_GIGABYTES:
        raise InputError(
            f"widths {trial.widths[1]} x {len(trial.widths) - 2} need {gigabytes:.0f} GB for {STACK} trials at a time, "
            f"more than {_MOST_GIGABYTES}; ask for a smaller network"
        )


def _hidden(task: Task, cell: Mapping[str, Value]) -> tuple[int, ...]:
    depth, width = cell.get("depth"), cell.get("width")
    if depth is None and width is None:
        return task.hidden
    layers = len(task.hidden) if depth is None else int(depth)
    units = next(iter(task.hidden), None) if width is None else int(width)
    if task.is_square and width is None:
        units = layers
    if (layers and units is None) or (not layers and width is not None):
        raise InputError(f"{task.name} has no hidden layer to repeat or to widen here; give both depth and width")
    return (units,) * layers if units else ()
