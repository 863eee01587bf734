"""How a network is going to be trained, as far as that is known."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fanin.errors import InputError, UnknownName

_OPTIMIZERS = (
    *("adafactor", "adagrad", "adam", "adamax", "adamw", "asgd", "lamb", "lion", "momentum", "nadam", "nesterov"),
    *("radam", "rmsprop", "sgd"),
)
"""Names that can be typed, whose first step the rules can tell. An optimizer that is an object may be anybody's own."""


_LOSSES = ("bce", "bce_with_logits", "cross_entropy", "mse", "nll", "quadratic")


@dataclass(frozen=True, slots=True)
class Training:
    """A loss by name or as a function, an optimizer by name, a learning rate; None where it isn't known."""

    loss: str | Callable[[Any, Any], Any] | None = None
    optimizer: str | None = None
    lr: float | None = None

    @property
    def loss_name(self) -> str | None:
        """What the loss is called."""
        return self.loss if isinstance(self.loss, str | None) else getattr(self.loss, "__name__", "loss")


def training(loss: Any, optimizer: Any, lr: float | None) -> Training:
    """From what was given; an optimizer that is an object knows its name and its learning rate.

    Raises:
        InputError: a learning rate that is no positive number, or something that is no optimizer or loss.
        UnknownName: no such optimizer or loss.
    """
    groups = getattr(optimizer, "param_groups", None)
    if groups:
        lr = float(groups[0]["lr"]) if lr is None else lr
        optimizer = type(optimizer).__name__
    elif isinstance(optimizer, str) and optimizer.lower() not in _OPTIMIZERS:
        raise UnknownName("optimizer", optimizer, _OPTIMIZERS)
    if not isinstance(optimizer, str | None):
        raise InputError(f"got the optimizer {optimizer!r}; expected a name such as 'adam', or an optimizer")
    if not (isinstance(loss, str | None) or callable(loss)):
        raise InputError(f"got the loss {loss!r}; expected a name such as 'cross_entropy', or a function")
    if isinstance(loss, str) and loss not in _LOSSES:
        raise UnknownName("loss", loss, _LOSSES)
    if lr is not None and not (isinstance(lr, int | float) and 0 < lr < math.inf):
        raise InputError(f"got the learning rate {lr!r}; expected a positive number")
    return Training(loss, optimizer.lower() if optimizer else None, lr)
