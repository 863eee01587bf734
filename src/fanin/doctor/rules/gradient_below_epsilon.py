"""Gradients so small that an adaptive optimizer takes them for nothing.

## What it does
Compares the gradients to the weights with the epsilon in the denominator of Adam.

## Why is this bad?
Adam divides by sqrt(v) + eps, so that a gradient of any size moves a weight by the learning rate, unless it is below
eps: then the steps shrink with it. A deep stack with PyTorch's default weights has gradients of 1e-8, and Adam can't
train it either.

## How it is measured
The rms of the gradient of the loss to each weight, against eps = 1e-8. Error if it is below in more than a quarter of
the layers under an adaptive optimizer, warning if within ten times, or if the optimizer isn't known. Gradients that are
exactly 0 are left out: they are another rule's matter. If the last layer's gradient, over the rms of what that layer
takes, is as small, then nothing was lost on the way down: the loss itself is scaled too small.

## Example
```python
layers = [nn.Linear(128, 128) for _ in range(20)]  # under ReLU: a factor of 0.4 per layer
```

## Fix
Weights that keep the gradient (see FAN301), a skip connection or a norm; not a smaller eps. Of a loss that is too
small, take the factor away.

## References
Kingma and Ba 2015 (arXiv:1412.6980), algorithm 1.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.values import Finding, Severity

CODE = "FAN304"
_EPSILON, _SHARE = 1e-8, 0.25
_ADAPTIVE = ("adam", "rmsprop", "lamb", "lion", "adafactor")


def check(case: Case) -> Iterator[Finding]:
    """One finding for the network."""
    gradients = case.values("backward", "weight_gradient")
    found = {
        name: gradients[name] for name in case.drawn if gradients.get(name, 0.0) > 0 and not _is_scaled(case, name)
    }
    is_adaptive = case.optimizer is not None and case.optimizer.lower().startswith(_ADAPTIVE)
    if len(found) < 2 or (case.optimizer is not None and not is_adaptive):
        return
    for limit, severity in _levels(is_adaptive):
        below = [name for name, value in found.items() if value < limit]
        if len(below) > _SHARE * len(found):
            is_loss = _is_small_at_the_end(case, found, limit)
            yield _finding(case, below, found, severity, is_loss)
            return


def _is_small_at_the_end(case: Case, found: Mapping[str, float], limit: float) -> bool:
    """The last layer's gradient would be below the limit if what it takes were of size 1: so is the loss's own."""
    for name in reversed([*found]):
        node = case.graph.by_name[name]
        taken = case.value(node.inputs[0], "forward", "rms") if node.output and node.inputs else None
        if taken:
            return found[name] / taken < limit
    return False


def _is_scaled(case: Case, name: str) -> bool:
    """In a branch with a scale of its own (LayerScale, ReZero), which starts near 0 and opens the branch."""
    ahead = list(case.graph.readers[name])
    while ahead:
        node = ahead.pop()
        if node.kind == "scale":
            return True
        if node.kind not in ("sum", "join"):
            ahead += case.graph.readers[node.name]
    return False


def _levels(is_adaptive: bool) -> tuple[tuple[float, Severity], ...]:
    return ((_EPSILON, "error"), (10 * _EPSILON, "warning")) if is_adaptive else ((_EPSILON, "warning"),)


def _finding(
    case: Case, below: Sequence[str], found: Mapping[str, float], severity: Severity, is_loss: bool
) -> Finding:
    size, count = median(found[name] for name in below), len(found)
    where = f"all {count} layers" if len(below) == count else f"{len(below)} of {count} layers"
    return Finding(
        code=CODE,
        slug="gradient-below-epsilon",
        severity=severity,
        layer=None if is_loss else below[0],
        parameter=None if is_loss else case.drawn[below[0]].path,
        measured={"weight_gradient": size, "share": len(below) / count},
        expected={"weight_gradient": 1e-4},
        message=(
            f"In {where}, the gradient to the weights ({size:.2g}) is about Adam's epsilon ({_EPSILON:g}) or below: "
            "such weights stand still" + ("; it is as small at the output, so it is the loss." if is_loss else ".")
        ),
        help="The loss is scaled too small for Adam's epsilon: look for a factor in front of it, or tiny targets."
        if is_loss
        else "Keep the gradient on its way down: larger weights, skip connections or norms.",
    )


def _deep(factor: float) -> Case:
    rows = {f"{i}/backward": {"weight_gradient": 1e-3 * factor ** (20 - i)} for i in range(1, 21)}
    return dense_case((128,) * 21, "relu", rows, optimizer="adam")


def sick() -> Case:
    """Twenty layers, with 0.4 per layer."""
    return _deep(0.4)


def healthy() -> Case:
    """The same without loss."""
    return _deep(1.0)
