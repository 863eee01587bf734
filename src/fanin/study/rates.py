"""Which learning rate of an arm counts: the best on validation data, so that the test data judge and choose nothing."""

import math
from collections.abc import Sequence
from typing import Literal

from fanin.study.outcome import Outcome

Metric = Literal["accuracy", "loss"]


def score(outcomes: Sequence[Outcome], metric: Metric) -> float:
    """How good one rate is: the mean over its seeds of what the last epoch's validation says; more is better.

    A seed that diverged or failed makes a rate the worst of all.
    """
    values = [_validation(outcome, metric) for outcome in outcomes]
    return sum(values) / len(values) if values else -math.inf


def chosen(outcomes: Sequence[Outcome], metric: Metric) -> float | None:
    """The best rate of an arm among those that ran their full length under every seed; the smaller of two equals.

    Without any validation data there is nothing to choose: the only rate, or None if there are several.
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


def _validation(outcome: Outcome, metric: Metric) -> float:
    if outcome.state != "done" or not outcome.epochs:
        return -math.inf
    last = outcome.epochs[-1]
    if metric == "accuracy":
        return -math.inf if last.validation_accuracy is None else last.validation_accuracy
    return -math.inf if last.validation_loss is None else -last.validation_loss
