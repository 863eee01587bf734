"""Somebody's own training: `train(model, trial)` that yields one mapping of metrics per epoch."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fanin.errors import InputError, UnknownName
from fanin.study.outcome import Epoch, State
from fanin.study.work import Tick
from fanin.values import Trial

Train = Callable[..., Iterable[Mapping[str, Any]]]

METRICS = ("loss", "train_accuracy", "accuracy", "validation_loss", "validation_accuracy", "test_loss")


def trained(train: Train, model: Any, trial: Trial, tick: Tick) -> tuple[list[Epoch], State]:
    """The epochs of a model, from the first on, and how it ended: with the first number that is not finite it diverged.

    Raises:
        InputError: no iterable of mappings of numbers, or an empty one.
        UnknownName: a metric that a study does not know.
    """
    epochs: list[Epoch] = []
    given = train(model, trial)
    if not isinstance(given, Iterable):
        raise InputError(
            f"train(model, trial) returned {type(given).__name__}; expected a mapping of metrics per epoch"
        )
    for number, metrics in enumerate(given, 1):
        values = _read(metrics)
        finite: dict[str, Any] = {name: value if math.isfinite(value) else None for name, value in values.items()}
        epochs.append(Epoch(number, **(_BLANK | finite)))
        tick(1)
        if None in finite.values():
            return epochs, "diverged"
    if not epochs:
        raise InputError("train(model, trial) yielded nothing; expected a mapping of metrics per epoch")
    return epochs, "done"


_BLANK: dict[str, Any] = {
    **dict.fromkeys(("loss", "train_accuracy", "accuracy")),
    **dict.fromkeys(("gradient", "saturated", "moved"), ()),
}


def _read(metrics: Any) -> dict[str, float]:
    if not isinstance(metrics, Mapping):
        raise InputError(f"train(model, trial) yielded {type(metrics).__name__}; expected a mapping of metrics")
    unknown = set(metrics) - set(METRICS)
    if unknown:
        raise UnknownName("metric", str(min(map(str, unknown))), METRICS)
    try:
        values = {name: float(value) for name, value in metrics.items() if not isinstance(value, str)}
    except (TypeError, ValueError) as error:
        raise InputError(f"train(model, trial) yielded {dict(metrics)!r:.60}; expected numbers") from error
    if len(values) < len(metrics):
        raise InputError(f"train(model, trial) yielded {dict(metrics)!r:.60}; expected numbers, not text")
    for name, value in values.items():
        if name.endswith("accuracy") and not (0 <= value <= 1 or math.isnan(value)):
            raise InputError(f"train(model, trial) yielded {name} {value:g}; expected a share between 0 and 1")
    return values
