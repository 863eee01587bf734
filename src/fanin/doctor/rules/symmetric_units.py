"""Hidden units that start equal and stay equal: a layer of many is a layer of one.

## What it does
Counts the units of each hidden layer that no gradient will ever tell apart: all weights zero, all weights one constant,
or copied rows.

## Why is this bad?
Units with the same weights in and out compute the same number and get the same gradient, so they stay equal for ever:
thirty units learn what one could. With zeros and ReLU nothing learns at all, for no gradient passes. In float32,
rounding may break the tie by luck; don't rely on it.

A network without hidden layer has no such symmetry: there, zeros are a fine start. So are zeros in the last layer
alone, or a constant layer below random ones: the first steps tell the units apart.

## How it is measured
The share of distinct rows of (weights, bias), entries within 1e-6 being equal; and the same after five steps of
gradient descent in float64, rows counted by where they started and how they moved. Error if one distinct unit is left,
or fewer than 5 %; warning if more than 10 % are copies (half in a layer of zeros), or if a layer and those behind it
are constant, so that nothing but random biases tells the units apart.

## Example
```python
weights = [np.zeros((30, 784)), np.zeros((10, 30))]
```

## Fix
Draw random weights: `np.random.randn(30, 784) / np.sqrt(784)`. Biases may stay zero.

## References
Goodfellow, Bengio, Courville 2016, Deep Learning, section 8.4, on breaking symmetry.
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import Example, drawn
from fanin.doctor._reference import fix
from fanin.values import Finding, Param, Severity

CODE = "FAN102"


def check(case: Case) -> Iterator[Finding]:
    """One finding per hidden layer with copies."""
    distinct, start = case.values("weight", "distinct_after"), case.values("weight", "distinct_rows")
    zeros = case.values("weight", "zeros")
    for layer, weight in case.hidden.items():
        if layer not in case.drawn:
            continue
        units, share = weight.size("out"), distinct.get(layer, 1.0)
        few = 0.5 if zeros.get(layer) == 1 else 0.9  # a unit that ReLU keeps off for the samples at hand stays 0 as yet
        severity = _severity(share, units, few) or ("warning" if units > 1 and _is_told_by_bias(case, layer) else None)
        if severity:
            measured = {"distinct_rows": start.get(layer, share), "distinct_after": share}
            yield _finding(layer, weight, severity, measured, zeros.get(layer) == 1)


def _is_told_by_bias(case: Case, layer: str) -> bool:
    """One constant in the layer and in all that read it."""
    names = [layer, *(node.name for node in case.graph.readers[layer])]
    return len(names) > 1 and all(case.value(name, "weight", "std") == 0 for name in names)


def _severity(share: float, units: int, few: float) -> Severity | None:
    if units < 2:
        return None
    if share < 0.05 or round(share * units) <= 1:
        return "error"
    return "warning" if share < few else None


def _finding(layer: str, weight: Param, severity: Severity, measured: dict[str, float], is_zero: bool) -> Finding:
    units, left = weight.size("out"), measured["distinct_after"]
    reason = "all weights are zero, and " if is_zero else ""
    kinds = round(left * units)
    copies = f"{reason}all {units} units are alike" if kinds <= 1 else f"{reason}{units} units are of {kinds} kinds"
    copies += ", before and after steps of gradient descent: copies for ever."
    alike = "its weights are one constant, and so are those behind it: only its biases tell its units apart."
    return Finding(
        code=CODE,
        slug="symmetric-units",
        severity=severity,
        layer=layer,
        parameter=weight.path,
        measured=measured,
        expected={"distinct_after": 1.0},
        message=f"Layer {layer}: {copies if left < 1 else alike}",
        help="Draw random weights, so that every unit starts from its own.",
        fix=fix(weight),
    )


def sick() -> Example:
    """All zeros."""
    return drawn("zeros", (64, 30, 10), "sigmoid", "sigmoid")


def healthy() -> Example:
    """A constant first layer below random ones: its units part at the first step."""
    random = drawn("glorot_normal", (64, 30, 30, 10), "tanh")
    return Example((random.weights[0], random.weights[1], 0 * random.weights[2]), "tanh")
