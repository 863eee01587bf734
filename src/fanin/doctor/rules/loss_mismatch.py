"""A loss that asks for something else than the network gives: logits for probabilities, or the reverse.

## What it does
Compares the last activation and the size of the outputs with what the loss takes.

## Why is this bad?
Cross-entropy takes logits; softmax before it flattens the gradient twice. The negative log-likelihood takes
log-probabilities; of logits, it has no lower end. A softmax over one unit is always 1, and nothing is ever learnt. None
of this is a fault of the weights.

## How it is measured
The name of the loss and the last activation; for nll, outputs above 0, for bce, outputs outside [0, 1]; the loss of the
batch over that of its first half, which is 2 for a sum. Error where the loss can't work, warning where it works badly.

## Example
```python
loss = F.cross_entropy(F.softmax(logits, -1), labels)
```

## Fix
`F.cross_entropy(logits, labels)`; `F.binary_cross_entropy_with_logits` for one unit.

## References
PyTorch documentation of `CrossEntropyLoss`, `NLLLoss`, `BCEWithLogitsLoss`.
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.values import Finding, Node, Severity

CODE = "FAN702"
_SUM = 1.6  # between 1, of a mean, and 2


def check(case: Case) -> Iterator[Finding]:
    """One finding per output."""
    for node in case.graph.nodes:
        if node.output and case.loss is not None:
            for severity, message, help in _faults(case, node):
                yield Finding(
                    code=CODE,
                    slug="loss-mismatch",
                    severity=severity,
                    layer=node.name,
                    parameter=None,
                    measured=_measured(case, node),
                    expected={"loss_growth": 1.0},
                    message=message,
                    help=help,
                )
                break


def _faults(case: Case, node: Node) -> Iterator[tuple[Severity, str, str]]:
    """From the worst on."""
    phi, loss = node.activation, case.loss
    low, high, growth = (case.value(node.name, "forward", name) for name in ("min", "max", "loss_growth"))
    if _classes(case, node) == 1 and (phi.startswith("softmax") or loss in ("cross_entropy", "nll")):
        yield "error", "A softmax over one unit is always 1: nothing can be learnt.", "Take a sigmoid, or two units."
    if loss == "nll" and not phi.startswith("log") and (high is None or high > 1e-6):
        yield "error", f"nll takes log-probabilities, and the output is {phi}.", "Take cross_entropy, or log_softmax."
    if loss == "bce" and ((low is not None and low < 0) or (high is not None and high > 1)):
        yield "error", "bce takes probabilities, and the outputs leave [0, 1].", "Take bce_with_logits, or a sigmoid."
    if loss == "cross_entropy" and phi in ("softmax", "sigmoid"):
        yield "warning", f"cross_entropy takes logits, and the output is a {phi}.", f"Leave the {phi} out."
    if loss == "bce_with_logits" and phi in ("softmax", "sigmoid"):
        yield (
            "warning",
            f"bce_with_logits takes logits, and the output is a {phi}.",
            f"Leave the {phi} out, or take bce.",
        )
    if growth is not None and growth > _SUM:
        yield "warning", "The loss is a sum over the batch: it and its gradient grow with the batch.", "Take the mean."


def _classes(case: Case, node: Node) -> int | None:
    units = case.units(node.name)
    size = case.value(node.name, "forward", "size")
    return units if size is None or units is None else min(units, round(size))


def _measured(case: Case, node: Node) -> dict[str, float]:
    found = {name: case.value(node.name, "forward", name) for name in ("min", "max", "loss_growth")}
    return {name: value for name, value in found.items() if value is not None} or {
        "outputs": float(case.units(node.name) or 0)
    }


def _classifier(loss: str) -> Case:
    return dense_case((64, 32, 10), "relu", {"2/forward": {"min": -2.0, "max": 2.0, "loss_growth": 1.0}}, loss=loss)


def sick() -> Case:
    """Logits into nll."""
    return _classifier("nll")


def healthy() -> Case:
    """Logits into cross-entropy."""
    return _classifier("cross_entropy")
