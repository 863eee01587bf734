"""Layers so narrow, and so many, that no initialization helps.

## What it does
Adds up 1/width over each chain of rectified layers.

## Why is this bad?
A narrow layer averages over few units, so that the size of its signal is a matter of luck, and luck multiplies: the
relative fluctuation of signal and gradient grows like the exponential of the sum, whatever the scale of the weights.

## How it is measured
beta: the sum over the hidden layers of a chain of 1/units. Error above 2, warning above 1. Skip connections and norms
end a chain. Thirty-four layers of 128 give 0.27, which is fine. The log of the signal then has a standard deviation of
sqrt(5 beta)/2 from one draw to the next. A signal or gradient that changes in most layers, and by more than two of
these, has weights of the wrong scale: that rule then names the cause, and this one stands beside it.

## Example
```python
widths = [8] * 20
```

## Fix
Wider layers, fewer layers, or skip connections: no scale of the weights does it.

## References
Hanin and Rolnick 2018 (arXiv:1803.01719), theorem 5; Hanin 2018 (arXiv:1801.03744); Hanin and Nica 2018
(arXiv:1812.05994).
"""

import math
from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._chain import chains
from fanin.doctor._example import Example, dense_case, drawn
from fanin.values import Finding, Severity

CODE = "FAN602"
_ERROR, _WARNING = 2.0, 1.0
_RECTIFIED = ("relu", "leaky_relu", "gelu", "silu", "elu", "mish", "hardswish")


def check(case: Case) -> Iterator[Finding]:
    """One finding per chain; none of a case that was not measured."""
    if not case.measured.rows:
        return
    for chain in chains(case):
        names = [name for name in chain.inner if case.graph.by_name[name].activation.startswith(_RECTIFIED)]
        beta = sum(1 / (case.units(name) or 1) for name in names)
        if beta > _WARNING:
            yield _finding(chain.inner[0], len(names), beta, "error" if beta > _ERROR else "warning")


def _finding(layer: str, count: int, beta: float, severity: Severity) -> Finding:
    return Finding(
        code=CODE,
        slug="too-deep-for-width",
        severity=severity,
        layer=layer,
        parameter=None,
        measured={"beta": beta, "layers": float(count), "width": count / beta},
        expected={"beta": 1.0},
        message=(
            f"{count} layers of about {count / beta:.3g} units, one after the other: the sum of 1/width is {beta:.2g}. "
            f"Even with weights of the right scale, one draw's signal is {math.exp(math.sqrt(5 * beta) / 2):.2g} times "
            "larger or smaller than the next one's."
        ),
        help="Make the layers wider or fewer, or add skip connections: no initialization makes up for it.",
    )


def sick() -> Case:
    """Twenty layers of five."""
    return dense_case((64, *(5,) * 20, 10), "relu", {"input/forward": {"rms": 1.0}})


def healthy() -> Example:
    """Twenty of sixty-four."""
    return drawn("he_normal", (64,) * 21, "relu")
