"""An output layer so large that the network starts sure of what it can't know.

## What it does
Compares the loss of the first batch with that of the best constant answer, and looks whether the head is why.

## Why is this bad?
Logits of std 10 say "certain" at random: the loss starts at 20 instead of ln K, and the first hundreds of steps only
shrink the head. The usual reasons are N(0, 1) weights, and a table of tokens drawn from N(0, 1) that is the output
layer as well: then the logits have std sqrt(d).

## How it is measured
The loss over that of the best constant answer (ln K for K classes, the variance of the targets): error above 3, warning
above 2, if the outputs' std exceeds 3, as He's weights in the head may give; for a squared error ten times that, since
outputs of unit size on small targets do no harm. Without a loss, only a tied table is judged: warning if the outputs'
std exceeds 3, error above 10. No error where what the head takes is out of scale already (rms above 3): then it's not
the head.

## Example
```python
head = nn.Linear(512, 50000, bias=False); head.weight = nn.Embedding(50000, 512).weight
```

## Fix
1/sqrt(fan_in), or 0.02, or zeros: a head of zeros is fine. For a tied table: 1/sqrt(d).

## References
Goyal et al. 2017 (arXiv:1706.02677), section 5.1; Press and Wolf 2017 (arXiv:1608.05859).
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.doctor._reference import compare, fix
from fanin.values import Finding, Node, Severity

CODE = "FAN401"
_SQUARED = ("mse", "quadratic")
_ERROR, _WARNING, _LARGE, _SANE = 3.0, 2.0, 3.0, 3.0


def check(case: Case) -> Iterator[Finding]:
    """One finding per output."""
    for node in case.graph.nodes:
        std = case.value(node.name, "forward", "std")
        if node.output and std is not None:
            measured, severity = _judged(case, node, std)
            if severity:
                yield _finding(case, node, severity, measured)


def _judged(case: Case, node: Node, std: float) -> tuple[dict[str, float], Severity | None]:
    loss, reference = (case.value(node.name, "forward", name) for name in ("loss", "loss_reference"))
    taken = case.value(node.inputs[0], "forward", "rms") if node.inputs else None
    is_late = taken is not None and taken > _SANE
    if loss is not None and reference:
        scale = 10.0 if case.loss in _SQUARED else 1.0
        mean = abs(case.value(node.name, "forward", "mean") or 0.0)
        is_large = max(std, mean) > _LARGE * scale**0.5
        return {"loss": loss, "loss_reference": reference, "std": std}, _severity(
            loss / reference if is_large else 0.0, _ERROR * scale, _WARNING * scale, is_late
        )
    return {"std": std}, _severity(std if _is_tied(case, node) else 0.0, 10.0, 3.0, is_late)


def _severity(value: float, error: float, warning: float, is_late: bool) -> Severity | None:
    if value > error and not is_late:
        return "error"
    return "warning" if value > warning else None


def _is_tied(case: Case, node: Node) -> bool:
    return any(other.op == "embedding" and set(other.params) & set(node.params) for other in case.graph.nodes)


def _finding(case: Case, node: Node, severity: Severity, measured: dict[str, float]) -> Finding:
    param, comparison, is_tied = case.param(node.name), compare(case, node.name), _is_tied(case, node)
    why = "; its weights are the table of tokens, drawn for a look-up" if is_tied else ""
    why = why or (f"; {comparison}" if comparison and comparison.ratio > 1.5 else "")
    taken = case.value(node.inputs[0], "forward", "rms") if node.inputs else None
    why += f"; what it takes from {node.inputs[0]} has rms {taken:.3g} already" if taken and taken > _SANE else ""
    return Finding(
        code=CODE,
        slug="oversized-output",
        severity=severity,
        layer=node.name,
        parameter=param.path if param else None,
        measured=measured,
        expected={"std": 1.0} | ({"loss": measured["loss_reference"]} if "loss" in measured else {}),
        message=_start(measured) + f"outputs of {node.name} have std {measured['std']:.3g}{why}.",
        help="Draw the table with std 1/sqrt(d), or scale what the head takes by it."
        if is_tied
        else "Draw the head smaller; zeros are fine.",
        fix=fix(param, is_head=True) if param else None,
    )


def _start(measured: dict[str, float]) -> str:
    """The loss comes first, if there is one."""
    if "loss" not in measured:
        return "The "
    loss, best = measured["loss"], measured["loss_reference"]
    return f"The loss starts at {loss:.3g}, where a constant answer gives {best:.3g}: the "


def _head(std: float, loss: float) -> Case:
    rows = {
        "2/forward": {"std": std, "mean": 0.0, "loss": loss, "loss_reference": 2.303},
        "1/forward": {"rms": 0.8},
        "2/weight": {"std": std / 8},
    }
    return dense_case((64, 128, 10), "relu", rows, loss="cross_entropy")


def sick() -> Case:
    """N(0, 3) weights: a loss of 27 over ten classes."""
    return _head(24.0, 27.0)


def healthy() -> Case:
    """1/sqrt(fan_in)."""
    return _head(0.8, 2.6)
