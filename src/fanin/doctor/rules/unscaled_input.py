"""Inputs far from unit scale: pixels not divided by 255, or divided twice.

## What it does
Measures the batch before anything else: weights that are right for unit inputs are wrong for others, and then it's the
data that should be changed.

## Why is this bad?
Every initialization assumes inputs with mean square about 1. Pixels up to 255 drive a sigmoid to its ends whatever the
weights; pixels divided by 255 twice leave it at 0.5 for every image.

## How it is measured
The rms of the inputs that aren't zero, so that sparse and one-hot data count by their entries, and the std of the first
layer's pre-activations, which tells whether the weights make up for it. Error if the rms is outside [0.1, 10], warning
if outside [0.3, 3], and the pre-activations' std is outside [0.1, 10] or [0.3, 3] too. Pixels in [0, 1] are fine, and
so is any scale in front of a norm. A signal or gradient that changes in most layers, or behind a norm, is no matter of
the inputs: it is told beside them.

## Example
```python
x = images.reshape(-1, 784)  # 0 ... 255
```

## Fix
`x = images.reshape(-1, 784) / 255`, or standardise each feature: `(x - x.mean(0)) / x.std(0)`. Leave the weights alone.

## References
LeCun, Bottou, Orr, Mueller 1998, Efficient BackProp, section 4.3, normalizing the inputs.
"""

import math
from collections.abc import Iterator

import numpy as np

from fanin.doctor._case import Case
from fanin.doctor._example import Example, drawn
from fanin.doctor._rate import input_scale
from fanin.values import Finding, Node, Severity

CODE = "FAN501"


def check(case: Case) -> Iterator[Finding]:
    """One finding for the batch."""
    scale = input_scale(case)
    spreads = [spread for node in case.graph.nodes if (spread := _spread(case, node)) is not None]
    finite = min(case.values("weight", "finite").values(), default=1.0)
    if not scale or not spreads or finite < 1:
        return
    spread = max(spreads, key=lambda value: abs(math.log(value)) if value else math.inf)
    for severity, limit in _LEVELS:
        if max(scale, 1 / scale) > limit and (spread == 0 or max(spread, 1 / spread) > limit):
            yield _finding(case, severity, scale, spread)
            return


def _spread(case: Case, node: Node) -> float | None:
    """Of the pre-activations of a layer that takes the input; a norm, in the layer's place or behind it, mends all."""
    is_first = node.kind == "layer" and "input" in node.inputs and not case.is_normed(node.name)
    return case.value(node.name, "forward", "pre_std") if is_first else None


_LEVELS: tuple[tuple[Severity, float], ...] = (("error", 10.0), ("warning", 10 / 3))


def _finding(case: Case, severity: Severity, scale: float, spread: float) -> Finding:
    low, high = (case.values("forward", name).get("input", math.nan) for name in ("min", "max"))
    return Finding(
        code=CODE,
        slug="unscaled-input",
        severity=severity,
        layer="input",
        parameter=None,
        measured={"rms": scale, "pre_std": spread},
        expected={"rms": 1.0, "pre_std": 1.0},
        message=(
            f"The inputs run from {low:.3g} to {high:.3g}, with an rms of {scale:.3g} where they aren't zero; "
            f"weights are made for about 1. The first layer's pre-activations have std {spread:.3g}."
        ),
        help=_help(low, high),
        fix=None,
    )


def _help(low: float, high: float) -> str:
    if low >= 0 and 100 < high <= 255:
        return "These look like pixels: divide them by 255."
    if low >= 0 and 0.4 / 255 < high <= 1 / 255 + 1e-9:
        return "These look like pixels divided by 255 twice: do it once."
    return "Standardise each feature to mean 0 and std 1, and leave the weights alone."


def _digits(largest: float) -> Example:
    """Sparse positive inputs, as handwritten digits are."""
    random = np.random.default_rng(0)
    x = random.uniform(0, largest, (256, 64)) * (random.random((256, 64)) < 0.3)
    return drawn("lecun_normal", (64, 30, 10), "sigmoid", "sigmoid", x=x)


def sick() -> Example:
    """Pixels from 0 to 255."""
    return _digits(255.0)


def healthy() -> Example:
    """Pixels from 0 to 1."""
    return _digits(1.0)
