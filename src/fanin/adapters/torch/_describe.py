"""What a model is made of, without weights that mean anything: a plan needs no more."""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from fanin.adapters.torch._forward import running
from fanin.adapters.torch._inputs import run_once, sample_inputs
from fanin.adapters.torch._trace import trace
from fanin.values import Graph, Param

_SMALL = 2**28
"""Entries of a model on meta that may be filled with numbers, where its forward asks for the value of a tensor."""


def describe(model: nn.Module, inputs: Any = None) -> tuple[Graph, tuple[Param, ...]]:
    """The graph and all parameters of a model, by one forward pass of two samples; on meta, without any arithmetic.

    Args:
        model: left as it is, buffers and random numbers too.
        inputs: what the model is called with: a tensor, a tuple of arguments, or a mapping from names; None: two
            samples of what it is found to take.

    Raises:
        InputError: the model raised, or no inputs were given, and none was found that it takes.

    Example:
        >>> graph, params = describe(nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2)))
        >>> graph.segments, [param.role for param in params]
        ((('0', '2'),), ['weight', 'bias', 'weight', 'bias'])
    """
    if not any(parameter.is_meta for parameter in model.parameters()):
        return _described(model, inputs)
    try:
        return _described(model, _moved(inputs, "meta"))
    except Exception:  # it may look at values, which meta tensors have none of
        if sum(parameter.numel() for parameter in model.parameters()) > _SMALL:
            raise
    return _described(_filled(model), _moved(inputs, "cpu"))


def called_with(model: nn.Module, inputs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Inputs in any of their forms as positional arguments and arguments by name; None: what the model takes."""
    if inputs is None:
        return sample_inputs(model)[:2]
    if isinstance(inputs, Mapping):
        return (), dict(inputs)
    return (tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)), {}


def _described(model: nn.Module, inputs: Any) -> tuple[Graph, tuple[Param, ...]]:
    args, kwargs = called_with(model, inputs)
    with running(model, "these inputs"):
        traced = trace(model, lambda: run_once(model, args, kwargs))
    return traced.graph, traced.params


def _moved(inputs: Any, device: str) -> Any:
    """The same inputs on a device; on the CPU, what has no values becomes zeros."""

    def moved(value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        return torch.zeros_like(value, device=device) if value.is_meta else value.to(device)

    return torch.utils._pytree.tree_map(moved, inputs)


def _filled(model: nn.Module) -> nn.Module:
    """A copy of a model on meta, with small random weights and zero buffers."""
    filled = copy.deepcopy(model).to_empty(device="cpu")
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in filled.parameters():
            parameter.copy_(0.02 * torch.randn(parameter.shape, generator=random))
        for buffer in filled.buffers():
            buffer.zero_()
    return filled
