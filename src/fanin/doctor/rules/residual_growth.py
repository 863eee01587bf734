"""A residual stream that grows from block to block, until the first blocks don't count.

## What it does
Follows the size of each residual stream from sum to sum.

## Why is this bad?
A branch with He's weights and no norm is as large as what it is added to: the variance doubles in each block, 1e12
after forty, and so does the gradient's. With a norm in each branch the growth is mild, like sqrt(blocks), unless the
branches are far larger than the embedding: then the tokens drown in the noise of the first block.

## How it is measured
rms of each sum over that of the input that carries on, multiplied over the stream; a norm between two sums begins a new
one. Without norms in the branches: error above 100, warning above 10. With norms, warning above 100 if the weights at
the ends of the branches are three times too large or more. Pre-norm transformers grow two- to fourfold with scaled
output projections, seventeenfold without.

## Example
```python
x = x + relu(x @ w1) @ w2  # He's weights, forty times
```

## Fix
Zeros in the last layer of each branch, or that layer divided by sqrt(2 · blocks), or a norm in front of the branch.

## References
Zhang et al. 2019, Fixup (arXiv:1901.09321); De and Smith 2020 (arXiv:2002.10444); Radford et al. 2019, GPT-2, section
2.3.
"""

import math
from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._chain import Step, runs
from fanin.doctor._example import case, measured
from fanin.doctor._reference import compare
from fanin.values import Finding, Node, Param, Severity

CODE = "FAN601"


def check(case: Case) -> Iterator[Finding]:
    """One finding per stream."""
    for run in runs(case):
        total = math.prod(step.factor for step in run)
        is_normed = all(step.is_normed for step in run)
        severity: Severity | None = "error" if total > 100 else "warning" if total > 10 else None
        if is_normed and severity:
            severity = "warning" if total > 100 and _is_oversized(case, run) else None
        if severity and len(run) > 1:
            yield _finding(case, run, total, severity)


def _is_oversized(case: Case, run: tuple[Step, ...]) -> bool:
    """The ends of most branches have weights more than three times too large."""
    found = [comparison.nearest for step in run if (comparison := compare(case, step.branch))]
    return sum(ratio > 3 for ratio in found) > len(found) / 2


def _finding(case: Case, run: tuple[Step, ...], total: float, severity: Severity) -> Finding:
    worst = max(run, key=lambda step: step.factor)
    param, comparison = case.param(worst.branch), compare(case, worst.branch)
    why = f"; {comparison}" if comparison and comparison.ratio > 1.5 else ""
    return Finding(
        code=CODE,
        slug="residual-growth",
        severity=severity,
        layer=worst.sum,
        parameter=param.path if param else None,
        measured={"total": total, "factor": total ** (1 / len(run)), "blocks": float(len(run))},
        expected={"total": math.sqrt(len(run) + 1)},
        message=f"The residual stream grows {total:.3g} times over {len(run)} sums, most in {worst.sum}{why}.",
        help=f"Divide the last layer of each branch by sqrt({len(run)}), or start it at zero.",
    )


def stream(factor: float, blocks: int, *, norm: bool) -> Case:
    """A stream of blocks, each of which multiplies its size."""
    nodes, rows, params, size = [], [*measured("input", "forward", rms=1.0)], [], 1.0
    before = "input"
    for i in range(blocks):
        taken = before
        if norm:
            nodes.append(Node(f"{i}.norm", "norm", "layer_norm", (before,)))
            taken = f"{i}.norm"
        nodes.append(Node(f"{i}.layer", "layer", "dense", (taken,), params=(f"{i}.weight",)))
        nodes.append(Node(f"{i}.add", "sum", "add", (before, f"{i}.layer"), output=i == blocks - 1))
        params.append(Param(f"{i}.weight", (64, 64), ("out", "in"), residual_follows=True))
        size *= factor
        rows += measured(f"{i}.add", "forward", rms=size)
        before = f"{i}.add"
    return case(nodes, rows, params)


def sick() -> Case:
    """He's weights in forty blocks."""
    return stream(math.sqrt(2), 40, norm=False)


def healthy() -> Case:
    """A slow growth."""
    return stream(1.05, 40, norm=False)
