"""Leaves a model exactly as it was found, whatever its forward pass did to it, and however that ended."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


@contextmanager
def guard(model: nn.Module, *, copies: bool = True) -> Iterator[None]:
    """Restores, bit for bit: weights, buffers, gradients, flags, attributes and hooks of all modules, random states.

    While it holds, no parameter has a gradient, so that nothing can be added to one. It costs a copy of the weights;
    without `copies` none, for use inside another guard, which restores what is written to.
    """
    tensors = [_tensor(tensor, copies) for tensor in _tensors(model)]
    restorers = [_random_states(), _attributes(model), *tensors, _switches()]
    for parameter in model.parameters():
        parameter.grad = None
    try:
        with torch.enable_grad():
            yield
    finally:
        for restore in restorers:
            restore()


def _tensors(model: nn.Module) -> Iterator[Tensor]:
    yield from model.parameters()
    yield from model.buffers()


def _tensor(tensor: Tensor, copies: bool) -> Callable[[], None]:
    """Its place in memory, its bits, its gradient, and whether it takes one."""
    memory, bits = tensor.data, tensor.detach().clone() if copies else None
    gradient, takes_gradient = tensor.grad if tensor.is_leaf else None, tensor.requires_grad

    def restore() -> None:
        with torch.no_grad():
            if bits is not None and not torch.equal(memory, bits):  # never of NaN, which is copied then
                memory.copy_(bits)
            tensor.data = memory
        if tensor.is_leaf:
            tensor.requires_grad_(takes_gradient)
            tensor.grad = gradient

    return restore


def _attributes(model: nn.Module) -> Callable[[], None]:
    """Of each module, all that it holds: which parameters, buffers, hooks, flags; and what a forward pass may leave."""
    before = [
        (module, dict(module.__dict__), {k: v.copy() for k, v in module.__dict__.items() if isinstance(v, dict)})
        for module in model.modules()
    ]

    def restore() -> None:
        for module, attributes, tables in before:
            for name, table in tables.items():
                attributes[name].clear()
                attributes[name].update(table)
            module.__dict__.clear()
            module.__dict__.update(attributes)

    return restore


def _random_states() -> Callable[[], None]:
    states: list[tuple[Callable[[Any], Any], Any]] = [
        (random.setstate, random.getstate()),
        (np.random.set_state, np.random.get_state()),
        (torch.set_rng_state, torch.get_rng_state()),
    ]
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        states.append((torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all()))
    if torch.backends.mps.is_available():
        states.append((torch.mps.set_rng_state, torch.mps.get_rng_state()))

    def restore() -> None:
        for put, state in states:
            put(state)

    return restore


def _switches() -> Callable[[], None]:
    dtype = torch.get_default_dtype()
    return lambda: torch.set_default_dtype(dtype)
