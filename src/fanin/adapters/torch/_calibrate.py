"""How widely one layer's outputs spread, and a factor on its weight."""

import contextlib
from typing import Any

import torch
from torch import Tensor, nn

from fanin.adapters.torch import _names
from fanin.adapters.torch._inputs import run_once
from fanin.adapters.torch._trace import trace
from fanin.values import Node


class _Enough(Exception):
    """No error: the layer was seen, and the rest needs no computing."""


class _Spread:
    """Watches one node; what it gave last before the next node counts, its bias added."""

    def __init__(self, name: str) -> None:
        self.name, self.std = name, -1.0

    def output(self, node: Node, z: Tensor) -> None:
        if node.name == self.name:
            self.std = float(z.detach().double().std(correction=0))
        elif self.std >= 0:
            raise _Enough

    def activated(self, node: Node, name: str, z: Tensor, a: Tensor) -> None:
        pass


def spread(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], node: str) -> float:
    """Std of a node's output over the batch and all its units, before the activation; the model stays as it is."""
    watch = _Spread(node)
    with contextlib.suppress(_Enough):
        trace(model, lambda: run_once(model, args, kwargs), watch)
    return watch.std


def scale_(model: nn.Module, path: str, factor: float) -> None:
    """Multiply a parameter; of a weight-normalised one, the length of its rows."""
    parameters = _names.parameters(model)
    length = path.replace("original1", "original0").removesuffix("_v") + ("_g" if path.endswith("_v") else "")
    with torch.no_grad():
        parameters[length if length in parameters else path].mul_(factor)
