"""Every parameter of a model with what it is for: from how it was used, or else from the module that holds it."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from fanin.adapters.torch import _names
from fanin.adapters.torch._record import Record
from fanin.adapters.torch._surroundings import depths_of, surroundings_of
from fanin.adapters.torch._use import Use, repeated, table_axes, vector_axes
from fanin.errors import InputError
from fanin.values import Graph, Param
from fanin.values.param import Axis, Role


def params_of(model: nn.Module, record: Record, graph: Graph) -> tuple[tuple[Param, ...], tuple[str, ...]]:
    """The parameters, met ones first and in order; and the paths of those that were not met."""
    depths, surroundings = depths_of(graph), surroundings_of(graph)
    found: dict[str, Param] = {}
    for path, use in sorted(record.uses.items(), key=lambda item: item[1].owner is not None):
        facts = {"depth": depths.get(use.node, 0)} | surroundings.get(use.node, {}) | use.facts
        blocks = record.packed.get(path) or _blocks(record, use)
        if blocks > 1 and use.role in ("weight", "bias"):
            facts["blocks"] = blocks
        if use.owner in found and {"in", "lookup"} & set(found[use.owner].axes):
            facts["owner"] = found[use.owner].fans
        found[path] = _param(path, record.parameters[path], use, facts)
    order = list(record.uses)
    met = tuple(found[path] for path in order)
    others = _unmet(model, record, set(order))
    return (*met, *others), tuple(param.path for param in others)


def _param(path: str, tensor: Tensor, use: Use, facts: Mapping[str, Any]) -> Param:
    """The value, without the facts that its shape does not bear."""
    shape = tuple(tensor.shape)
    try:
        return Param(path, shape, use.axes, use.role, **facts)
    except InputError:
        rest = {key: value for key, value in facts.items() if key not in ("groups", "blocks", "transposed")}
        return Param(path, shape, use.axes, use.role, **rest)


def _blocks(record: Record, use: Use) -> int:
    """Into how many equal parts, which are all of it, a layer's output is cut."""
    parts = record.parts.get(use.node)
    if not parts:
        return 1
    width = record.layouts[use.node].features
    is_partition = sum(map(len, parts)) == len(frozenset().union(*parts)) == width
    return len(parts) if is_partition and len({len(part) for part in parts}) == 1 else 1


def _unmet(model: nn.Module, record: Record, met: set[str]) -> list[Param]:
    """Parameters that no function took, by the module that holds them."""
    owners = {
        f"{name}.{leaf}".lstrip("."): module
        for name, module in _names.canonical_modules(model)
        for leaf, _ in module.named_parameters(recurse=False)
    }
    return [
        Param(path, tuple(tensor.shape), *_by_module(owners.get(path), path, tensor))
        for path, tensor in record.parameters.items()
        if path not in met
    ]


def _by_module(module: nn.Module | None, path: str, tensor: Tensor) -> tuple[tuple[Axis, ...], Role]:
    """Axes and role of a parameter that nobody used, by the name of its module's type and by its own."""
    kind = getattr(module, "original_name", type(module).__name__)
    leaf = path.rpartition(".")[2]
    if "Norm" in kind and tensor.ndim <= 1:
        return vector_axes(tensor), "norm_shift" if "bias" in leaf else "norm_scale"
    if "bias" in leaf and tensor.ndim <= 1:
        return vector_axes(tensor), "bias"
    if "Embedding" in kind and tensor.ndim == 2:
        return ("lookup", "out"), "embedding"
    if "weight" not in leaf or tensor.ndim < 2:
        return table_axes(tensor), "state"
    if kind == "Bilinear":
        return ("out", "in", "in"), "weight"
    ends: tuple[Axis, Axis] = ("in", "out") if "Transpose" in kind or kind == "Conv1D" else ("out", "in")
    return (*ends, *repeated("kernel", tensor.ndim - 2)), "recurrent" if "_hh" in leaf else "weight"
