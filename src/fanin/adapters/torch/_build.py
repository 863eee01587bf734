"""Calls a function that builds a model, with seeds, so that a tensor whose memory is never written can be told."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from fanin.adapters.torch import _names


def build(factory: Callable[[], Any], seed: int) -> tuple[Any, tuple[str, ...]]:
    """What the function returns, and the names of parameters and buffers that no initialization wrote.

    It runs with memory filled with NaN. If some is left, it runs again with memory as it is, as it would elsewhere.
    Random numbers go on afterwards as if none had been drawn.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        with _poisoned():
            made = factory()
        model = made[0] if isinstance(made, tuple) and made else made
        names = tuple(_unwritten(model)) if isinstance(model, nn.Module) else ()
        if names:
            torch.manual_seed(seed)
            made = factory()
        return made, names


def _unwritten(model: nn.Module) -> Iterator[str]:
    for name, tensor in {**_names.parameters(model), **_names.buffers(model)}.items():
        if tensor.is_floating_point() and not tensor.is_meta and tensor.numel() and bool(torch.isnan(tensor).any()):
            yield name


@contextmanager
def _poisoned() -> Iterator[None]:
    """New memory is NaN: a mode that PyTorch has for debugging.

    `torch.use_deterministic_algorithms` would set it too, and import all of the compiler first, for seconds.
    """
    before = torch.get_deterministic_debug_mode()
    memory: Any = torch.utils.deterministic
    fills = memory.fill_uninitialized_memory
    torch.set_deterministic_debug_mode("warn")
    memory.fill_uninitialized_memory = True
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*deterministic.*")
            yield
    finally:
        torch.set_deterministic_debug_mode(before)
        memory.fill_uninitialized_memory = fills
