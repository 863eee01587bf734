"""Layers that start as copies of one another.

## What it does
Looks for weights of several modules that are equal entry by entry, without being the same tensor.

## Why is this bad?
Copies in a row apply one random map again and again: its strongest direction wins, and the layers get like gradients.
Two copies of one table (tokens and output) were meant to be tied, and part at the first step. `copy.deepcopy` of a
layer makes them, as in `nn.TransformerEncoder`.

## How it is measured
Exact equality of weights of one shape that were drawn at random. Warning. Tied weights are one tensor, and no copy; so
is a frozen copy, such as a teacher, that is meant.

## Example
```python
layers = nn.ModuleList([copy.deepcopy(layer) for _ in range(6)])
```

## Fix
Draw each anew after copying: `for p in encoder.parameters(): if p.dim() > 1: nn.init.xavier_uniform_(p)`.

## References
PyTorch issue 72253 and its kin; `torch.nn.modules.transformer._get_clones`.
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.doctor._reference import fix
from fanin.values import Finding, Node

CODE = "FAN106"


def check(case: Case) -> Iterator[Finding]:
    """One warning per set of copies."""
    nodes = {path: node for node in reversed(case.graph.nodes) for path in node.params}
    for paths in case.clones:
        found = [nodes[path] for path in paths if path in nodes and not nodes[path].frozen and _is_drawn(case, path)]
        is_random = all(case.value(node.name, "weight", "std") != 0 for node in found)
        if len(found) > 1 and is_random:
            yield _finding(case, paths, found)


def _is_drawn(case: Case, path: str) -> bool:
    """Rates and scales are often given in closed form, the same in every layer."""
    param = case.by_path.get(path)
    return param is not None and param.role in ("weight", "recurrent", "embedding")


def _finding(case: Case, paths: tuple[str, ...], found: list[Node]) -> Finding:
    param = case.by_path.get(paths[-1])
    is_table = any(node.op == "embedding" for node in found) and any(node.output for node in found)
    return Finding(
        code=CODE,
        slug="cloned-layers",
        severity="warning",
        layer=found[-1].name,
        parameter=paths[-1],
        measured={"copies": float(len(paths))},
        expected={"copies": 1.0},
        message=f"{len(paths)} weights start equal, entry by entry: {', '.join(paths[:3])}"
        + (f" and {len(paths) - 3} more." if len(paths) > 3 else "."),
        help="They are copied and not tied, and part at the first step: assign one Parameter to both."
        if is_table
        else "Draw each of them anew after copying.",
        fix=fix(param) if param else None,
    )


def sick() -> Case:
    """Two of the layers of a network."""
    rows = {"1/weight": {"std": 0.17}, "2/weight": {"std": 0.17}}
    return dense_case((64, 64, 64, 10), "relu", rows, clones=(("1.weight", "2.weight"),))


def healthy() -> Case:
    """Two layers of zeros are no copies of a draw."""
    rows = {"1/weight": {"std": 0.0}, "3/weight": {"std": 0.0}}
    return dense_case((64, 64, 64, 64, 10), "relu", rows, clones=(("1.weight", "3.weight"),))
