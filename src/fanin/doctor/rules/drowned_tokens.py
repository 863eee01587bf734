"""Positions so large that the tokens beside them don't count.

## What it does
Where two tables are added, compares the one that is the same for all samples (positions) with the other (tokens).

## Why is this bad?
A table of positions drawn from N(0, 1) on tokens of std 0.02 hides which token stands there: after the first norm, all
sequences look alike, and the tokens' table gets a small gradient.

## How it is measured
rms of both inputs of a sum. A trained table whose signal (the part that differs between samples) is below 1 % of its
rms holds the positions. Warning if it is more than twenty times the other. The opposite is no fault: positions may
start small.

## Example
```python
self.tokens = nn.Embedding(50000, 512); nn.init.normal_(self.tokens.weight, std=0.02)
self.positions = nn.Parameter(torch.randn(1, 1024, 512))
```

## Fix
Draw both with one std; or multiply the tokens by sqrt(d) if the positions are sines.

## References
Vaswani et al. 2017 (arXiv:1706.03762), section 3.4; GPT-2: 0.02 and 0.01.
"""

import math
from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import case, measured
from fanin.values import Finding, Node, Param

CODE = "FAN108"
_SHARED, _TIMES = 0.01, 20.0


def check(case: Case) -> Iterator[Finding]:
    """One warning per sum of tables."""
    for node in case.graph.of_kind("sum"):
        sizes = {name: case.value(name, "forward", "rms") or 0.0 for name in node.inputs}
        shared = {name: size for name, size in sizes.items() if _is_shared(case, name, size)}
        tokens = [size for name, size in sizes.items() if name not in shared and size]
        if _role(case, node.name) == "position":  # a table that is added as it stands
            shared[node.name] = _entries(case, node.name)
        for name, size in shared.items():
            if tokens and size > _TIMES * max(tokens):
                yield _finding(case, name, size, max(tokens))


def _is_shared(case: Case, name: str, rms: float) -> bool:
    """Rows of a table that are the same for all samples; one that isn't trained, such as sines, is as it was meant."""
    node = case.graph.by_name[name]
    if node.op != "embedding" or node.frozen:
        return False
    signal = case.value(name, "forward", "signal")
    return _role(case, name) == "position" or (signal is not None and signal < _SHARED * rms)


def _role(case: Case, name: str) -> str | None:
    param = case.param(name)
    return param.role if param else None


def _entries(case: Case, name: str) -> float:
    """The rms of a table's entries."""
    return math.hypot(*(case.value(name, "weight", statistic) or 0.0 for statistic in ("mean", "std")))


def _finding(case: Case, name: str, positions: float, tokens: float) -> Finding:
    param = case.param(name)
    return Finding(
        code=CODE,
        slug="drowned-tokens",
        severity="warning",
        layer=name,
        parameter=param.path if param else None,
        measured={"positions": positions, "tokens": tokens},
        expected={"positions": tokens},
        message=f"{name} is the same for all samples, and {positions / tokens:.3g} times as large as the tokens.",
        help=f"Divide it by {positions / tokens:.3g}, or draw the tokens larger.",
    )


def _tables(positions: float) -> Case:
    nodes = (
        Node("tokens", "layer", "embedding", ("input",), params=("tokens.weight",)),
        Node("positions", "layer", "embedding", ("input",), params=("positions.weight",)),
        Node("add", "sum", "add", ("tokens", "positions"), output=True),
    )
    params = [Param(f"{n}.weight", (99, 64), ("lookup", "out"), role="embedding") for n in ("tokens", "positions")]
    rows = (
        *measured("tokens", "forward", rms=0.02, signal=0.02),
        *measured("positions", "forward", rms=positions, signal=0.0),
    )
    return case(nodes, rows, params)


def sick() -> Case:
    """N(0, 1) on tokens of std 0.02."""
    return _tables(1.0)


def healthy() -> Case:
    """GPT-2's."""
    return _tables(0.01)
