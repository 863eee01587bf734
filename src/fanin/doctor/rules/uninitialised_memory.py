"""Parameters that nobody initialised: they hold whatever the memory held.

## What it does
Names the parameters that the model's own initialization never writes, and those whose values look like raw memory.

## Why is this bad?
Memory that was allocated and not filled (`torch.empty`, `np.empty`) is often zero, so that all seems well on one
machine, and NaN or 1e38 on the next.

## How it is measured
Where the model can be built again, its memory is filled with NaN first: what is still NaN afterwards was never drawn
(a weight that is NaN throughout without that too is left to FAN101: NaN may have been written). Besides,
the share of entries of a weight that aren't 0 and are below 1e-30 in magnitude: no scheme draws such numbers,
while integers and pointers read as floats are of that size. Error for either; the second not in a trained network, in
which weight decay may have shrunk them.

## Example
```python
self.weight = nn.Parameter(torch.empty(64, 64))  # and no reset_parameters
```

## Fix
Draw it where it is made: `nn.init.kaiming_normal_(self.weight)`.

## References
PyTorch documentation of `torch.empty`: the tensor is filled with uninitialized data.
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.doctor._reference import fix
from fanin.values import Finding

CODE = "FAN105"


def check(case: Case) -> Iterator[Finding]:
    """One error per parameter."""
    nodes = {path: node.name for node in reversed(case.graph.nodes) for path in node.params}
    for path in case.uninitialized:
        if _is_nan(case, nodes.get(path), path):
            continue  # as it is too where NaN was written, so that this test tells nothing: FAN101 names it
        said = f"{path!r} is never initialised: after building the model it holds what the memory held."
        yield _finding(case, nodes.get(path), path, 1.0, said)
    for layer, share in case.values("weight", "tiny").items():
        param = case.param(layer)
        if param and share > 1e-3 and not case.is_trained and param.path not in case.uninitialized:
            said = f"{share:.1%} of the entries of {param.path!r} are below 1e-30 and not 0, as raw memory is."
            yield _finding(case, layer, param.path, share, said)


def _is_nan(case: Case, layer: str | None, path: str) -> bool:
    """No entry of a weight is finite, as it stands in the network without any filling."""
    param = case.param(layer) if layer else None
    return param is not None and param.path == path and case.value(str(layer), "weight", "finite") == 0


def _finding(case: Case, layer: str | None, path: str, share: float, message: str) -> Finding:
    param = case.by_path.get(path)
    return Finding(
        code=CODE,
        slug="uninitialised-memory",
        severity="error",
        layer=layer,
        parameter=path,
        measured={"not_drawn": share},
        expected={"not_drawn": 0.0},
        message=message,
        help="Draw it where it is made.",
        fix=fix(param) if param else None,
    )


def sick() -> Case:
    """A layer in the middle that nothing wrote."""
    return dense_case((64, 64, 64, 10), "relu", {"2/weight": {"tiny": 0.4}}, uninitialized=("2.weight",))


def healthy() -> Case:
    """A layer with zeros, which are meant."""
    return dense_case((64, 64, 64, 10), "relu", {"2/weight": {"tiny": 0.0, "zeros": 1.0}})
