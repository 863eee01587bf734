"""Successive halving over the learning rates of each arm: short runs of all, longer ones of the better third.

An arm is never let go, only rates of it: each ends with at least one of full length, so that the arms can be compared.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Literal

from fanin.study.outcome import Outcome
from fanin.study.rates import by_rate, score
from fanin.values import Trial

ETA = 3
"""Of so many rates one goes on, for so many times as long."""


def rungs(epochs: int, rates: int) -> list[int]:
    """How long the runs of each rung are: as many rungs as the rates need, and the epochs allow.

    >>> rungs(30, 9), rungs(30, 2), rungs(2, 9)
    ([3, 10, 30], [10, 30], [2])
    """
    steps = math.ceil(math.log(rates, ETA)) if rates > 1 else 0
    lengths = [epochs // ETA**step for step in range(steps, -1, -1)]
    return [length for length in lengths if length]


def shortened(trials: Sequence[Trial], epochs: int) -> tuple[Trial, ...]:
    """The same trials, of another length: trials of their own."""
    return tuple(replace(trial, epochs=epochs) for trial in trials)


def survivors(outcomes: Sequence[Outcome], metric: Literal["accuracy", "loss"]) -> set[tuple[str, float]]:
    """Arm and rate of the best third of each arm's rates, at least one, as validation data see them."""
    arms = sorted(outcomes, key=lambda o: arm(o.trial))
    kept = set()
    for name, found in groupby(arms, key=lambda o: arm(o.trial)):
        rates = by_rate(list(found))
        ranked = sorted(sorted(rates), key=lambda lr: score(rates[lr], metric), reverse=True)  # smaller of two equals
        kept |= {(name, lr) for lr in ranked[: math.ceil(len(ranked) / ETA)]}
    return kept


def arm(trial: Trial) -> str:
    """A name for everything of a trial but its seed, its rate and its length."""
    return replace(trial, seed=0, lr=0.0, epochs=0).id
