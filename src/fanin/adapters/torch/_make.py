"""Models from somebody's function, for training: by seed, with keyword arguments; and what inputs they take."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fanin.adapters.torch._lesson import inputs
from fanin.errors import InputError


def make(build: Callable[..., Any], arguments: Mapping[str, Any], seed: int) -> nn.Module:
    """The model that a function returns under a seed of all random numbers; a batch beside it is left.

    Raises:
        InputError: it returns no model.
    """
    with seeded(seed):
        made = build(**arguments)
    model = made[0] if isinstance(made, tuple) and made else made
    if not isinstance(model, nn.Module):
        name = getattr(build, "__name__", type(build).__name__)
        raise InputError(f"{name}() returned {type(model).__name__}; expected a model of PyTorch")
    return model


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """All global random numbers from a seed; afterwards they go on as if none had been drawn."""
    states = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed % 2**32)
        try:
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])


def model_inputs(model: nn.Module, x: NDArray[Any]) -> tuple[Tensor, ...]:
    """Examples as what the model is called with."""
    return (inputs(model, x),)


def takes(model: nn.Module, x: NDArray[Any]) -> bool:
    """Whether the model runs on such examples."""
    try:
        with torch.no_grad():
            model(inputs(model, x))
    except (RuntimeError, ValueError, IndexError, TypeError, AssertionError):
        return False
    return True
