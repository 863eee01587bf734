"""What a model's own initialization leaves as it was, when it is run on memory that holds NaN.

That is what happens to a model that is built on meta, gets its memory by `to_empty`, and is initialised then; and to
what a checkpoint lacks. Only `transformers` promises that its method writes everything; `reset_parameters` of plain
modules promises nothing of what the constructor has set, and so is not asked.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from fanin.adapters.torch import _names
from fanin.adapters.torch._guard import guard

_DONE = "_is_hf_initialized"  # the mark on modules and tensors that transformers initialises once


def left_out(model: nn.Module) -> tuple[str, ...]:
    """Names of parameters that `init_weights` of a model of transformers does not write; none of other models."""
    if not all(hasattr(model, name) for name in ("config", "init_weights", "_init_weights")):
        return ()
    if any(parameter.is_meta for parameter in model.parameters()):
        return ()
    with guard(model), _unmarked(model):
        for parameter in model.parameters():
            if parameter.is_floating_point():
                parameter.data.fill_(torch.nan)
        try:
            _names.unwrapped(model).init_weights()  # type: ignore[operator]
        except Exception:  # noqa: BLE001  somebody's own code, made to run once: then there is nothing to tell
            return ()
        return tuple(unwritten(_names.parameters(model)))


def unwritten(tensors: dict[str, torch.Tensor]) -> Iterator[str]:
    """Names of those that hold NaN."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.is_meta and tensor.numel() and bool(torch.isnan(tensor).any()):
            yield name


@contextlib.contextmanager
def _unmarked(model: nn.Module) -> Iterator[None]:
    """Within, nothing counts as initialised; modules get their marks back from the guard, tensors here."""
    marked: list[Any] = [tensor for tensor in model.parameters() if hasattr(tensor, _DONE)]
    marks = [getattr(tensor, _DONE) for tensor in marked]
    for holder in (*marked, *(module for module in model.modules() if _DONE in vars(module))):
        delattr(holder, _DONE)
    try:
        yield
    finally:
        for tensor, mark in zip(marked, marks, strict=True):
            setattr(tensor, _DONE, mark)
