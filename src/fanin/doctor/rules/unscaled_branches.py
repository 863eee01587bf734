"""A deep transformer whose output projections are not scaled with depth.

## What it does
Looks in a deep pre-norm stream whether the last layers of the branches are drawn smaller than the others.

## Why is this bad?
GPT-2's paper divides them by sqrt(N), N being the number of branches, so that the stream does not grow with depth. Much
code means to and doesn't: the name of the layer changed and the test for it did not match any more. Training is less
stable then, the more so the deeper; shallow networks don't care.

## How it is measured
The std of the weights at the ends of the branches over that of the other weights in them, where one std is used for
layers of any fan. Warning if it is 1 within 5 %, in streams of 24 branches or more that grow more than thirtyfold; else
info.

## Example
```python
if name.endswith("c_proj.weight"):  # and the layer is called out_proj
```

## Fix
`nn.init.normal_(weight, std=0.02 / math.sqrt(2 * blocks))` for the last layer of each branch.

## References
Radford et al. 2019, Language models are unsupervised multitask learners, section 2.3.
"""

import math
from collections.abc import Iterator
from statistics import median

from fanin.doctor._case import Case
from fanin.doctor._chain import Step, runs
from fanin.doctor._example import case, measured
from fanin.values import Finding, Node, Param

CODE = "FAN603"
_MANY, _GROWTH, _NEAR = 24, 30.0, 0.05


def check(case: Case) -> Iterator[Finding]:
    """One finding per stream."""
    stds = case.values("weight", "std")
    for run in runs(case):
        ends = {step.branch for step in run if stds.get(step.branch, 0.0) > 0}
        names = _between(case, run)
        others = [stds[name] for name in case.hidden if name in names - ends and stds.get(name, 0.0) > 0]
        if len(ends) < _MANY // 2 or not others or not all(step.is_normed for step in run if step.branch in ends):
            continue
        ratio = median(stds[name] for name in ends) / median(others)
        is_constant = max(others) / min(others) < 1 + _NEAR and len(_fans(case, names)) > 1
        if abs(ratio - 1) < _NEAR and is_constant:
            yield _finding(case, run, ratio, len(ends))


def _between(case: Case, run: tuple[Step, ...]) -> set[str]:
    names = [node.name for node in case.graph.nodes]
    return set(names[names.index(run[0].trunk) : names.index(run[-1].sum)])


def _fans(case: Case, names: set[str]) -> set[float]:
    return {weight.fans.fan_in for name, weight in case.hidden.items() if name in names}


def _finding(case: Case, run: tuple[Step, ...], ratio: float, count: int) -> Finding:
    growth = math.prod(step.factor for step in run)
    param = case.param(run[-1].branch)
    return Finding(
        code=CODE,
        slug="unscaled-branches",
        severity="warning" if count >= _MANY and growth > _GROWTH else "info",
        layer=run[-1].branch,
        parameter=param.path if param else None,
        measured={"std_ratio": ratio, "growth": growth, "branches": float(count)},
        expected={"std_ratio": 1 / math.sqrt(count)},
        message=(
            f"The {count} branches end in layers with the std of all others: no scaling with depth; "
            f"the stream grows {growth:.3g} times."
        ),
        help=f"Divide the weights at the end of each branch by sqrt({count}).",
    )


def _transformer(end: float) -> Case:
    nodes: list[Node] = []
    rows = [*measured("input", "forward", rms=0.03)]
    params, before = [], "input"
    for i in range(_MANY):
        names = {part: f"{i}.{part}" for part in ("norm", "up", "down", "add")}
        nodes += [
            Node(names["norm"], "norm", "layer_norm", (before,)),
            Node(names["up"], "layer", "dense", (names["norm"],), "gelu", (f"{i}.up.weight",)),
            Node(names["down"], "layer", "dense", (names["up"],), params=(f"{i}.down.weight",)),
            Node(names["add"], "sum", "add", (before, names["down"]), output=i == _MANY - 1),
        ]
        params += [
            Param(f"{i}.up.weight", (2048, 512), ("out", "in"), activation="gelu"),
            Param(f"{i}.down.weight", (512, 2048), ("out", "in"), residual_follows=True),
        ]
        rows += measured(names["up"], "weight", std=0.02) + measured(names["down"], "weight", std=end)
        rows += measured(names["add"], "forward", rms=0.03 + end * math.sqrt(i + 1) * 10)
        before = names["add"]
    return case(nodes, rows, params)


def sick() -> Case:
    """0.02 everywhere."""
    return _transformer(0.02)


def healthy() -> Case:
    """0.02 / sqrt(branches) at the ends."""
    return _transformer(0.02 / math.sqrt(_MANY))
