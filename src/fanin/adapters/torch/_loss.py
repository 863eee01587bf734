"""Losses by name or as a function, what the best constant answer would cost, and the tensors that a model returns."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from fanin.adapters.torch._outputs import outputs_of
from fanin.errors import InputError, UnknownName

Loss = Callable[[Any, Any], Tensor]


def outputs(result: Any) -> tuple[Tensor, ...]:
    """The floating-point tensors of a result, in order.

    Raises:
        InputError: there is none.
    """
    loss = own_loss(result)
    found = tuple(tensor for tensor in outputs_of(result) if tensor.numel()) or (() if loss is None else (loss,))
    if not found:
        raise InputError(
            f"the model returned {type(result).__name__}; expected a floating-point tensor, or a tuple, mapping or "
            "dataclass that holds one"
        )
    return found


def own_loss(result: Any) -> Tensor | None:
    """The loss that a model computed itself: a scalar called `loss`."""
    loss = result.get("loss") if isinstance(result, Mapping) else getattr(result, "loss", None)
    return loss if isinstance(loss, Tensor) and loss.numel() == 1 and loss.is_floating_point() else None


def named(loss: str) -> Loss:
    """A loss of PyTorch by its usual name, of the first output.

    Raises:
        UnknownName: no such loss.
    """
    if loss not in _NAMED:
        raise UnknownName("loss", loss, _NAMED)
    return lambda result, target: _NAMED[loss](outputs(result)[0], target)


def reference(loss: str, result: Any, target: Any) -> float:
    """What the best constant answer costs: ln K for K classes, ln 2 per bit, the variance of numbers."""
    output = outputs(result)[0]
    if loss in ("cross_entropy", "nll"):
        return math.log(output.shape[_class_axis(output, target)])
    if loss in ("bce", "bce_with_logits"):
        return math.log(2)
    variance = _like(target, output).double()
    variance = (variance - variance.mean(0)).square()
    return float(variance.mean()) if loss == "mse" else float(0.5 * variance.flatten(1).sum(1).mean())


def _cross_entropy(output: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(*_classes(output, target))


def _nll(output: Tensor, target: Tensor) -> Tensor:
    return F.nll_loss(*_classes(output, target))


def _mse(output: Tensor, target: Tensor) -> Tensor:
    return F.mse_loss(output, _like(target, output))


def _quadratic(output: Tensor, target: Tensor) -> Tensor:
    return 0.5 * (output - _like(target, output)).square().flatten(1).sum(1).mean()


def _bce(output: Tensor, target: Tensor) -> Tensor:
    target = _like(target, output)
    if not bool(((output >= 0) & (output <= 1)).all()):
        return output.sum() * math.nan  # no probabilities: training would raise here
    return F.binary_cross_entropy(output, target)


def _bce_with_logits(output: Tensor, target: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(output, _like(target, output))


_NAMED: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": _cross_entropy,
    "mse": _mse,
    "bce": _bce,
    "bce_with_logits": _bce_with_logits,
    "nll": _nll,
    "quadratic": _quadratic,
}
NAMES = tuple(_NAMED)


def _class_axis(output: Tensor, target: Tensor) -> int:
    """Where the classes are: last (tokens) if only that fits the targets, or else second, as PyTorch has it."""
    labels = _labels(output, target)
    if labels is None or output.ndim < 3 or output.shape[:1] + output.shape[2:] == labels.shape:
        return min(1, output.ndim - 1)
    return output.ndim - 1


def _classes(output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    labels = _labels(output, target)
    axis = _class_axis(output, target)
    if labels is None:
        target = _like(target, output)
        return (output, target) if axis == 1 else (output.flatten(0, -2), target.flatten(0, -2))
    moved = output.movedim(axis, -1)
    if moved.shape[:-1] != labels.shape:
        raise InputError(
            f"the targets have shape {tuple(target.shape)} and the output {tuple(output.shape)}; expected one class "
            f"per {tuple(moved.shape[:-1])}, or targets of the output's shape"
        )
    known = labels[labels != -100]  # what PyTorch ignores
    classes = output.shape[axis]
    if known.numel() and not 0 <= int(known.min()) <= int(known.max()) < classes:
        raise InputError(
            f"the targets run from {int(known.min())} to {int(known.max())}; the output has {classes} classes, so "
            f"expected 0 to {classes - 1}"
        )
    return moved.flatten(0, -2), labels.flatten()


def _labels(output: Tensor, target: Tensor) -> Tensor | None:
    """Class numbers, whatever their type; None if the targets are one value per output."""
    if target.shape == output.shape and (target.is_floating_point() or output.shape[-1] == 1):
        return None
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = target.squeeze(-1)
    if target.is_floating_point() and not bool((target == target.floor()).all()):
        raise InputError("the targets are fractions; cross entropy takes class numbers, or one value per output")
    return target.long()


def _like(target: Tensor, output: Tensor) -> Tensor:
    """The targets in the type of the output, and in its shape if that is a matter of axes of length 1."""
    if target.numel() != output.numel():
        raise InputError(
            f"the targets have shape {tuple(target.shape)}; the output, {tuple(output.shape)}, needs one per entry"
        )
    return target.reshape(output.shape).to(output.dtype)


def noise(tensors: Sequence[Tensor], seed: int) -> tuple[Tensor, ...]:
    """N(0, 1), independent per entry, in the shapes of some tensors: the gradient of a random projection of them."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(t.shape, generator=generator, dtype=torch.float32).to(t) for t in tensors)
