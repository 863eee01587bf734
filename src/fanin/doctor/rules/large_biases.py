"""Biases that decide everything: they are larger than what the weights say.

## What it does
Compares the biases of each hidden layer with the spread of its pre-activations.

## Why is this bad?
Where the bias decides, a unit gives the same answer to every input, on a flat part of its activation or off.

## How it is measured
The rms of a layer's biases, and the share of the mean square of its pre-activations that they make. Warning if the rms
exceeds 3 and the share 0.8. Left out: the output, where a bias may hold the prior of the classes; gates and recurrent
layers, where it may be meant; layers in front of a norm and softplus, which is often shifted on purpose.

## Example
```python
biases = [10 * np.random.randn(30), np.zeros(10)]
```

## Fix
Zeros.

## References
Glorot and Bengio 2010, section 2.3: biases start at 0.
"""

import math
from collections.abc import Iterator

import numpy as np

from fanin.doctor._case import Case
from fanin.doctor._example import Example, drawn
from fanin.doctor._reference import fix
from fanin.values import Finding

CODE = "FAN107"
_LARGE, _SHARE = 3.0, 0.8


def check(case: Case) -> Iterator[Finding]:
    """One warning per hidden layer."""
    for layer in case.hidden:
        node, bias = case.graph.by_name[layer], case.biases.get(layer)
        mean, std = (case.value(layer, "weight", name) for name in ("bias_mean", "bias_std"))
        pre_mean, pre_std = (case.value(layer, "forward", name) for name in ("pre_mean", "pre_std"))
        if bias is None or mean is None or std is None or pre_mean is None or not pre_std:
            continue
        excused = (
            node.op == "recurrent" or node.activation == "softplus" or case.is_gate(layer) or case.is_normed(layer)
        )
        size = math.hypot(mean, std)
        share = (size / math.hypot(pre_mean, pre_std)) ** 2
        if size > _LARGE and share > _SHARE and not excused:
            yield Finding(
                code=CODE,
                slug="large-biases",
                severity="warning",
                layer=layer,
                parameter=bias.path,
                measured={"bias_rms": size, "share": min(share, 1.0)},
                expected={"bias_rms": 0.0},
                message=f"Layer {layer}: biases of rms {size:.3g} make {min(share, 1.0):.0%} of the pre-activations.",
                help="Set the biases to zero.",
                fix=fix(bias),
            )


def _biased(scale: float) -> Example:
    biases = scale * np.random.default_rng(0).standard_normal(64)
    return drawn("lecun_normal", (64, 64, 10), "tanh", biases=(biases, np.zeros(10)))


def sick() -> Example:
    """Of std 10, in front of a tanh."""
    return _biased(10.0)


def healthy() -> Example:
    """Of std 0.1."""
    return _biased(0.1)
