"""The gradient shrinks on its way down, until the first layers don't move.

## What it does
Sends noise back through the network and follows the norm of the gradient from the last hidden layer of each chain
to the first.

## Why is this bad?
The first layers then learn slower than the last by the same ratio: with a plain gradient step they stand still, and an
adaptive optimizer meets its epsilon.

## How it is measured
gradient: the rms of the gradient to each layer's pre-activations, for N(0, 1) noise at the last activations, times
sqrt(units · positions). Its factor per layer (median) and its ratio of the first hidden layer to the last, with the
standard error from both ends. Error if the ratio is below 1e-4, or the factor below 0.1 over three layers or more.
Warning if the ratio is below 1e-3 with a factor below 0.9. The last layer is left
out, since zeros there are harmless.

## Example
```python
weights = [np.random.randn(100, 100) / 10 for _ in range(10)]  # sigmoid: a factor of 0.25 per layer
```

## Fix
Weights with fan_in · Var(W) · E[phi'^2] = 1. For a deep stack of sigmoids that isn't possible without saturating them:
change the activation.

## References
Hochreiter 1991; Glorot and Bengio 2010, eq. 14; Schoenholz et al. 2017 (arXiv:1611.01232), section 5: the factor's
square is chi_1.
"""

from collections.abc import Iterator

from fanin.doctor import _rate
from fanin.doctor._case import Case
from fanin.doctor._chain import chains
from fanin.doctor._example import Example, drawn
from fanin.values import Finding

CODE = "FAN301"


def check(case: Case) -> Iterator[Finding]:
    """One finding per chain of layers."""
    for chain in chains(case):
        rate = _rate.gradient(case, chain.carrying)
        severity = rate and rate.vanishes()
        if rate and severity:
            what = "On its way down, the gradient"
            yield _rate.finding(
                case, rate, chain.carrying, what, code=CODE, slug="vanishing-gradient", severity=severity
            )


def sick() -> Example:
    """Ten sigmoid layers."""
    return drawn("lecun_normal", (100,) * 11, "sigmoid")


def healthy() -> Example:
    """Ten SELU layers."""
    return drawn("lecun_normal", (100,) * 11, "selu")
