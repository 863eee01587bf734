"""A learning rate that throws the weights away with the first step, or never moves them.

## What it does
Compares the first step of the optimizer with the weights that it changes.

## Why is this bad?
A step as large as the weights replaces the initialization, however good, by the gradient of one batch. A step of one
millionth of them is lost in float32's rounding.

## How it is measured
Per layer: lr · rms(gradient) / rms(W) for plain gradient steps, lr / rms(W) for Adam and its kin, whose first step is
the learning rate itself. About 1e-3 is usual for plain steps, which shrink as the gradients do, and about 1e-2 for Adam
and its kin, whose every step is of full size: the advice aims there, as a rate to start from. Error if the median over
the layers exceeds 2, or if none exceeds 1e-7; warning above 0.5, or if none exceeds 1e-6. Speaks only if the optimizer
and the rate are known.

## Example
```python
optimizer = torch.optim.Adam(model.parameters(), lr=10)
```

## Fix
1e-3 for Adam, 0.1 and below for gradient steps. The initialization is not at fault. If plain steps would take a rate
above 10 or below 1e-7, it's not the rate either: the loss has a factor in front of it, or a sum where a mean is meant.

## References
Bengio 2012 (arXiv:1206.5533), section 3.2; Kingma and Ba 2015 (arXiv:1412.6980), section 2.1.
"""

import math
from collections.abc import Iterator
from statistics import median

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.values import Finding, Severity

CODE = "FAN701"
_ADAPTIVE = ("adam", "nadam", "radam", "rmsprop", "lamb", "lion", "adagrad", "adamax")
_IDEAL, _IDEAL_ADAPTIVE = 1e-3, 1e-2
_LOWEST, _HIGHEST = 1e-7, 10.0  # rates beyond which plain steps make up for something else


def check(case: Case) -> Iterator[Finding]:
    """One finding for the network."""
    if case.lr is None or case.optimizer is None:
        return
    is_adaptive = case.optimizer.lower().startswith(_ADAPTIVE)
    ideal = _IDEAL_ADAPTIVE if is_adaptive else _IDEAL
    ratios = list(_ratios(case, case.lr, is_adaptive))
    severity = _severity(median(ratios), max(ratios)) if ratios else None
    if severity:
        ratio = median(ratios)
        yield Finding(
            code=CODE,
            slug="learning-rate",
            severity=severity,
            layer=None,
            parameter=None,
            measured={"lr": case.lr, "update_ratio": ratio},
            expected={"update_ratio": ideal},
            message=f"The first step of {case.optimizer} at {case.lr:g} is {ratio:.2g} times as large as the weights.",
            help=_help(case.lr * ideal / ratio, is_adaptive),
        )


def _help(rate: float, is_adaptive: bool) -> str:
    """The rate to start from; one that no one takes says that something else is wrong."""
    if is_adaptive or _LOWEST <= rate <= _HIGHEST:
        return f"Start from a rate of about {rate:.1g}, and try others around it; the weights are not at fault."
    size, reason = ("small", "a small factor") if rate > _HIGHEST else ("large", "a large factor, or a sum,")
    return (
        f"The gradients are oddly {size}: they would take a rate of about {rate:.1g}. Look for {reason} in front of "
        "the loss, and for inputs or targets in other units."
    )


def _ratios(case: Case, lr: float, is_adaptive: bool) -> Iterator[float]:
    for layer in case.drawn:
        gradient = case.value(layer, "backward", "weight_gradient") or 0.0
        size = math.hypot(case.value(layer, "weight", "mean") or 0.0, case.value(layer, "weight", "std") or 0.0)
        if gradient > 0 and size > 0:
            yield lr * (1.0 if is_adaptive else gradient) / size


def _severity(middle: float, largest: float) -> Severity | None:
    if middle > 2 or largest < 1e-7:
        return "error"
    return "warning" if middle > 0.5 or largest < 1e-6 else None


def _adam(lr: float) -> Case:
    rows: dict[str, dict[str, float]] = {}
    for layer in ("1", "2"):
        rows[f"{layer}/weight"] = {"std": 0.1, "mean": 0.0}
        rows[f"{layer}/backward"] = {"weight_gradient": 1e-3}
    return dense_case((64, 64, 10), "relu", rows, optimizer="adam", lr=lr)


def sick() -> Case:
    """Ten."""
    return _adam(10.0)


def healthy() -> Case:
    """1e-3."""
    return _adam(1e-3)
