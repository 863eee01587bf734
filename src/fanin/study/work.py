"""What a study is about: the seam between trials and the networks that they train.

A study knows trials and outcomes alone. Its work knows the network and the data: it says what a trial of some settings
is, and trains it. It is sent to every worker once, whatever engine the worker belongs to, and asked there for the
outcomes of one stack of trials after another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from fanin.study.cell import Value
from fanin.study.outcome import Outcome
from fanin.values import Trial

Tick = Callable[[int], None]
"""Called with the number of trials that have finished one more epoch."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is the same in all trials of a study; None is left to the work.

    Attributes:
        bias: scheme of the biases.
        epochs, batch: passes over the data, examples per step.
        hold_out: whether a part of the training data is kept to choose learning rates on.
    """

    bias: str | None = None
    epochs: int | None = None
    batch: int | None = None
    hold_out: bool = False


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What counts as having learned, as data and in words.

    Attributes:
        metric: what arms are compared by: test accuracy (more is better) or test loss (less is better).
        chance: the score of the best constant answer.
        learned: a trial that ends at this score or a better one has learned.
        rule: the same in words.
    """

    metric: Literal["accuracy", "loss"]
    chance: float
    learned: float
    rule: str


class Work(Protocol):
    """The networks of one study. Picklable, by cloudpickle if its parts are somebody's own functions."""

    @property
    def title(self) -> str:
        """One line."""

    @property
    def inits(self) -> tuple[str, ...]:
        """The arms, if none are named."""

    @property
    def axes(self) -> Mapping[str, Sequence[Any]]:
        """What is varied if nothing else is asked: values of depth, width, activation, optimizer and lr."""

    def facts(self) -> dict[str, Any]:
        """`classes` (None without) and `source` of the data."""

    def base(self, cell: Mapping[str, Value], settings: Settings) -> Trial:
        """The trial of a cell and of some settings, with seed 0, the first of `inits` and the usual rate.

        Raises:
            FaninError: settings that this network does not have, or out of range.
        """

    def verify(self, init: str) -> None:
        """Refuse an initialization that can't be understood, before long work."""

    def stacks(self, trials: Sequence[Trial], workers: int) -> list[tuple[Trial, ...]]:
        """Trials cut into what is trained together, a chunk of seconds; the cut must not change any bit of a result."""

    def effort(self, trial: Trial) -> float:
        """Multiplications and additions of a trial, roughly; for little of it no worker is started."""

    def train(self, stack: Sequence[Trial], tick: Tick) -> tuple[Outcome, ...]:
        """Train one stack: the outcome of each of its trials, in order."""

    def start(self, trial: Trial) -> dict[str, Any]:
        """How the arm of a trial looks before training: `init`, `start`, `check` and `notes` of the study document."""

    def yardstick(self) -> Yardstick:
        """What counts as having learned."""
