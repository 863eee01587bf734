"""Classes of very different frequency, and a head whose biases don't know it.

## What it does
Compares the frequency of the commonest label with what the biases of the head say. It only explains.

## Why is this bad?
If one class in a thousand is positive, a detector that starts at one half has a loss a hundred times too large on the
rest, and its first steps go into learning the frequency alone.

## How it is measured
majority: the share of the commonest label. Info if it exceeds 0.9 while the head has biases around 0.

## Example
```python
head = nn.Linear(256, 1)  # one positive in a thousand
```

## Fix
`nn.init.constant_(head.bias, -math.log((1 - p) / p))` with p the share of positives.

## References
Lin et al. 2017, Focal loss (arXiv:1708.02002), section 4.1.
"""

import math
from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import case, measured
from fanin.values import Finding, Node, Param

CODE = "FAN402"
_RARE = 0.9


def check(case: Case) -> Iterator[Finding]:
    """One info per output with biases."""
    share = case.value("target", "forward", "majority") or 0.0
    for node in case.graph.of_kind("layer"):
        mean, std = (case.value(node.name, "weight", name) for name in ("bias_mean", "bias_std"))
        if node.output and mean is not None and std is not None and _RARE < share < 1 and math.hypot(mean, std) < 1:
            bias = case.biases.get(node.name)
            yield Finding(
                code=CODE,
                slug="unset-prior",
                severity="info",
                layer=node.name,
                parameter=bias.path if bias else None,
                measured={"majority": share, "bias_rms": math.hypot(mean, std)},
                expected={"bias_rms": math.log(share / (1 - share))},
                message=f"{share:.1%} of the labels are one class, and the biases of {node.name} know nothing of it.",
                help="Set them to the logarithm of each class's frequency.",
            )


def _head(majority: float) -> Case:
    nodes = [Node("head", "layer", "dense", ("input",), params=("head.weight", "head.bias"), output=True)]
    weight = Param("head.weight", (2, 64), ("out", "in"))
    rows = (
        *measured("target", "forward", majority=majority),
        *measured("head", "weight", bias_mean=0.0, bias_std=0.0),
    )
    return case(nodes, rows, [weight, Param("head.bias", (2,), ("out",), role="bias", owner=weight.fans)])


def sick() -> Case:
    """One positive in a hundred."""
    return _head(0.99)


def healthy() -> Case:
    """Half and half."""
    return _head(0.5)
