"""The signal shrinks layer by layer, until the output hardly depends on the input.

## What it does
Follows the part of the signal that differs between samples through each chain of hidden layers, as a factor per layer.

## Why is this bad?
A factor of 0.4 per layer, PyTorch's default with ReLU, leaves 1e-8 after twenty layers: what arrives at the top is made
of biases, the same for every sample, and the gradient shrinks by the same factor on its way down.

## How it is measured
signal: the rms over units of the std over samples. Its factor per layer (median) and its ratio of the last hidden layer
of a chain to what the chain takes (the input at unit rms), with the standard error from both ends. Norms, sums and
products begin a new chain: there the scale is set anew. Error if the ratio is below 1e-4, or the factor below 0.1 over
three layers or more. Warning if the ratio is below 1e-3 with a factor below 0.9. A ratio must miss the limit by two
standard errors. A last layer in front of the output, a norm or a sum is left out: a small head and a small branch are
harmless.

## Example
```python
weights = [0.01 * np.random.randn(500, 500) for _ in range(10)]  # tanh: a factor of 0.22 per layer
```

## Fix
The scheme that keeps the variance: He before ReLU, Glorot before tanh, 1/sqrt(fan_in) before SELU. A deep stack of
sigmoids shrinks the signal by four per layer with any such weights: change the activation.

## References
Glorot and Bengio 2010, section 4.2; He et al. 2015 (arXiv:1502.01852), eq. 9; Schoenholz et al. 2017
(arXiv:1611.01232).
"""

from collections.abc import Iterator

from fanin.doctor import _rate
from fanin.doctor._case import Case
from fanin.doctor._chain import chains
from fanin.doctor._example import Example, drawn
from fanin.values import Finding

CODE = "FAN203"


def check(case: Case) -> Iterator[Finding]:
    """One finding per chain of layers, placed at the layer with the strongest loss."""
    for chain in chains(case):
        rate = _rate.signal(case, chain.source, chain.inner)
        severity = rate and rate.vanishes()
        if rate and severity:
            yield _rate.finding(
                case, rate, chain.inner, "The signal", code=CODE, slug="vanishing-signal", severity=severity
            )


def sick() -> Example:
    """Ten tanh layers of 0.01 randn."""
    return drawn("0.01*randn", (100,) * 11, "tanh")


def healthy() -> Example:
    """Ten tanh layers with Glorot's weights."""
    return drawn("glorot_normal", (100,) * 11, "tanh")
