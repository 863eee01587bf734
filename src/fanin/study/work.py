"""What trains trials: the seam between a study and what it is about.

A study knows trials and outcomes alone. Its work knows the network and the data; it is sent to every worker once,
whatever engine the worker belongs to, and asked there for the outcome of one stack after another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from fanin.study.outcome import Outcome
from fanin.values import Trial

Tick = Callable[[int], None]
"""Called with the number of trials that have finished one more epoch."""


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
    """Trains the trials of one study. Anything picklable by cloudpickle with these methods."""

    def stacks(self, trials: Sequence[Trial]) -> list[tuple[Trial, ...]]:
        """Trials cut into what is trained together, a chunk of seconds; the cut must not change any bit of a result."""

    def train(self, stack: Sequence[Trial], tick: Tick) -> tuple[Outcome, ...]:
        """Train one stack: the outcome of each of its trials, in order."""

    def start(self, trial: Trial) -> dict[str, Any]:
        """How the arm of a trial looks before training: `{"init", "start", "check"}` of the study document."""

    def yardstick(self) -> Yardstick:
        """What counts as having learned."""
