"""LSUV: layer-sequential unit variance. Each layer's weight is divided by the std that its outputs have on a batch.

Layer after layer in the order of execution, so that each sees inputs that are right already: measure the std of the
outputs before the activation, divide the weight by it, and again until it is within the tolerance. A weight that is
used in several places is scaled where it is used first. Tables, recurrent layers and norms are left alone.

Paper and code: the paper starts from orthogonal weights; here, from whatever the weights are (`fanin.init_` draws
them). The authors' code goes through the layers in the order in which they were registered, shifts biases too, leaves
the model in eval mode, and gives a layer that never runs the numbers of the one before: here such layers are reported,
and nothing but the weights changes.

Reference: Mishkin & Matas 2016, All you need is a good init, arXiv:1511.06422, Algorithm 1.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from fanin.apply import adapter_of
from fanin.errors import InputError
from fanin.values import Node

START = "orthogonal"

_OPS = ("dense", "conv", "conv_transposed")


@dataclass(frozen=True, slots=True)
class Scaled:
    """One layer: std of its outputs before and after, the factor on its weight, and whether it is within tolerance."""

    layer: str
    before: float
    after: float
    factor: float
    done: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was scaled, in the order of execution.

    Attributes:
        layers: one per weight.
        unmet: weights that the batch did not come by.
    """

    layers: tuple[Scaled, ...]
    unmet: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"{each.layer}: std {each.before:.3g} -> {each.after:.3g}{'' if each.done else ', not reached'}"
            for each in self.layers
        ]
        return "\n".join([*lines, *(f"{path}: not executed" for path in self.unmet)])


def lsuv_(
    model: Any, batch: Any, *, std: float | Mapping[str, float] = 1.0, tolerance: float = 0.1, tries: int = 10
) -> Calibration:
    """Scale the weights of dense layers and convolutions, in place, until their outputs have the wanted std.

    Args:
        model: a torch.nn.Module. Its mode, buffers, gradients and torch's random numbers stay as they are.
        batch: what it is called with: a tensor, a tuple of arguments, or a mapping from names.
        std: wanted of each layer's outputs; or by the layer's name, layers that it lacks being left alone.
        tolerance: relative deviation that is good enough.
        tries: scalings per layer, at most.

    Raises:
        InputError: no model, tolerance or tries that make no sense, or outputs that aren't finite.

    Example:
        >>> import torch
        >>> model = torch.nn.Sequential(torch.nn.Linear(20, 50), torch.nn.ReLU(), torch.nn.Linear(50, 3))
        >>> found = lsuv_(model, torch.randn(256, 20))
        >>> [each.done for each in found.layers], found.unmet
        ([True, True], ())

    Reference:
        Mishkin & Matas 2016, arXiv:1511.06422, Algorithm 1.
    """
    if not (0 < tolerance < 1 and tries >= 1):
        raise InputError(f"lsuv: tolerance={tolerance:g}, tries={tries}; expected a share below 1 and at least one try")
    adapter = adapter_of(model)
    args, kwargs = adapter.called_with(model, batch)
    graph, params = adapter.describe(model, batch)
    met = {path for node in graph.nodes for path in node.params}
    scaled, seen = [], set[str]()
    for node in graph.nodes:
        wanted = std.get(node.name) if isinstance(std, Mapping) else std
        if wanted is not None and node.op in _OPS and node.params and node.params[0] not in seen and not node.frozen:
            scaled.append(_scale(adapter, model, (args, kwargs), node, wanted, tolerance, tries))
        seen |= set(node.params)
    unmet = tuple(param.path for param in params if param.role == "weight" and param.path not in met)
    return Calibration(tuple(scaled), unmet)


def _scale(
    adapter: ModuleType, model: Any, inputs: tuple[Any, Any], node: Node, wanted: float, tolerance: float, tries: int
) -> Scaled:
    before = after = _spread(adapter, model, inputs, node)
    factor = 1.0
    for _ in range(tries):
        if after == 0 or abs(after / wanted - 1) <= tolerance:
            break
        adapter.scale_(model, node.params[0], wanted / after)
        factor *= wanted / after
        after = _spread(adapter, model, inputs, node)
    return Scaled(node.name, before, after, factor, abs(after / wanted - 1) <= tolerance)


def _spread(adapter: ModuleType, model: Any, inputs: tuple[Any, Any], node: Node) -> float:
    found: float = adapter.spread(model, *inputs, node.name)
    if not math.isfinite(found):
        raise InputError(f"lsuv: the outputs of {node.name!r} aren't finite; initialise the model first (fanin.init_)")
    return found
