"""Weights whose mean isn't zero, such as those of `rand`, which are all positive.

## What it does
Compares the mean of a layer's weights with their std, and asks whether its units still answer differently.

## Why is this bad?
The mean adds the same number, mean(W) · sum(inputs), to the pre-activation of every unit. With 784 inputs and `rand`
(mean 0.5) that is a shift of some 50 against a spread of some 10: every sigmoid answers 1, every unit answers the same,
and no gradient passes. It is the mean that does this, not the uniform law: `rand - 0.5` learns.

## How it is measured
m = |mean(W)| / std(W), where m · sqrt(number of weights) > 6, so that it's no accident of the draw; and the stable rank
of the layer's pre-activations (sum of squared singular values over the largest), each unit centred over the batch.
Error if m > 0.3 and the stable rank is below 1.5, or most of the units are saturated. Warning if m > 0.1. The last
layer is judged only if its activation saturates, or with others: by itself a shift of all outputs does no harm.

## Example
```python
weights = np.random.rand(30, 784)  # U[0, 1): mean 0.5, std 0.289
```

## Fix
Draw around zero: `np.random.randn(30, 784) / np.sqrt(784)`, or at least `np.random.rand(30, 784) - 0.5`.

## References
LeCun, Bottou, Orr, Mueller 1998, Efficient BackProp, sections 4.3 and 4.6.
"""

import math
from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import Example, drawn
from fanin.doctor._reference import fix
from fanin.values import Finding, Severity

CODE = "FAN103"
_Z, _WARNING, _ERROR, _RANK = 6.0, 0.1, 1.2, 1.5


def check(case: Case) -> Iterator[Finding]:
    """One finding per layer; where there is one, another for each layer that would not be judged by itself."""
    shifts = {layer: shift for layer in case.drawn if (shift := _shift(case, layer)) > _WARNING}
    judged = [layer for layer in shifts if _is_judged(case, layer)]
    worst = "error" if any(_severity(case, layer, shifts[layer]) == "error" for layer in judged) else "warning"
    for layer, shift in shifts.items() if judged else ():
        severity = _severity(case, layer, shift)
        if layer not in judged and worst == "error" and shift > _ERROR:
            severity = "error"  # a head drawn in the same way: cured with the others, and named with them
        yield _finding(case, layer, severity, shift)


def _shift(case: Case, layer: str) -> float:
    """|mean| over std, as far as it's no accident of the draw; 0 of a constant, which is another rule's matter."""
    mean, std, zeros = (case.value(layer, "weight", name) or 0.0 for name in ("mean", "std", "zeros"))
    shift = abs(mean) / std if std > 1e-12 * abs(mean) else 0.0
    is_sure = shift * math.sqrt(math.prod(case.drawn[layer].shape)) > _Z
    return shift if is_sure and zeros <= 0.5 else 0.0


def _is_judged(case: Case, layer: str) -> bool:
    """A shift of all outputs does no harm, unless their activation saturates."""
    is_inner = layer in case.hidden and case.drawn[layer].size("out") > 1
    return is_inner or (case.value(layer, "forward", "saturated") or 0.0) > 0.3


def _severity(case: Case, layer: str, shift: float) -> Severity:
    rank, saturated = (case.value(layer, "forward", name) for name in ("stable_rank", "saturated"))
    collapsed = (math.inf if rank is None else rank) < _RANK or (saturated or 0.0) > 0.5
    return "error" if shift > _ERROR and collapsed else "warning"


def _finding(case: Case, layer: str, severity: Severity, shift: float) -> Finding:
    weight, rank = case.drawn[layer], case.value(layer, "forward", "stable_rank")
    mean, std = (case.value(layer, "weight", name) or 0.0 for name in ("mean", "std"))
    is_rand = math.isclose(mean, 0.5, rel_tol=0.1) and math.isclose(std, 0.289, rel_tol=0.1)
    return Finding(
        code=CODE,
        slug="non-zero-mean",
        severity=severity,
        layer=layer,
        parameter=weight.path,
        measured={"mean": mean, "std": std, "ratio": shift} | ({} if rank is None else {"stable_rank": rank}),
        expected={"mean": 0.0, "ratio": 0.0},
        message=(
            f"Layer {layer}: the weights have mean {mean:.3g} (std {std:.3g}){', as rand gives' if is_rand else ''}: "
            f"all {weight.size('out')} units are shifted by the same {mean:.3g} · sum(inputs) and answer alike."
        ),
        help="Draw the weights from a law symmetric around zero.",
        fix=fix(weight),
    )


def sick() -> Example:
    """The founding question: `rand` where `randn` belongs."""
    return drawn("rand", (784, 30, 10), "sigmoid", "sigmoid")


def healthy() -> Example:
    """A uniform law too, but around zero."""
    return drawn("glorot_uniform", (784, 30, 10), "sigmoid", "sigmoid")
