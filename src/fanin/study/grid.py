"""What a study varies, as trials: cells of settings, times seeds, times inits, times learning rates."""

import contextlib
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, SupportsIndex, TypeVar, cast, get_args

from fanin.errors import InputError, UnknownName
from fanin.study.cell import AXES, Value
from fanin.study.work import Settings, Work
from fanin.values import Trial, activation
from fanin.values.trial import Optimizer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grid:
    """What is varied.

    Attributes:
        inits: the arms of each cell.
        rates: learning rates; empty for the usual one.
        cells: combinations of depth, width, activation and optimizer; of the axes that were asked for.
        seeds: paired over all arms: those of a seed share biases, the order of the data and the bits of the weights.
    """

    inits: tuple[str, ...]
    rates: tuple[float, ...]
    cells: tuple[dict[str, Value], ...]
    seeds: range


def grid(
    *,
    inits: Sequence[str],
    gain: Any = None,
    lr: Any = None,
    seeds: int = 3,
    seed: int = 0,
    **axes: Any,
) -> Grid:
    """A grid from what a person gives: one value, or several of each.

    Args:
        inits: schemes as typed.
        gain: factors; each init becomes one arm per factor, `2*he_normal`.
        lr: learning rates.
        seeds, seed: how many, and the first of them.
        axes: depth, width, activation, optimizer; None leaves it to the preset.

    Raises:
        FaninError: a number out of range, an unknown name, anything named twice.
    """
    inits = _factors(tuple(inits), several("gain", gain, _positive))
    if not inits or len(set(inits)) < len(inits):
        raise InputError(f"inits {list(inits)}: name at least one, each once")
    values = {axis: several(axis, axes.get(axis), _READ[axis]) for axis in AXES}
    asked = {axis: found for axis, found in values.items() if found}
    first = whole("seed", seed, 0, math.inf)
    return Grid(
        inits,
        several("lr", lr, _positive),
        tuple(dict(zip(asked, cell, strict=True)) for cell in product(*asked.values())),
        range(first, first + whole("seeds", seeds)),
    )


def trials(work: Work, found: Grid, settings: Settings) -> tuple[Trial, ...]:
    """All trials of a grid, ordered by cell, seed, init and rate.

    Raises:
        FaninError: an init that is not understood, or settings that the network does not have.
    """
    for init in found.inits:
        work.verify(init)
    settings = replace(settings, hold_out=settings.hold_out or len(found.rates) > 1)
    bases = [work.base(cell, settings) for cell in found.cells]
    return tuple(
        replace(base, seed=seed, init=init, lr=lr)
        for base in bases
        for seed in found.seeds
        for init in found.inits
        for lr in found.rates or (base.lr,)
    )


def several(name: str, given: Any, read: Callable[[str, Any], T]) -> tuple[T, ...]:
    """One value or several as several, each once; none for None.

    Raises:
        InputError: none at all, or one twice.
    """
    if given is None:
        return ()
    values = given if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    found = tuple(read(name, value) for value in values)
    if not found or len(set(found)) < len(found):
        raise InputError(f"{name} {list(found)}: give at least one value, each once")
    return found


def whole(name: str, value: SupportsIndex, least: int = 1, most: float = 1_000_000) -> int:
    """A value of any type of whole numbers, NumPy's among them, as an int.

    Raises:
        InputError: another type, or out of range.
    """
    with contextlib.suppress(TypeError):
        number = operator.index(value)
        if least <= number <= most and not isinstance(value, bool):
            return number
    raise InputError(f"{name} is {value!r}; expected a whole number from {least} to {most}")


def _factors(inits: tuple[str, ...], gains: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{gain:g}*{init}" for init in inits for gain in gains) if gains else inits


def _positive(name: str, value: Any) -> float:
    with contextlib.suppress(TypeError, ValueError):
        number = float(value) if not isinstance(value, (bool, str)) else math.nan
        if 0 < number < math.inf:
            return number
    raise InputError(f"{name} is {value!r}; expected a finite number above 0")


def _activation(name: str, value: Any) -> str:
    return activation(value).name


def _optimizer(name: str, value: Any) -> str:
    known = get_args(Optimizer)
    if value not in known:
        raise UnknownName(name, str(value), known)
    return cast(str, value)


_READ: Mapping[str, Callable[[str, Any], Any]] = {
    "depth": lambda name, value: whole(name, value, 0, 1000),
    "width": lambda name, value: whole(name, value, 1, 100_000),
    "activation": _activation,
    "optimizer": _optimizer,
}
