"""Hidden units that sit at the ends of their sigmoid or tanh, where the slope is nearly zero.

## What it does
Measures, per layer with a bounded activation, how many activations are at a bound, and how much of the slope is left.

## Why is this bad?
The gradient is multiplied by the slope in every layer on its way down. At |z| = 5 a sigmoid's slope is 1/38 of its
largest, and the weights below hardly move.

## How it is measured
saturated: the share of activations within 1 % of the range from a bound (|a - 0.5| > 0.49 for sigmoid, |a| > 0.98 for
tanh). derivative: the mean squared slope over the largest squared slope. Error if saturated > 0.5 and derivative <
0.25, or derivative < 0.1 and saturated > 0.02. Warning if saturated > 0.3 and derivative < 0.25. Both are asked, since
softsign is flat early without being near its bounds, and hardtanh reaches them with half of its slope left. The last
layer is judged only under a squared error: cross-entropy takes the slope out. Gates, which multiply another signal, may
stand open or shut: a warning at most. Softmax isn't judged.

## Example
```python
weights = np.random.randn(30, 784)  # pre-activations of std 9 on digits, 28 on N(0, 1) inputs
```

## Fix
Divide by sqrt(fan_in), so that pre-activations have a std of about 1 (at most 1.7 for tanh, 2.5 for sigmoid). If the
weights are right, the inputs are too large: see FAN501.

## References
Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, section 3; Nielsen
2015, Neural Networks and Deep Learning, chapter 3, weight initialization.
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import Example, drawn
from fanin.doctor._reference import compare, fix
from fanin.values import Finding, Severity

CODE = "FAN201"


def check(case: Case) -> Iterator[Finding]:
    """One finding per layer."""
    saturated, derivative = case.values("forward", "saturated"), case.values("forward", "derivative")
    for layer in (name for name in _judged(case) if name in saturated and name in derivative):
        severity = _severity(saturated[layer], derivative[layer])
        if severity == "error" and case.is_gate(layer):
            severity = "warning"
        elif case.is_gate(layer):
            severity = None
        if severity:
            yield _finding(case, layer, severity, saturated[layer], derivative[layer])


def _judged(case: Case) -> list[str]:
    """A softmax is no saturated unit: to be near 0 is what most of its outputs are for."""
    is_squared = case.loss in ("quadratic", "mse")
    nodes = (node for node in case.graph.nodes if is_squared or not node.output)
    return [node.name for node in nodes if not node.activation.startswith("softmax")]


def _severity(saturated: float, derivative: float) -> Severity | None:
    if (saturated > 0.5 and derivative < 0.25) or (derivative < 0.1 and saturated > 0.02):
        return "error"
    return "warning" if saturated > 0.3 and derivative < 0.25 else None


def _finding(case: Case, layer: str, severity: Severity, saturated: float, derivative: float) -> Finding:
    weight, comparison, phi = case.param(layer), compare(case, layer), case.graph.by_name[layer].activation
    means, stds = case.values("forward", "pre_mean"), case.values("forward", "pre_std")
    spread = {name: of[layer] for name, of in (("pre_mean", means), ("pre_std", stds)) if layer in of}
    around = "".join(f", {name.replace('_', '-')} {value:.3g}" for name, value in spread.items())
    why = f"; {comparison}" if comparison and comparison.ratio > 1.5 else ""
    return Finding(
        code=CODE,
        slug="saturated-units",
        severity=severity,
        layer=layer,
        parameter=weight.path if weight else None,
        measured={"saturated": saturated, "derivative": derivative} | spread,
        expected={"saturated": 0.0, "pre_mean": 0.0, "pre_std": 1.0},
        message=f"Layer {layer}: {saturated:.0%} of the {phi} activations are saturated{around}{why}.",
        help="Smaller weights: pre-activations should have mean 0 and a std of about 1.",
        fix=fix(weight, case) if weight else None,
    )


def sick() -> Example:
    """N(0, 1) weights."""
    return drawn("randn", (784, 30, 10), "tanh")


def healthy() -> Example:
    """The same, divided by sqrt(fan_in)."""
    return drawn("lecun_normal", (784, 30, 10), "tanh")
