"""Weights much larger or smaller than the reference for their fans, or scaled by the wrong fan.

## What it does
Compares the std of each layer's weights with LeCun's, He's, Glorot's and PyTorch's default, and recognises what was
probably typed instead: no division by sqrt(fan_in) at all, a product where a quotient belongs (`randn / sqrt(1/n)`
multiplies by sqrt(n)), a variance in place of its root, fan_out in place of fan_in, the size of the kernel left out, a
fan read off a shape that hides groups, fused layers or a transposition.

## Why is this bad?
One layer off the textbook's scale may be no fault, and then this rule only explains what others find. The same slip
in two layers or more, or a layer more than 10 times too large, is: such a network learns late or not at all.

## How it is measured
The ratio of the measured std to the nearest reference. Info if that ratio is above 4 or below 1/4, or if the std equals
a known mistake within three of its standard errors, 1/sqrt(2 · number of weights), and no reference. Warning above 10,
or if two layers or more show the same mistake, except that of another fan (fan_out keeps the gradient), that of a layer
in front of a norm, which takes the scale out, and small queries and keys. Nothing is said of the small ends of
residual branches, which depth asks for. One std for layers of any fan, such as 0.02, equals a formula of one of the
fans by chance: none is named.

## Example
```python
weights = np.random.randn(n_out, n_in) / np.sqrt(1 / n_in)  # std sqrt(n_in)
```

## Fix
`np.random.randn(n_out, n_in) * np.sqrt(1 / n_in)`, or `sqrt(2 / n_in)` before ReLU.

## References
LeCun et al. 1998, Efficient BackProp, section 4.6; Glorot and Bengio 2010, eq. 16; He et al. 2015 (arXiv:1502.01852),
eq. 10 and 14.
"""

from collections import Counter
from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import Example, drawn
from fanin.doctor._reference import Comparison, compare, fix
from fanin.values import Finding, Severity

CODE = "FAN104"
_FAR, _TOO_FAR = 4.0, 10.0


def check(case: Case) -> Iterator[Finding]:
    """One finding per layer: a warning for one that is far too large, or for a mistake made again and again."""
    zeros = case.values("weight", "zeros")
    compared = {layer: compare(case, layer) for layer in case.drawn if zeros.get(layer, 0.0) <= 0.5}
    found = {layer: comparison for layer, comparison in compared.items() if comparison is not None}
    made = Counter(comparison.mistake for comparison in found.values())
    for layer, comparison in found.items():
        if comparison.ratio < 1 and _ends_branch(case, layer):
            continue  # small by design: divided by sqrt(2 · blocks), or nearly zero
        if comparison.mistake or not 1 / _FAR <= comparison.nearest <= _FAR:
            # another fan is a matter of taste: fan_out keeps the gradient instead of the signal
            repeated = comparison.is_slip and made[comparison.mistake] > 1
            grave = (comparison.ratio > _TOO_FAR or repeated) and not _is_free(case, layer, comparison.ratio)
            yield _finding(case, layer, comparison, "warning" if grave else "info")


def _is_free(case: Case, layer: str, ratio: float) -> bool:
    """A norm takes the scale out, and T5's queries, which are multiplied, may be small by design."""
    is_met = any(node.kind == "product" for node in case.graph.readers[layer])
    return case.is_normed(layer) or (is_met and ratio < 1)


def _ends_branch(case: Case, layer: str) -> bool:
    return any(node.kind == "sum" for node in case.graph.readers[layer])


def _finding(case: Case, layer: str, found: Comparison, severity: Severity) -> Finding:
    weight = case.weights[layer]
    return Finding(
        code=CODE,
        slug="off-scale-weights",
        severity=severity,
        layer=layer,
        parameter=weight.path,
        measured={"std": found.std, "ratio": found.ratio},
        expected={"std": found.reference, "ratio": 1.0},
        message=f"Layer {layer}: {found}.",
        help="The scale alone is no fault; it may be a part of the cause."
        if severity == "info"
        else f"{'Divide' if found.ratio > 1 else 'Multiply'} them by {max(found.ratio, 1 / found.ratio):.3g}.",
        fix=fix(weight, case),
    )


def sick() -> Example:
    """N(0, 1), not divided by anything."""
    return drawn("randn", (784, 30, 10), "sigmoid", "sigmoid")


def healthy() -> Example:
    """Divided by sqrt(fan_in)."""
    return drawn("lecun_normal", (784, 30, 10), "sigmoid", "sigmoid")
