"""Targets that the outputs can't reach, or are far from.

## What it does
Compares the targets of a regression with what the last activation can give, and with the unit scale of a fresh network.

## Why is this bad?
A sigmoid never gives 5. Prices in the hundreds of thousands, before outputs around 0, make a loss of 1e10 and gradients
as large: the first step destroys every weight, however well it was drawn.

## How it is measured
For a squared or absolute error: error if a part of the targets lies beyond the range of the last activation, or if
their rms exceeds 100; warning above 10, or below 1e-3.

## Example
```python
loss = F.mse_loss(model(x), price)  # 250000 and more
```

## Fix
`y = (y - y.mean()) / y.std()`, and undo it behind the network; a linear output where the range is too narrow.

## References
LeCun, Bottou, Orr, Mueller 1998, Efficient BackProp, section 4.5, choosing target values.
"""

import math
from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.errors import FaninError
from fanin.values import Finding, Severity, activation

CODE = "FAN703"
_LOSSES = ("mse", "quadratic", "l1", "mae", "huber", "smooth_l1")


def check(case: Case) -> Iterator[Finding]:
    """One finding for the targets."""
    mean, std, low, high = (case.value("target", "forward", name) for name in ("mean", "std", "min", "max"))
    if case.loss not in _LOSSES or mean is None or std is None or low is None or high is None:
        return
    size = math.hypot(mean, std)
    for node in case.graph.nodes:
        least, most = _range(node.activation)
        if node.output and (low < least - 1e-6 or high > most + 1e-6):
            said = (
                f"The targets run from {low:.3g} to {high:.3g}; the last {node.activation} gives {least:g} to {most:g}."
            )
            yield _finding("error", said, "Take a linear output, or scale the targets into its range.", size)
            return
    severity: Severity | None = "error" if size > 100 else "warning" if size > 10 or 0 < size < 1e-3 else None
    if severity:
        said = f"The targets have mean {mean:.3g} and std {std:.3g}; a fresh network answers with about 1."
        yield _finding(severity, said, "Standardise the targets, and leave the weights alone.", size)


def _range(name: str) -> tuple[float, float]:
    try:
        phi = activation(name)
    except FaninError:  # one that isn't in our table may give anything
        return -math.inf, math.inf
    return phi.low, phi.high


def _finding(severity: Severity, message: str, help: str, size: float) -> Finding:
    return Finding(
        code=CODE,
        slug="unscaled-targets",
        severity=severity,
        layer=None,
        parameter=None,
        measured={"rms": size},
        expected={"rms": 1.0},
        message=message,
        help=help,
    )


def _regression(mean: float, std: float) -> Case:
    rows = {"target/forward": {"mean": mean, "std": std, "min": mean - 3 * std, "max": mean + 3 * std}}
    return dense_case((16, 32, 1), "relu", rows, loss="mse")


def sick() -> Case:
    """Prices."""
    return _regression(250_000.0, 80_000.0)


def healthy() -> Case:
    """Standardised."""
    return _regression(0.0, 1.0)
