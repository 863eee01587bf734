"""From outcomes to numbers: one arm over its seeds, at the rate that was chosen for it."""

import math
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.study.outcome import Epoch, Outcome
from fanin.study.rates import by_rate, chosen, score
from fanin.study.work import Yardstick
from fanin.values import codec

_CLASSES, _BITS = ("cross_entropy", "nll"), ("bce", "bce_with_logits")
_LEVEL = 0.2  # test accuracy at which a network has started to learn (Hanin and Rolnick 2018)


ANY_LOSS = Yardstick(
    "loss", sys.float_info.max, sys.float_info.max, "a finite test loss; of this loss no more can be said"
)


def half_way(chance: float) -> Yardstick:
    """The usual yardstick of classes: half-way from the share of the most frequent class to 1."""
    return Yardstick(
        "accuracy",
        chance,
        (1 + chance) / 2,
        "final test accuracy at least half-way from the most frequent class's share to 100 %",
    )


def yardstick(loss: Any, targets: NDArray[Any] | None) -> Yardstick:
    """By accuracy where targets are classes, or else by the loss of the best constant answer.

    Args:
        loss: a name, or somebody's own function.
        targets: those of the test data, if they are known.
    """
    if targets is None:
        return Yardstick("accuracy", 0.0, 0.5, "final test accuracy of at least 50 %")
    is_whole, is_flat = targets.dtype.kind in "iub", targets.size == len(targets)
    shares = np.unique(targets, return_counts=True)[1] / targets.size
    if (loss in _CLASSES and is_whole and targets.ndim == 1) or (loss in _BITS and is_flat):
        return half_way(float(shares.max()))
    if loss in _CLASSES and is_whole:
        entropy = float(-(shares * np.log(shares)).sum())
        return Yardstick("loss", entropy, 0.75 * entropy, "test loss at least a quarter below that of mere frequencies")
    variance = float(np.square(targets - targets.mean(0)).mean())
    if loss == "mse":
        return Yardstick("loss", variance, variance / 2, "test loss at most half of the best constant answer's")
    return ANY_LOSS


def applied(given: Yardstick, outcomes: Iterable[Outcome]) -> Yardstick:
    """The yardstick that outcomes allow: somebody's own training may tell losses alone."""
    rows = [outcome.epochs[-1] for outcome in outcomes if outcome.epochs]
    has_accuracy = any(value is not None for row in rows for value in (row.accuracy, row.validation_accuracy))
    has_loss = any(value is not None for row in rows for value in (row.test_loss, row.validation_loss))
    return ANY_LOSS if given.metric == "accuracy" and has_loss and not has_accuracy else given


def summary(outcomes: Sequence[Outcome], yardstick: Yardstick) -> dict[str, Any]:
    """One arm over its seeds, all of one rate.

    final_accuracy: mean and 95 % interval, mean ± t(0.975, n-1)·s/sqrt(n) cut to [0, 1] (null for one seed).
    final_loss: the same of the test loss, not below 0; null where it is not measured.
    epochs_to_20: median over seeds of the first epoch with a test accuracy of 20 %; null if most never get there.
    epochs_to_learn: median over seeds of the first epoch that scores as a learned trial does; null likewise.
    learned: how many end at the yardstick's score or a better one.
    """
    started = [_first(o, lambda row: (row.accuracy or 0.0) >= _LEVEL) for o in outcomes]
    there = [_first(o, lambda row: _reaches(_score(row, yardstick), yardstick)) for o in outcomes]
    losses = [loss for o in outcomes if o.epochs and (loss := o.epochs[-1].test_loss) is not None]
    return {
        "final_accuracy": interval([a for o in outcomes if (a := o.final_accuracy) is not None]),
        "final_loss": interval(losses, math.inf) if losses else None,
        "epochs_to_20": _median(started),
        "epochs_to_learn": _median(there),
        "learned": sum(learned(o, yardstick) for o in outcomes),
        "of": len(outcomes),
    }


def learned(outcome: Outcome, yardstick: Yardstick) -> bool:
    """Whether one trial has learned, by the yardstick."""
    return outcome.state == "done" and _reaches(final(outcome, yardstick), yardstick)


def final(outcome: Outcome, yardstick: Yardstick) -> float | None:
    """The score that a trial ended with, on test data; None without one, as is the loss where it diverged."""
    if outcome.state not in ("done", "diverged") or not outcome.epochs:
        return None
    return _score(outcome.epochs[-1], yardstick)


def at_its_rate(
    outcomes: Sequence[Outcome], yardstick: Yardstick
) -> tuple[float | None, list[Outcome], list[dict[str, Any]]]:
    """The rate chosen for an arm, its trials at that rate, and what the validation data said of every rate."""
    rates = by_rate(outcomes)
    best = chosen(outcomes, yardstick.metric)
    rows = [
        {
            "lr": lr,
            "validation": codec.finite(abs(score(found, yardstick.metric)[1])),
            "learned": sum(learned(o, yardstick) for o in found),
            "diverged": sum(o.state == "diverged" for o in found),
            "of": len(found),
        }
        for lr, found in sorted(rates.items())
    ]
    return best, rates[best if best is not None else min(rates)] if rates else [], rows


def interval(values: Sequence[float], most: float = 1.0) -> dict[str, float | None]:
    """Mean and 95 % t-interval of what lies between 0 and `most`.

    >>> interval([0.5])
    {'mean': 0.5, 'low': None, 'high': None}
    """
    n = len(values)
    if n < 2:
        return {"mean": values[0] if values else None, "low": None, "high": None}
    from scipy.special import stdtrit

    mean = statistics.fmean(values)
    half = float(stdtrit(n - 1, 0.975)) * statistics.stdev(values) / math.sqrt(n)
    return {"mean": mean, "low": max(0.0, mean - half), "high": min(most, mean + half)}


def _score(row: Epoch, yardstick: Yardstick) -> float | None:
    return row.accuracy if yardstick.metric == "accuracy" else row.test_loss


def _reaches(score: float | None, yardstick: Yardstick) -> bool:
    if score is None:
        return False
    return score >= yardstick.learned if yardstick.metric == "accuracy" else score <= yardstick.learned


def _first(outcome: Outcome, holds: Callable[[Epoch], bool]) -> float:
    """The first epoch after training began of which something holds; infinite if there is none."""
    return next((row.epoch for row in outcome.epochs if row.epoch > 0 and holds(row)), math.inf)


def _median(epochs: Sequence[float]) -> float | None:
    found = statistics.median(epochs) if epochs else math.inf
    return found if math.isfinite(found) else None
