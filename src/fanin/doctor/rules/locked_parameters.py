"""Weights that never get a gradient: two zeros in a row, a zero behind a ReLU, or a way back that is cut.

## What it does
Descends a few steps and watches which weights have a gradient that is exactly 0, and whether it stays so. Names layers
that make a part of the output, and to which autograd has no way.

## Why is this bad?
A product of two zeros is a saddle that gradient descent never leaves: LoRA with A = B = 0, a gate of zeros behind a
ReLU (whose slope at 0 is 0). One zero is harmless and often meant: the last layer of a residual branch, a norm's scale,
LoRA's B, the head. The first step moves it, and the second moves what lies below. `detach`, `no_grad`, `.data`, a trip
through NumPy cut the way back: PyTorch says nothing, and the optimizer passes over such weights.

## How it is measured
unlocks: the number of steps of gradient descent until the gradient to a weight isn't exactly 0. Error if it is still 0
when no further weight is unlocked; an info if what the weight takes is 0 for every sample, as a decoder's first queries
are. reached: 0 if autograd has no way to a weight from any output. Warning if the layer feeds the output all the same,
one for the last layer of each part that is cut off, since a teacher may be meant so; an info if an output leads to the
weight, but not the loss. Frozen weights, and those that no gradient is asked of, are left out.

## Example
```python
lora_a, lora_b = torch.zeros(8, 512), torch.zeros(512, 8)
```

## Fix
Draw one of the two at random; leave the other 0. Take the `detach` away, or say that it is meant:
`teacher.requires_grad_(False)`.

## References
Hu et al. 2021 (arXiv:2106.09685), section 4.1; Zhang et al. 2019, Fixup (arXiv:1901.09321).
"""

import math
from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.doctor._reference import fix
from fanin.values import Finding, Node, Severity

CODE = "FAN303"


def check(case: Case) -> Iterator[Finding]:
    """One error per weight that stays as it is, one warning per part of the network that is cut off."""
    yield from _locked(case)
    yield from _cut_off(case)
    yield from _left_by_the_loss(case)


def _locked(case: Case) -> Iterator[Finding]:
    for row in case.measured.series("backward", "unlocks"):
        node = case.graph.by_name.get(row.layer)
        if (
            node
            and row.value == math.inf
            and not case.is_rare(row.layer)
            and not node.frozen
            and not {*node.params[:1]} & {*case.unused}
        ):
            yield _finding(case, row.layer, "info" if _takes_nothing(case, node) else "error")


def _cut_off(case: Case) -> Iterator[Finding]:
    """Layers that feed the output and that no gradient can reach; those before the last of them only counted."""
    feeding = set().union(*(case.graph.before(node.name) | {node.name} for node in case.graph.nodes if node.output))
    cut = {name for name in _trained(case, reached=0.0) if name in feeding}
    above = {name: case.graph.before(name) & cut for name in cut}
    for name in (node.name for node in case.graph.nodes if node.name in cut):
        if not any(name in others for others in above.values()):
            count = len(above[name])
            others = f", nor those of the {count} before it" if count > 1 else ", nor those of the one before it"
            yield _way_back(
                case,
                name,
                "warning",
                f"Layer {name}: no gradient can reach its weights{others if count else ''}: something behind it "
                "detaches (detach, no_grad, .data, NumPy).",
                "Look for what cuts the way back; if it is meant, as for a teacher, say so by requires_grad_(False).",
            )


def _left_by_the_loss(case: Case) -> Iterator[Finding]:
    """Layers of outputs that the loss, which reaches others, does not take."""
    fed = {row.layer for row in case.measured.series("backward", "weight_gradient")}
    for name in _trained(case, reached=1.0) if fed else ():
        if name not in fed:
            message = f"Layer {name}: no gradient comes to its weights: the loss does not use what it makes."
            yield _way_back(case, name, "info", message, "Add a loss of that output, if it is to be trained.")


def _trained(case: Case, reached: float) -> list[str]:
    found = case.values("backward", "reached")
    return [name for name, value in found.items() if value == reached and not case.is_rare(name)]


def _way_back(case: Case, layer: str, severity: Severity, message: str, advice: str) -> Finding:
    param = case.param(layer)
    return Finding(
        code=CODE,
        slug="locked-parameters",
        severity=severity,
        layer=layer,
        parameter=param.path if param else None,
        measured={"reached": 0.0},
        expected={"reached": 1.0},
        message=message,
        help=advice,
        fix=None,
    )


def _takes_nothing(case: Case, node: Node) -> bool:
    """Its input is 0 for every sample: queries that start at 0, a codebook not yet filled."""
    taken = [case.value(name, "forward", "rms") for name in node.inputs]
    return bool(taken) and all(rms == 0 for rms in taken)


def _finding(case: Case, layer: str, severity: Severity) -> Finding:
    param, is_zero = case.param(layer), case.value(layer, "weight", "zeros") == 1
    is_share = case.graph.by_name[layer].activation.startswith("softmax")
    return Finding(
        code=CODE,
        slug="locked-parameters",
        severity=severity,
        layer=layer,
        parameter=param.path if param else None,
        measured={"unlocks": math.inf},
        expected={"unlocks": 0.0},
        message=f"Layer {layer}: the gradient to its weights is exactly 0, and stays 0 after steps of gradient descent"
        + ("; all of them are 0." if is_zero else "."),
        help=_help(is_zero, is_share),
        fix=fix(param) if param and is_zero else None,
    )


def _help(is_zero: bool, is_share: bool) -> str:
    if is_share:
        return "A softmax over one number is 1, whatever the weights: see along which axis it is taken."
    if is_zero:
        return "Of two factors that are 0, draw one at random."
    return "Look behind it for zeros, or for units that are off for every sample."


def _zeros(unlocks: float) -> Case:
    rows = {"1/backward": {"unlocks": unlocks}, "1/weight": {"zeros": 1.0}, "2/weight": {"zeros": 1.0}}
    return dense_case((64, 64, 10), "linear", rows)


def sick() -> Case:
    """Two layers of zeros, one behind the other."""
    return _zeros(math.inf)


def healthy() -> Case:
    """A gradient comes with the second step, as in Fixup."""
    return _zeros(2.0)
