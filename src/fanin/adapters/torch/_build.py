"""Calls a function that builds a model, with seeds, so that a tensor whose memory is never written can be told."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from fanin.adapters.torch import _names
from fanin.adapters.torch._rewrite import left_out, unwritten


def build(factory: Callable[[], Any], seed: int) -> tuple[Any, tuple[tuple[str, ...], ...]]:
    """What the function returns, and names: of what no initialization wrote, of what the model's own does not write.

    It runs with memory filled with NaN. If some is left, it runs again with memory as it is, as it would elsewhere.
    Random numbers go on afterwards as if none had been drawn.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        with _poisoned():
            made = factory()
        model = made[0] if isinstance(made, tuple) and made else made
        is_model = isinstance(model, nn.Module)
        names = tuple(unwritten(_names.parameters(model) | _names.buffers(model))) if is_model else ()
        rest = left_out(model) if is_model else ()
        if names:
            torch.manual_seed(seed)
            made = factory()
        return made, (names, tuple(name for name in rest if name not in names))


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
