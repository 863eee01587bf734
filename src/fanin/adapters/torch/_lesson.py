"""What a model is trained on, as tensors, and its loss, such that a stack of models can be differentiated."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from fanin.adapters.torch._loss import outputs
from fanin.errors import InputError, UnknownName

Array = NDArray[Any]
Cost = Callable[[Any, Tensor], Tensor]
"""Of a model's result and the targets."""

_BINARY = ("bce", "bce_with_logits")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Inputs and targets; of the training part only some are looked at after an epoch."""

    x: Tensor
    y: Tensor
    is_training: bool = False

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """The parts of the data, the loss, and how answers are counted right.

    Attributes:
        parts: `train`, `test`, and `validation` if there is one.
        right: share of right answers of a result, or None where none is right or wrong.
    """

    parts: dict[str, Part]
    cost: Cost
    right: Cost | None


def lesson(model: nn.Module, arrays: dict[str, tuple[Array, Array]], loss: str | Cost) -> Lesson:
    """The lesson for a model, tried on two examples.

    Raises:
        UnknownName: no such loss.
        InputError: inputs that the model does not take, or targets that the loss does not.
    """
    if isinstance(loss, str) and loss not in _LOSSES:
        raise UnknownName("loss", loss, _LOSSES)
    found = {name: inputs(model, x) for name, (x, _) in arrays.items()}
    with torch.no_grad():
        result = model(found["train"][:2])
    make, device = _targets(loss, outputs(result)[0]), outputs(result)[0].device
    parts = {
        name: Part(found[name], make(torch.from_numpy(y).to(device)), name == "train")
        for name, (_, y) in arrays.items()
    }
    cost, right = _cost(loss, outputs(result)[0], parts["train"].y)
    try:
        with torch.no_grad():
            first = cost(result, parts["train"].y[:2])
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        raise InputError(f"the loss can't be taken of the model's output and the targets: {error}") from error
    if not isinstance(first, Tensor) or first.numel() != 1:
        raise InputError(f"the loss gave {type(first).__name__}; expected one number as a tensor")
    return Lesson(parts, cost, right)


def inputs(model: nn.Module, x: Array) -> Tensor:
    """Where the model is: pixels as floats in [0, 1], other whole numbers as ids, floats in its precision."""
    place = next((p for p in model.parameters() if p.is_floating_point()), torch.empty(0))
    tensor = torch.from_numpy(x).to(place.device)
    if tensor.dtype == torch.uint8:
        return tensor.to(place.dtype) / 255
    return tensor.to(place.dtype) if tensor.is_floating_point() else tensor.long()


def _targets(loss: str | Cost, output: Tensor) -> Callable[[Tensor], Tensor]:
    """Class numbers as such; other targets in the shape and precision of the output."""

    def make(y: Tensor) -> Tensor:
        if not isinstance(loss, str):
            return y
        if loss in ("cross_entropy", "nll") and not y.is_floating_point():
            return y.long()
        shape = (len(y), *output.shape[1:])
        if y.numel() != np.prod(shape):
            raise InputError(f"the targets have shape {tuple(y.shape)}; the output of so many examples is {shape}")
        return y.reshape(shape).to(output.dtype)

    return make


def _cost(loss: str | Cost, output: Tensor, y: Tensor) -> tuple[Cost, Cost | None]:
    """The loss, and the share of right answers, of results such as this."""
    if not isinstance(loss, str):
        return loss, None
    if loss in ("cross_entropy", "nll") and not y.is_floating_point():
        function: Any = F.cross_entropy if loss == "cross_entropy" else F.nll_loss
        axis = _axis(output, y)

        def classes(result: Any) -> Tensor:
            return outputs(result)[0].movedim(axis, -1)

        return (
            lambda result, y: function(classes(result).flatten(0, -2), y.flatten()),
            lambda result, y: (classes(result).argmax(-1) == y).double().mean(),
        )
    if loss in _BINARY:
        function = F.binary_cross_entropy if loss == "bce" else F.binary_cross_entropy_with_logits
        bound = 0.5 if loss == "bce" else 0.0
        return (
            lambda result, y: function(outputs(result)[0], y),
            lambda result, y: ((outputs(result)[0] > bound) == (y > 0.5)).double().mean(),
        )
    plain = _PLAIN[loss]
    return lambda result, y: plain(outputs(result)[0], y), None


_PLAIN: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": F.mse_loss,
    "cross_entropy": F.cross_entropy,
    "quadratic": lambda output, y: 0.5 * (output - y).square().flatten(1).sum(1).mean(),
}


_LOSSES = (*_PLAIN, *_BINARY, "nll")


def _axis(output: Tensor, y: Tensor) -> int:
    """Where the classes are: second, as PyTorch has it, unless only the last fits the targets."""
    rest = tuple(y.shape[1:])
    for axis in (1, output.ndim - 1):
        if tuple(output.shape[1:axis] + output.shape[axis + 1 :]) == rest:
            return axis
    raise InputError(
        f"the targets have shape {tuple(y.shape)} and the output {tuple(output.shape)}; give one class each"
    )
