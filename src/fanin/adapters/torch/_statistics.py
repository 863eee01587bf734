"""Rows of a trace from tensors as they pass, none kept: a bounded sample of each is reduced at once.

The sample takes evenly spaced samples, positions and units, 32,768 entries at most: of vectors 128 samples of 256
units; of maps and tokens 64 samples at four positions (more, if the samples are fewer) of 128 units. Only `dead` looks
at every entry, since one that is not off decides.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.graph import GradientEdge, get_gradient_edge

from fanin.adapters.rows import dead_row, feature_rows, gradient_row, input_rows, level_rows, slope_rows
from fanin.errors import FaninError
from fanin.values import Activation, Node, Row
from fanin.values.activation import activation

Array = NDArray[Any]

_ENTRIES, _ROWS = 2**15, 128
_SAMPLES, _POSITIONS = 64, 4  # where there are positions
_FEATURES = 2**15
_CHANNELS_FIRST = frozenset({"conv", "conv_transposed", "batch_norm", "group_norm", "instance_norm"})
_CHANNELS_LAST = frozenset({"dense", "embedding", "layer_norm", "rms_norm", "recurrent"})


class Recorder:
    """Watches a traced forward pass, and the backward passes after it; the rows are those of the nodes met.

    Attributes:
        ends: of each node, where a gradient enters it after its activation, and the shape there.
        samples: size of the batch.
    """

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.ends: dict[str, tuple[GradientEdge, Tensor]] = {}
        self._listens = False
        self._axes: dict[str, tuple[int, int]] = {}
        self._outputs: dict[str, tuple[int, Array]] = {}
        self._activated: dict[str, tuple[Row, ...]] = {}
        self._backward: dict[str, Row] = {}

    def output(self, node: Node, z: Tensor) -> None:
        """A node has computed its output; an expert that no sample chose gives none."""
        if not z.numel():
            return
        axis = self._axis(node, z)
        self._axes[node.name] = z.ndim, axis
        self._outputs[node.name] = z.numel(), sample(z, axis, self.samples)
        if z.requires_grad:
            z.register_hook(  # type: ignore[no-untyped-call]
                lambda gradient: self._gradient(node.name, gradient)
            )
            self._end(node.name, z)

    def activated(self, node: Node, name: str, z: Tensor, a: Tensor) -> None:
        """The activation that takes its output has been applied; `z` may be overwritten by now."""
        if node.name in self._outputs:
            self._activated[node.name] = tuple(self._after(node.name, name, a))
            if a.requires_grad:
                self._end(node.name, a)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Gradients that pass meanwhile are written down."""
        self._listens = True
        yield
        self._listens = False

    def rows(self) -> Iterator[Row]:
        """All rows, forward and backward."""
        for name, (entries, values) in self._outputs.items():
            yield Row(name, "forward", "size", entries / max(self.samples, 1))
            z = values.astype(np.float64)
            yield from self._activated.get(name) or level_rows(name, z, z)
        yield from self._backward.values()

    def recurrent_rows(self, name: str, phi: Activation) -> Iterator[Row]:
        """Of a plain recurrent layer, whose output is after its activation: where on its curve that works."""
        a = self._outputs[name][1].astype(np.float64)
        if phi.name == "tanh" and np.all(np.isfinite(a)):
            yield from slope_rows(name, np.arctanh(np.clip(a, -1 + 1e-12, 1 - 1e-12)), a, phi)

    def _after(self, node: str, name: str, a: Tensor) -> Iterator[Row]:
        ndim, axis = self._axes[node]
        axis = axis if a.ndim == ndim else -1
        z = self._outputs[node][1].astype(np.float64)
        after = sample(a, axis, self.samples).astype(np.float64)
        yield from level_rows(node, z, after)
        phi = _known(name)
        if phi is not None and after.shape == z.shape and np.all(np.isfinite(z)):
            yield from slope_rows(node, z, after, phi)
            yield dead_row(node, _off(a, axis) if phi.dies else np.zeros(a.shape[axis]))

    def _gradient(self, name: str, gradient: Tensor) -> None:
        """The rms is that of all entries: where one token alone is read, four positions may all have none."""
        if self._listens:
            values = sample(gradient, self._axes[name][1], self.samples).astype(np.float64)
            sampled = gradient_row(name, values)
            rms = float(torch.linalg.vector_norm(gradient, dtype=_wide(gradient))) / math.sqrt(gradient.numel())
            stderr = rms * sampled.stderr / sampled.value if sampled.value > 0 else rms
            self._backward[name] = replace(sampled, value=rms, stderr=stderr)

    def _end(self, name: str, tensor: Tensor) -> None:
        self.ends[name] = get_gradient_edge(tensor), tensor.new_empty(()).expand(tensor.shape)

    def _axis(self, node: Node, z: Tensor) -> int:
        """Which axis counts the units: by the operation, or as the first input has it."""
        if node.op in _CHANNELS_FIRST and z.ndim > 1:
            return 1
        if node.op not in _CHANNELS_LAST:
            for name in node.inputs:
                ndim, axis = self._axes.get(name, (0, 0))
                if ndim == z.ndim:
                    return axis
            return 1 if z.ndim > 3 else -1
        return -1


def _wide(values: Tensor) -> torch.dtype:
    """So many digits that squares neither overflow nor vanish."""
    return torch.complex128 if values.is_complex() else torch.float64


def sample(values: Tensor, axis: int, samples: int) -> Array:
    """Some entries of a tensor as (samples, positions, units), or (samples, units) if it has no positions; float32."""
    values = _arranged(values.detach(), axis, samples)
    middle = values.shape[1:-1]
    count = min(len(values), _SAMPLES if middle else _ROWS)
    counts = [count, *_spread(middle, max(_POSITIONS, _ROWS // max(count, 1)))]
    counts.append(min(values.shape[-1], _ENTRIES // max(math.prod(counts), 1)))
    picked = real(values[_grid(values.shape, counts, values.device)])
    array = picked.float().cpu().numpy()
    return np.asarray(array.reshape(len(array), -1, array.shape[-1]) if middle else array)


def real(values: Tensor) -> Tensor:
    """The same, with the parts of complex numbers side by side along the last axis."""
    return torch.view_as_real(values).flatten(-2) if values.is_complex() and values.ndim else values


def _arranged(values: Tensor, axis: int, samples: int) -> Tensor:
    """As (samples, *positions, units): the batch may be second, or one with the tokens."""
    if values.ndim < 2:
        return values.reshape(-1, 1)
    values = values.movedim(axis, -1)
    if values.ndim > 2 and values.shape[0] != samples == values.shape[1]:
        return values.transpose(0, 1)
    if values.ndim == 2 and samples > 1 and values.shape[0] > samples and values.shape[0] % samples == 0:
        return values.reshape(samples, -1, values.shape[-1])
    return values


def _spread(sizes: tuple[int, ...], budget: int) -> list[int]:
    """How many positions to take along each axis."""
    counts = []
    for left in range(len(sizes), 0, -1):
        size = sizes[-left]
        counts.append(min(size, max(1, round(budget ** (1 / left)))))
        budget //= max(counts[-1], 1)
    return counts


def _grid(shape: torch.Size, counts: list[int], device: torch.device) -> tuple[Tensor, ...]:
    """Evenly spaced indices along each axis, off the borders, to be broadcast."""
    index = []
    for axis, (size, count) in enumerate(zip(shape, counts, strict=True)):
        places = ((torch.arange(count, device=device) + 0.5) * (size / max(count, 1))).long()
        index.append(places.reshape([-1 if other == axis else 1 for other in range(len(shape))]))
    return tuple(index)


def _off(a: Tensor, axis: int) -> Array:
    """Which units give exactly 0 everywhere."""
    axes = [other for other in range(a.ndim) if other != axis % a.ndim]
    off = (a.detach() == 0).movedim(axis, -1).flatten(0, -2).all(0) if axes else a.detach() == 0
    return np.asarray(off.cpu().numpy())


def _known(name: str) -> Activation | None:
    try:
        return activation(name)
    except FaninError:  # softmax, prelu, ...: not of the table
        return None


def batch_rows(x: Tensor) -> Iterator[Row]:
    """Of a batch of numbers, as node `input`; beside its size, the constant features and the greatest."""
    flat = real(x.detach()).reshape(len(x), -1)[:_ROWS]
    stride = -(-flat.shape[1] // _FEATURES)
    flat = flat[:, ::stride]
    values = flat.float().cpu().numpy().astype(np.float64)
    yield from input_rows(values)
    if len(values) > 1:
        yield Row("input", "forward", "dead", float(np.mean(np.ptp(values, axis=0) == 0)))
        yield from feature_rows(values, stride)


def extremes(name: str, values: Tensor) -> Iterator[Row]:
    """Least and greatest entry, mean and std."""
    numbers = real(values.detach()).double()
    if numbers.numel():
        mean = float(numbers.mean())
        yield Row(name, "forward", "min", float(numbers.min()))
        yield Row(name, "forward", "max", float(numbers.max()))
        yield Row(name, "forward", "mean", mean)
        yield Row(name, "forward", "std", float(numbers.std(correction=0)))
