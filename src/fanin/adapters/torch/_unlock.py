"""Tells zeros and copies that the first steps of training undo from those that they never will.

A few steps of plain gradient descent on a part of the batch: which weights get a gradient, and when; which units part.
In double precision, so that no rounding parts what is equal; where a model insists on another type, in that type, and
units are taken for equal up to its rounding.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from fanin.adapters.copies import scaled
from fanin.adapters.torch._weights import Array, distinct_share, units
from fanin.values import Param

_STEPS = 5  # every step lets gradients through one more layer of zeros
_STEP_SIZE = 1e-2
_TOLERANCES = {torch.float64: 1e-6, torch.float32: 1e-4}
_COARSE = 3e-2

Gradients = Callable[[], Mapping[str, Tensor | None]]


@dataclass(frozen=True, slots=True)
class Unlocked:
    """By name of the weight.

    Attributes:
        steps: after which the gradient is not exactly 0; infinite for never; absent if autograd never reaches it.
        distinct: share of distinct units after the last step.
    """

    steps: Mapping[str, float]
    distinct: Mapping[str, float]


def replace_numbers(model: nn.Module, dtype: torch.dtype) -> None:
    """Puts all numbers of a model in memory of their own, of this type, inside a guard."""
    for parameter in model.parameters():
        if parameter.is_floating_point():
            parameter.data = parameter.data.to(dtype)
    for module in model.modules():
        for name, buffer in module._buffers.items():
            if buffer is not None and buffer.is_floating_point():
                module._buffers[name] = buffer.to(dtype)
    torch.set_default_dtype(dtype)


def unlock(
    parameters: Mapping[str, Tensor], weights: Mapping[str, Param], start: Mapping[str, Array], gradients: Gradients
) -> Unlocked:
    """Descends until no step unlocks a weight or parts a unit, at most five times. Changes the parameters.

    Args:
        parameters: all that are trained, by name.
        weights: those whose units are counted, by name.
        start: what told their units apart before, (copies, units, values).
        gradients: of all parameters, as they are at that moment; None where autograd reaches none.
    """
    first = {name: units(parameters[name], param) for name, param in weights.items()}
    tolerance = min(_TOLERANCES.get(parameters[name].dtype, _COARSE) for name in weights) if weights else 0.0
    steps: dict[str, float] = {}
    distinct: dict[str, float] = {}
    for step in range(_STEPS):
        before = (_open(steps), distinct)
        for name, opens in _descend(parameters, gradients()).items():
            steps[name] = min(steps.get(name, math.inf), float(step) if opens else math.inf)
        distinct = {
            name: _parted(start[name], units(parameters[name], param) - first[name], tolerance)
            for name, param in weights.items()
        }
        is_done = len(_open(steps)) == len(steps) and all(share == 1 for share in distinct.values())
        if is_done or (step > 0 and before == (_open(steps), distinct)):
            break
    return Unlocked(steps, distinct)


def _open(steps: Mapping[str, float]) -> set[str]:
    return {name for name, step in steps.items() if math.isfinite(step)}


def _parted(start: Array, moved: Array, tolerance: float) -> float:
    """Units are told by where they started and how they moved."""
    both = np.stack([np.hstack([scaled(a), scaled(b)]) for a, b in zip(start, moved, strict=True)])
    return distinct_share(both, tolerance)


def _descend(parameters: Mapping[str, Tensor], found: Mapping[str, Tensor | None]) -> dict[str, bool]:
    """One step, each tensor's of its own length, so that no gradient is too small to move it; rounding moves none.

    Returns whether each gradient that there is has an entry that isn't 0.
    """
    gradients = {name: gradient for name, gradient in found.items() if gradient is not None}
    largest = {name: float(gradient.abs().max()) for name, gradient in gradients.items() if gradient.numel()}
    known = [size for size in largest.values() if math.isfinite(size)]
    negligible = 1e-6 * torch.finfo(torch.float32).eps * max(known, default=0.0)
    with torch.no_grad():
        for name, size in largest.items():
            weight = parameters[name]
            if negligible < size < math.inf:
                inputs = weight.numel() / max(len(weight), 1) if weight.ndim else 1
                length = float(weight.double().square().mean().sqrt()) + 1 / math.sqrt(inputs)
                weight.sub_(gradients[name].to(weight.dtype), alpha=_STEP_SIZE * length / size)
    return {name: bool(torch.count_nonzero(gradient)) for name, gradient in gradients.items()}
