"""Which learning rate of an arm counts: the best on validation data, so that the test data judge and choose nothing."""

import math
from collections.abc import Sequence
from typing import Literal

from fanin.study.outcome import Outcome

Metric = Literal["accuracy", "loss"]


def score(outcomes: Sequence[Outcome], metric: Metric) -> tuple[float, float]:
    """How good one rate is; more is better, the first number first.

    First the share of its seeds that were trained to the end, neither diverged nor failed; then the mean over these of
    what the last epoch's validation says: the accuracy, or the loss with a minus.
    """
    values = [value for outcome in outcomes if (value := _validation(outcome, metric)) is not None]
    if not values:
        return 0.0, -math.inf
    return len(values) / len(outcomes), sum(values) / len(values)


def chosen(outcomes: Sequence[Outcome], metric: Metric) -> float | None:
    """The best rate of an arm among those that ran their full length under every seed; the smaller of two equals.

    So the smallest, where nothing was validated. None if no rate has ended yet.
    """
    rates = by_rate(outcomes)
    if len(rates) == 1:
        return next(iter(rates))
    ended = {lr: found for lr, found in rates.items() if all(o.state != "pending" for o in found)}
    return max(sorted(ended), key=lambda lr: score(ended[lr], metric), default=None)


def by_rate(outcomes: Sequence[Outcome]) -> dict[float, list[Outcome]]:
    """Outcomes of full length by their rate; what successive halving ran for a while is none of them."""
    longest = max((o.trial.epochs for o in outcomes), default=0)
    found: dict[float, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.trial.epochs == longest:
            found.setdefault(outcome.trial.lr, []).append(outcome)
    return found


def _validation(outcome: Outcome, metric: Metric) -> float | None:
    if outcome.state != "done" or not outcome.epochs:
        return None
    last = outcome.epochs[-1]
    if metric == "accuracy":
        return last.validation_accuracy
    return None if last.validation_loss is None else -last.validation_loss
