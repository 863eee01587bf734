"""Building a model by somebody's function: with seeds of its own, and memory that shows what is never written."""

import importlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fanin.adapters import framework_of, loaded
from fanin.errors import InputError


@dataclass(frozen=True, slots=True)
class Built:
    """A model, a batch if its function gave one too, and names of parameters.

    Attributes:
        uninitialized: that nothing wrote.
        left_out: that the constructor wrote, and the model's own method to initialise it does not.
    """

    framework: str
    model: Any
    batch: Any = None
    uninitialized: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def build(factory: Callable[[], Any], seed: int) -> Built:
    """What a function without arguments builds: a model, or (model, batch).

    A framework that is first imported by the call could not be seeded before it; then it is called again.

    Raises:
        InputError: it returns no model.
    """
    frameworks = loaded()
    built = _call(factory, seed)
    return built if built.framework in frameworks else _call(factory, seed)


def _call(factory: Callable[[], Any], seed: int) -> Built:
    """One call, after which random numbers go on as if there had been none."""
    states = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    try:
        made, names = _make(factory, seed)
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
    model, batch = made if isinstance(made, tuple) and len(made) == 2 else (made, None)
    framework = framework_of(model)
    if framework is None:
        name = getattr(factory, "__name__", type(factory).__name__)
        raise InputError(f"{name}() returned {type(model).__name__}; expected a model of PyTorch, or (model, batch)")
    return Built(framework, model, batch, *names)


def _make(factory: Callable[[], Any], seed: int) -> tuple[Any, tuple[tuple[str, ...], ...]]:
    """By the framework that is there, which has random numbers and memory of its own."""
    for framework in loaded():
        made: tuple[Any, tuple[tuple[str, ...], ...]] = importlib.import_module(f"fanin.adapters.{framework}").build(
            factory, seed
        )
        return made
    return factory(), ()
