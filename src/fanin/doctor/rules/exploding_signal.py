"""The signal grows layer by layer, until the outputs are huge or overflow.

## What it does
Follows the part of the signal that differs between samples through all layers, as a factor per layer.

## Why is this bad?
N(0, 1) weights multiply a ReLU signal by sqrt(fan_in/2) per layer: 16 for 500 units, 1e12 over ten layers. The loss and
its gradients are as large, and the first step throws the weights away.

## How it is measured
signal: the rms over units of the std over samples, of each layer of a chain against what the chain takes (the input at
unit rms); a layer in front of a norm is left out. Error if its ratio exceeds 1e4 at the last layer, or its median
factor exceeds 10 over three layers or more, or if it overflows. Warning if the ratio exceeds 100, or 10 with a mean
factor above 5. A ratio must pass the limit by two standard errors.

## Example
```python
weights = [np.random.randn(500, 500) for _ in range(10)]
```

## Fix
The scheme that keeps the variance: sqrt(2/fan_in) before ReLU.

## References
He et al. 2015 (arXiv:1502.01852), eq. 9; Hanin and Rolnick 2018 (arXiv:1803.01719).
"""

import math
from collections.abc import Iterator

from fanin.doctor import _rate
from fanin.doctor._case import Case
from fanin.doctor._chain import chains
from fanin.doctor._example import Example, drawn
from fanin.doctor._reference import compare, fix
from fanin.values import Finding

CODE = "FAN204"


def check(case: Case) -> Iterator[Finding]:
    """One finding per chain of layers, placed at the layer with the strongest growth; or one where it overflows."""
    overflow = _overflow(case)
    if overflow:
        yield _overflown(case, overflow)
        return
    for chain in chains(case):
        layers = chain.inner if chain.ends == "norm" else chain.layers
        rate = _rate.signal(case, chain.source, layers)
        severity = rate and rate.explodes()
        if rate and severity:
            yield _rate.finding(case, rate, layers, "The signal", code=CODE, slug="exploding-signal", severity=severity)


def _overflow(case: Case) -> str | None:
    """The first layer whose activations aren't finite although all weights are."""
    shares = (case.values("weight", "finite"), case.values("weight", "bias_finite"))
    if any(share < 1 for found in shares for share in found.values()):
        return None
    rows = case.measured.series("forward", "rms")
    names = case.graph.by_name
    return next((row.layer for row in rows if row.layer in names and not math.isfinite(row.value)), None)


def _overflown(case: Case, layer: str) -> Finding:
    weight, comparison = case.param(layer), compare(case, layer)
    return Finding(
        code=CODE,
        slug="exploding-signal",
        severity="error",
        layer=layer,
        parameter=weight.path if weight else None,
        measured={"std": comparison.std} if comparison else {},
        expected={"std": comparison.reference} if comparison else {},
        message=f"The signal overflows in layer {layer}" + (f"; {comparison}." if comparison else "."),
        help="Smaller weights keep the signal.",
        fix=fix(weight, case) if weight else None,
    )


def sick() -> Example:
    """N(0, 1) weights under ReLU."""
    return drawn("randn", (100,) * 6, "relu")


def healthy() -> Example:
    """He's."""
    return drawn("he_normal", (100,) * 6, "relu")
