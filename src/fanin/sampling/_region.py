"""Which elements of a tensor are wanted: a slice of its storage, seen in canonical order."""

import math
from dataclasses import dataclass, replace
from operator import index as whole

import numpy as np
from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.values import Param

Index = tuple[slice | int, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """Along each canonical axis: the elements first, first + step, ..., `count` of them, out of `size`.

    Attributes:
        sizes: the whole tensor.
        first, step, count: the elements wanted.
        order: the storage axis of each canonical axis.
        kept: whether each *storage* axis stays in the result (a slice) or goes (an int).
    """

    sizes: tuple[int, ...]
    first: tuple[int, ...]
    step: tuple[int, ...]
    count: tuple[int, ...]
    order: tuple[int, ...]
    kept: tuple[bool, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the result, as NumPy's basic indexing gives it."""
        by_storage = dict(zip(self.order, self.count, strict=True))
        return tuple(by_storage[axis] for axis, kept in enumerate(self.kept) if kept)

    @property
    def strides(self) -> tuple[int, ...]:
        """Distance in canonical element numbers between neighbours along each axis of the whole tensor."""
        return tuple(math.prod(self.sizes[axis + 1 :]) for axis in range(len(self.sizes)))

    @property
    def start(self) -> int:
        """Canonical number of the first element."""
        return sum(first * stride for first, stride in zip(self.first, self.strides, strict=True))

    @property
    def moves(self) -> tuple[int, ...]:
        """Distance in canonical element numbers between neighbours along each axis of the region."""
        return tuple(step * stride for step, stride in zip(self.step, self.strides, strict=True))

    def canonical(self, out: NDArray[np.generic]) -> NDArray[np.generic]:
        """The view of a result array of `shape` that has every canonical axis, in order."""
        full = out[(*(slice(None) if kept else np.newaxis for kept in self.kept), ...)]  # ...: a view even of 0 axes
        return full.transpose(self.order)

    def part(self, index: tuple[slice, ...]) -> "Region":
        """The region of `result[index]`, one slice for each axis of a result of this region's `shape`."""
        kept = [axis for axis, is_kept in enumerate(self.kept) if is_kept]
        slices = dict(zip(kept, index, strict=True))
        ranges = [
            range(count)[slices.get(axis, slice(None))] for axis, count in zip(self.order, self.count, strict=True)
        ]
        return replace(
            self,
            first=tuple(f + s * r.start for f, s, r in zip(self.first, self.step, ranges, strict=True)),
            step=tuple(s * r.step for s, r in zip(self.step, ranges, strict=True)),
            count=tuple(len(r) for r in ranges),
        )


def region(param: Param, index: Index | None) -> Region:
    """The region that `array[index]` is, for an array of the parameter's storage shape.

    Raises:
        InputError: too many indices, out of bounds, or neither int nor slice.
    """
    items = () if index is None else index if isinstance(index, tuple) else (index,)
    if len(items) > len(param.shape):
        raise InputError(f"{param.path!r} has shape {param.shape}; index {index} has {len(items)} entries")
    items += (slice(None),) * (len(param.shape) - len(items))
    ranges = [_range(param, axis, item) for axis, item in enumerate(items)]
    order = param.canonical_axes
    return Region(
        sizes=tuple(param.shape[axis] for axis in order),
        first=tuple(ranges[axis].start for axis in order),
        step=tuple(ranges[axis].step for axis in order),
        count=tuple(len(ranges[axis]) for axis in order),
        order=order,
        kept=tuple(isinstance(item, slice) for item in items),
    )


def _range(param: Param, axis: int, item: slice | int) -> range:
    size = param.shape[axis]
    try:
        if isinstance(item, slice):
            return range(*item.indices(size))
        position = whole(item)
    except (TypeError, ValueError) as error:
        raise InputError(f"index {item!r} of axis {axis} is neither a whole number nor a slice ({error})") from None
    if isinstance(item, (bool, np.bool_)) or not -size <= position < size:
        raise InputError(f"index {item!r} is out of bounds for axis {axis} of {param.path!r}, which has size {size}")
    return range(position % size, position % size + 1)
