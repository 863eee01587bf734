"""Whether models of one shape can be trained as one, such that each gets the numbers that it has in any company."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from fanin.adapters.torch._lesson import Lesson
from fanin.adapters.torch._stack import Stack
from fanin.errors import FaninError, place

T = TypeVar("T")

STACK, FEWEST = 32, 8
"""Models of a stack at most; and so many it must be able to hold, or little is gained."""

_WEIGHTS = 4_000_000  # of a stack; larger products keep the processor busy by themselves
_CUTS = (0, 2, 5)  # two stacks that must give what one of all five gives


@dataclass(frozen=True, slots=True)
class Company:
    """How many models train together at most, and why not more than one; an empty text if more can.

    Attributes:
        least: a stack of fewer is filled up with copies. Where a group has one member, an operation may take another
            way to other bits; and on a GPU, libraries choose their ways by the size of the whole.
    """

    most: int
    reason: str = ""
    least: int = 2


def company(model: nn.Module, found: Lesson, optimizer: str, batch: int) -> Company:
    """Whether copies of a model can be trained together, found out by two steps of some on batches of this size.

    The answer depends on the model's shape and not on its weights: those of the copies are moved at random.
    """
    weights = sum(parameter.numel() for parameter in model.parameters())
    if weights * FEWEST > _WEIGHTS:
        return Company(1, f"{weights:,} weights keep the processor busy without company")
    most = min(STACK, _WEIGHTS // max(1, weights))
    least = 2 if all(parameter.device.type == "cpu" for parameter in model.parameters()) else most
    models = [_moved(model, i) for i in range(_CUTS[-1])]
    try:
        whole = _trained(models, found, optimizer, batch, least, 0)
        parts = [_trained(models[i:end], found, optimizer, batch, least, i) for i, end in pairwise(_CUTS)]
    except FaninError:
        raise
    except Exception as error:  # noqa: BLE001  models do anything; what can't be stacked is trained one by one
        text = str(error).strip().splitlines()
        return Company(1, f"the models can't be stacked ({type(error).__name__}: {text[0] if text else place(error)})")
    if not all(_same(one, torch.cat(cut)) for one, *cut in zip(whole, *parts, strict=True)):
        return Company(1, "in a stack the last bits of each model would depend on the others")
    return Company(most, least=least)


def _same(one: Tensor, other: Tensor) -> bool:
    """NaN is like NaN: weights that are none are for the doctor to tell."""
    return torch.equal(torch.nan_to_num(one, nan=0.5), torch.nan_to_num(other, nan=0.5))


def filled(items: Sequence[T], least: int) -> list[T]:
    """At least so many, the same again and again; of none, none."""
    return [items[i % len(items)] for i in range(max(len(items), least))] if items else []


def _moved(model: nn.Module, number: int) -> nn.Module:
    """A copy with other weights."""
    made, random = copy.deepcopy(model), torch.Generator().manual_seed(number)
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.is_floating_point():
                noise = torch.randn(parameter.shape, generator=random, dtype=parameter.dtype)
                parameter.add_(noise.to(parameter.device), alpha=0.1)
    return made


def _trained(
    models: Sequence[nn.Module], found: Lesson, optimizer: str, batch: int, least: int, first: int
) -> list[Tensor]:
    """Everything that two steps change or tell, each model on examples of its own; `first` counts the models before."""
    part, numbers = found.parts["train"], filled(range(len(models)), least)
    stack = Stack([copy.deepcopy(models[i]) for i in numbers], [0.01] * len(numbers), optimizer, found.cost)
    before = _attributes(stack)
    for step in range(2):
        rows = torch.arange(min(batch, len(part))) + (first + torch.tensor(numbers) + 5 * step)[:, None]
        stack.step(part.x[rows % len(part)], part.y[rows % len(part)])
    told = [stack.measure(function, part.x, part.y) for function in (found.cost, found.right) if function is not None]
    gradients = stack.gradients(part.x, part.y)
    if _attributes(stack) != before:
        raise RuntimeError("the model notes down that it was called, and a stack calls it once for all")
    return [tensor[: len(models)] for tensor in (*stack.parameters.values(), *gradients.values(), *told)]


def _attributes(stack: Stack) -> list[Any]:
    """Plain values that the modules hold, such as a count of calls."""
    return [
        (key, value)
        for module in stack.model.modules()
        for key, value in vars(module).items()
        if key != "training" and isinstance(value, (int, float, str))
    ]
