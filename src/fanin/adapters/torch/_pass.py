"""One forward pass of a model, traced; and what all measurements of it share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from fanin.adapters.torch import _names
from fanin.adapters.torch._data import Batch, tensors
from fanin.adapters.torch._forward import running
from fanin.adapters.torch._loss import Loss
from fanin.adapters.torch._statistics import Recorder
from fanin.adapters.torch._trace import Traced, trace


@dataclass(frozen=True)
class Pass:
    """A model that has run on a batch, and what it is trained for."""

    model: nn.Module
    batch: Batch
    loss: str | Loss | None
    seed: int
    traced: Traced
    recorder: Recorder

    @cached_property
    def parameters(self) -> dict[str, Tensor]:
        """By name."""
        return _names.parameters(self.model)

    @property
    def output(self) -> str:
        """The node whose output counts: the last layer, or else the last node, that gives the result."""
        given = [node for node in self.traced.graph.nodes if node.output] or list(self.traced.graph.nodes)
        layers = [node for node in given if node.kind == "layer"]
        return (layers or given)[-1].name

    @cached_property
    def weights(self) -> dict[str, Tensor]:
        """The first parameter of each node, as it was used there, by the name of the node."""
        own = self.parameters
        first = {node.name: own[node.params[0]] for node in self.traced.graph.nodes if node.params}
        return first | dict(self.traced.values)

    @property
    def trained(self) -> dict[str, Tensor]:
        """Those that take a gradient, by name."""
        return {name: parameter for name, parameter in self.parameters.items() if parameter.requires_grad}


def execute(model: nn.Module, batch: Batch, watch: Recorder | None = None) -> Traced:
    """One forward pass; what the model raises is the user's to mend, in one line.

    Raises:
        InputError: the model raised.
    """
    shapes = ", ".join(f"{tuple(tensor.shape)}" for tensor in tensors((batch.args, batch.kwargs)))
    with running(model, f"inputs of shape {shapes}"):
        return trace(model, lambda: model(*batch.args, **batch.kwargs), watch)


def gradients(
    ends: Sequence[tuple[Any, Tensor]], places: Mapping[str, Tensor], keep: bool = False
) -> dict[str, Tensor | None]:
    """What arrives at some tensors of what is sent back from the ends, by name; None where there is no way."""
    given, sent = [end for end, _ in ends], [cotangent for _, cotangent in ends]
    unique = {id(tensor): tensor for tensor in places.values()}
    found = torch.autograd.grad(given, list(unique.values()), sent, retain_graph=keep, allow_unused=True)
    dense = [gradient.to_dense() if gradient is not None and gradient.is_sparse else gradient for gradient in found]
    by_tensor = dict(zip(unique, dense, strict=True))
    return {name: by_tensor[id(tensor)] for name, tensor in places.items()}
