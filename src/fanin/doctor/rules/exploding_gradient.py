"""The gradient grows on its way down, until the first layers are thrown about.

## What it does
Sends noise back through the network and follows the norm of the gradient from the last hidden layer of each chain
to the first.

## Why is this bad?
No learning rate suits all layers: what is right for the last is far too much for the first. In this regime nearby
inputs part from layer to layer (chaos), so that the network memorises and doesn't generalise.

## How it is measured
gradient: the rms of the gradient to each layer's pre-activations, for N(0, 1) noise at the last activations, times
sqrt(units · positions). Its factor per layer (median) and its ratio of the first hidden layer to the last, with the
standard error from both ends. Error if the ratio exceeds 1e4, or the factor exceeds 10 over three layers or more.
Warning if the ratio exceeds 100, or 10 with a mean factor above 5.

## Example
```python
weights = [0.2 * np.random.randn(100, 100) for _ in range(60)]  # tanh: 2 / sqrt(fan_in)
```

## Fix
Weights with fan_in · Var(W) · E[phi'^2] = 1. Sines, sin(omega·(Wx + b)), get uniform weights on ±sqrt(6/fan_in)/omega,
and ±1/fan_in in a first layer that reads coordinates.

## References
Poole et al. 2016 (arXiv:1606.05340); Schoenholz et al. 2017 (arXiv:1611.01232), section 5:
the factor's square is chi_1. Sitzmann et al. 2020 (arXiv:2006.09661), section 3.2, sines.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from fanin.doctor import _rate
from fanin.doctor._case import Case
from fanin.doctor._chain import chains
from fanin.doctor._example import Example, drawn
from fanin.values import Finding

CODE = "FAN302"


def check(case: Case) -> Iterator[Finding]:
    """One finding per chain of layers, placed at the layer whose weights make the gradient grow the most."""
    for chain in chains(case):
        rate = _rate.gradient(case, chain.carrying)
        severity = rate and rate.explodes()
        if rate and severity:
            # on its way down to a layer, the gradient passes the weights of the one above
            rate = replace(rate, worst=dict(pairwise(chain.carrying))[rate.worst])
            what = "On its way down, the gradient"
            yield _rate.finding(
                case, rate, chain.carrying[1:], what, code=CODE, slug="exploding-gradient", severity=severity
            )


def sick() -> Example:
    """Sixty tanh layers with 2 / sqrt(fan_in): chaotic, not saturated."""
    return drawn("randn*2/sqrt(fan_in)", (64,) * 61, "tanh")


def healthy() -> Example:
    """Twenty with Glorot's weights."""
    return drawn("glorot_normal", (100,) * 21, "tanh")
