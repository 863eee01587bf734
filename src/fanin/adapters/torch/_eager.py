"""Compiled modules, run as they are written."""

import contextlib
import warnings
from collections.abc import Iterator

import torch
from torch import nn


@contextlib.contextmanager
def eager(model: nn.Module) -> Iterator[None]:
    """Within, no module of a model is compiled, and none says that it may not like our hooks."""
    if not any(hasattr(m, "_orig_mod") or getattr(m, "_compiled_call_impl", None) for m in model.modules()):
        yield
        return
    with torch.compiler.set_stance("force_eager"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Using `torch.compile")  # with hooks on all modules: ours
        yield
