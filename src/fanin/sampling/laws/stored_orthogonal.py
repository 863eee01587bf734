"""Stored orthogonal: one orthogonal matrix of the whole tensor as a framework stores it, groups and gates unseen.

The framework's tensor is flattened to a matrix with one axis as its units and all others as its columns: in PyTorch
(framework 0) the units are the first axis, in Keras (1) and JAX (2) the last. So a fused (4H, H) matrix is orthogonal
as a whole and no gate is; so is a grouped kernel; and the units of a transposed kernel are its inputs, but not in JAX.
Mean 0, second moment 1/max(units, columns). Without groups and gates it is the law `orthogonal`, value for value.

Reference: torch.nn.init.orthogonal_; keras.initializers.Orthogonal; jax.nn.initializers.orthogonal.
"""

from typing import Any

from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.sampling._moments import Moments
from fanin.sampling._region import Region
from fanin.sampling.laws import orthogonal
from fanin.sampling.stream import Stream
from fanin.values import Param
from fanin.values.param import Axis

ARGUMENTS = ("framework",)
TORCH, KERAS, JAX = 0.0, 1.0, 2.0


def moments(param: Param, framework: float = TORCH) -> Moments:
    """Mean 0, second moment 1/max(units, columns)."""
    return orthogonal.moments(_as_stored(param, framework))


def draw(
    out: NDArray[Any], param: Param, region: Region, stream: Stream, loc: Any, scale: Any, framework: float = TORCH
) -> None:
    """The wanted part of the one matrix."""
    stored = _as_stored(param, framework)
    places = [region.order.index(axis) for axis in stored.canonical_axes]
    sizes, first, step, count, order = (
        tuple(each[place] for place in places)
        for each in (region.sizes, region.first, region.step, region.count, region.order)
    )
    turned = Region(sizes, first, step, count, order, region.kept)
    orthogonal.draw(out.transpose(places), stored, turned, stream, loc, scale)


def _as_stored(param: Param, framework: float) -> Param:
    """The parameter with the framework's units as its only `out` axes, in one group and one block."""
    if framework not in (TORCH, KERAS, JAX):
        raise InputError(f"stored_orthogonal: framework={framework:g}, expected 0 (PyTorch), 1 (Keras) or 2 (JAX)")
    if len(param.shape) < 2:
        raise InputError(f"{param.path!r} has shape {param.shape}; an orthogonal matrix needs two axes")
    units = _units(param, framework)
    others: dict[Axis, Axis] = {"in": "in", "kernel": "kernel"}  # all else that is summed over comes before them
    axes = tuple("out" if axis == units else others.get(axis, "lookup") for axis in param.axes)
    return Param(param.path, param.shape, axes)


def _units(param: Param, framework: float) -> Axis:
    """The axis that the framework stores first (PyTorch) or last (Keras, JAX)."""
    if framework == TORCH and (outer := {"batch", "lookup"} & set(param.axes)):
        return "batch" if "batch" in outer else "lookup"
    if framework == KERAS and param.groups > 1 and param.size("in") == 1 and not param.transposed:
        if param.size("out") > param.groups:
            raise InputError(f"{param.path!r}: a depthwise kernel of several multipliers has no matrix of its units")
        return "in"  # stored (*kernel, channels, 1): one unit, which all weights belong to
    return "in" if param.transposed and framework != JAX else "out"
