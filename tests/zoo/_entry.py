"""One network of the zoo, and what the doctor has to say of it."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from zoo import _data

Batch = tuple[Any, Any]


@dataclass(frozen=True)
class Entry:
    """A network, the data it is to learn, and the verdict.

    Attributes:
        name: of the function that builds it.
        build: the network, drawn from torch's global generator.
        data: batch size to (x, y).
        loss: as `fanin.check` takes it.
        causes: slugs of rules that name the fault rightly; empty for a healthy network.
        options: of `fanin.check`: optimizer, lr.
        learns: of a sick one: the fix is in the weights, so that after it the network learns.
    """

    name: str
    build: Callable[[], nn.Module]
    data: Callable[[int], Batch]
    loss: Any
    causes: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    learns: bool = False


_FOUND: dict[str, list[Entry]] = {}


def entry(
    *causes: str, data: Callable[[int], Batch] = _data.digits, loss: Any = "cross_entropy", **options: Any
) -> Callable[[Callable[[], nn.Module]], Callable[[], nn.Module]]:
    """Puts the function below into the list of its module."""
    learns = options.pop("learns", False)

    def add(build: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
        made = Entry(build.__name__, build, data, loss, causes, options, learns)
        _FOUND.setdefault(build.__module__.rpartition(".")[2], []).append(made)
        return build

    return add


def entries(module: str) -> list[Entry]:
    """All entries of `sick`, `healthy` or `not_weights`."""
    importlib.import_module(f"zoo.{module}")
    return _FOUND[module]
