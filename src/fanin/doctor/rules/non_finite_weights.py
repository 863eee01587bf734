"""Weights or biases that are not numbers, or absurdly large.

## What it does
Looks for NaN, infinity and magnitudes above 1e6 in every weight and bias, before anything else is judged.

## Why is this bad?
One NaN spreads to every output and every gradient in the first step. It is usually memory that was allocated and never
filled (`np.empty`, `torch.empty`), or a division by a zero fan.

## How it is measured
The share of finite entries per tensor, and its smallest and largest weight. Error if an entry isn't finite or exceeds
1e6 in magnitude.

## Example
```python
weights = np.empty((30, 784))  # whatever the memory held
```

## Fix
Draw the tensor that is named: `np.random.randn(30, 784) / np.sqrt(784)`, and zeros for a bias.

## References
Goodfellow, Bengio, Courville 2016, Deep Learning, section 8.4.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fanin.doctor._case import Case
from fanin.doctor._example import Example, drawn
from fanin.doctor._reference import fix
from fanin.values import Finding, Param

CODE = "FAN101"
_LARGEST = 1e6


def check(case: Case) -> Iterator[Finding]:
    """One error per tensor."""
    finite, bias_finite = case.values("weight", "finite"), case.values("weight", "bias_finite")
    low, high = case.values("weight", "min"), case.values("weight", "max")
    first = {param.path: node.name for node in reversed(case.graph.nodes) if (param := case.param(node.name))}
    for path, layer in reversed(first.items()):
        largest = max(abs(low.get(layer, 0.0)), abs(high.get(layer, 0.0)))
        if finite.get(layer, 1.0) < 1:
            yield _finding(layer, case.by_path[path], 1 - finite[layer])
        elif largest > _LARGEST:
            yield _finding(layer, case.by_path[path], largest=largest)
    for layer, bias in case.biases.items():
        if bias_finite.get(layer, 1.0) < 1:
            yield _finding(layer, bias, 1 - bias_finite[layer])


def _finding(layer: str, param: Param, share: float = 0.0, largest: float = 0.0) -> Finding:
    count = round(share * math.prod(param.shape))
    what = (
        f"an entry as large as {largest:.3g}"
        if largest
        else f"{count} of {math.prod(param.shape)} entries NaN or infinite"
    )
    return Finding(
        code=CODE,
        slug="non-finite-weights",
        severity="error",
        layer=layer,
        parameter=param.path,
        measured={"largest": largest} if largest else {"not_finite": share},
        expected={"largest": _LARGEST} if largest else {"not_finite": 0.0},
        message=f"{param.path!r} has {what}.",
        help="Was it allocated and never drawn (np.empty, torch.empty)? Initialize it.",
        fix=fix(param),
    )


def sick() -> Example:
    """One NaN in the second layer."""
    example = drawn("lecun_normal", (64, 32, 32, 10), "sigmoid")
    spoilt = example.weights[1].copy()
    spoilt[3, 5] = np.nan
    return replace(example, weights=(example.weights[0], spoilt, example.weights[2]))


def healthy() -> Example:
    """The same without it."""
    return drawn("lecun_normal", (64, 32, 32, 10), "sigmoid")
