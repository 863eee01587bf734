"""From the arrays of one layer to rows of a trace, each with its standard error.

Arrays are (samples, units), or (samples, positions, units) for tokens and maps. Samples share the weights and units
share the inputs, so neither alone is independent. The standard error of an average over both is that of two-way
clusters: Var(mean per unit)/units + Var(mean per sample)/samples.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.values import Activation, Row

Array = NDArray[Any]

_RANK_SAMPLES = 64  # a rank near 1 is told from few
_FEW = 32
_FLAT = 0.05
_FEWEST = 8  # samples that tell how variances compare
_TINY = 1e-30
_SLOPE_GRID = np.linspace(-20.0, 20.0, 4001)


def input_rows(x: Array) -> Iterator[Row]:
    """Of a batch (samples, features), as layer `input`."""
    yield from _level("input", x)
    yield Row("input", "forward", "zeros", float(np.mean(x == 0)))
    yield Row("input", "forward", "min", float(x.min()))
    yield Row("input", "forward", "max", float(x.max()))
    yield from _between_samples("input", x, x)


def feature_rows(x: Array, stride: int = 1) -> Iterator[Row]:
    """How a batch (samples, features) shares its variance: the largest part, whose it is, and how many features vary.

    Args:
        x: of `stride` features, one.
        stride: 1 if they are all.
    """
    variance = x.var(axis=0)
    total = float(variance.sum())
    if len(x) >= _FEWEST and 0 < total < math.inf:
        yield Row("input", "forward", "feature_share", float(variance.max()) / total)
        yield Row("input", "forward", "feature", float(variance.argmax()) * stride)
        yield Row("input", "forward", "features", float(np.count_nonzero(variance)) * stride)


def forward_rows(name: str, z: Array, a: Array, phi: Activation) -> Iterator[Row]:
    """Of the pre-activations z and activations a of a layer.

    `saturated`, `derivative` and `flat` are given for bounded activations, `dead` for those that are flat on a
    half-line.
    """
    yield from level_rows(name, z, a)
    if np.all(np.isfinite(z)):  # a share of what overflowed says nothing
        yield from slope_rows(name, z, a, phi)
        yield off_row(name, z, phi)


def level_rows(name: str, z: Array, a: Array) -> Iterator[Row]:
    """What any output has, whatever the nonlinearity: sizes, and how samples differ."""
    yield from size_rows(name, z, a)
    if np.all(np.isfinite(z)):
        yield from _between_samples(name, z, a)


def size_rows(name: str, z: Array, a: Array) -> Iterator[Row]:
    """Mean, std and rms of the activations, mean and std of the pre-activations."""
    yield from _level(name, a)
    mean, error = average(z)
    yield Row(name, "forward", "pre_mean", mean, error)
    yield Row(name, "forward", "pre_std", *root_mean_square(z - mean))


def saturated_row(name: str, a: Array, phi: Activation) -> Row:
    """Of the outputs within 1 % of a bound."""
    share, error = average(phi.saturated(a).astype(np.float64)) if phi.saturates else (0.0, 0.0)
    return Row(name, "forward", "saturated", share, error)


def off_row(name: str, z: Array, phi: Activation) -> Row:
    """Of the units whose pre-activations lie on the flat half-line for the whole batch."""
    dead = np.all(phi.derivative(z) == 0, axis=tuple(range(z.ndim - 1))) if phi.dies else np.zeros(z.shape[-1])
    return dead_row(name, dead)


def slope_rows(name: str, z: Array, a: Array, phi: Activation) -> Iterator[Row]:
    """Where on its curve a nonlinearity works."""
    yield saturated_row(name, a, phi)
    if phi.saturates:
        squared, steepest = phi.derivative(z) ** 2, _steepest(phi)
        slope, error = average(squared)
        yield Row(name, "forward", "derivative", slope / steepest, error / steepest)
        yield Row(name, "forward", "flat", *average(squared < _FLAT**2 * steepest))


def dead_row(name: str, dead: Array) -> Row:
    """Of the units that are off for the whole batch, one truth value each."""
    share = float(np.mean(dead))
    return Row(name, "forward", "dead", share, math.sqrt(share * (1 - share) / dead.size))


def kurtosis(values: Array) -> tuple[float, float]:
    """Fourth moment over the squared second, about the mean, of values that vary, and its standard error.

    >>> kurtosis(np.array([-1.0, 1.0]))
    (1.0, 0.0)
    """
    centred = values - values.mean()
    fourth = (centred / np.max(np.abs(centred))) ** 4
    second = float(np.mean((centred / np.max(np.abs(centred))) ** 2)) ** 2
    return float(fourth.mean()) / second, float(fourth.std()) / second / math.sqrt(values.size)


def tiny(values: Array) -> float:
    """Share of entries that memory may hold and no initialization draws: not 0, and below 1e-30."""
    return float(np.mean((values != 0) & (np.abs(values) < _TINY)))


def gradient_row(name: str, delta: Array) -> Row:
    """Of the gradient to the pre-activations."""
    return Row(name, "backward", "gradient", *root_mean_square(delta))


def average(values: Array) -> tuple[float, float]:
    """Mean over samples, positions and units, and its standard error.

    >>> average(np.array([[1.0, 3.0], [1.0, 3.0]]))
    (2.0, 1.0)
    """
    axes = tuple(range(values.ndim))
    per_sample, per_unit = values.mean(axis=axes[1:]), values.mean(axis=axes[:-1])
    variance = float(per_sample.var()) / max(per_sample.size - 1, 1) + float(per_unit.var()) / max(per_unit.size - 1, 1)
    return float(per_sample.mean()), math.sqrt(variance)


def root_mean_square(values: Array) -> tuple[float, float]:
    """sqrt(mean(values²)) without overflow, and its standard error.

    >>> root_mean_square(np.array([[3e200, -3e200]]))
    (3e+200, 0.0)
    """
    largest = float(max(values.max(), -values.min()))
    if largest == 0 or not math.isfinite(largest):
        return largest, 0.0
    scaled = values / largest
    scaled *= scaled
    square, error = average(scaled)
    return largest * math.sqrt(square), largest * error / (2 * math.sqrt(square))


def _level(name: str, a: Array) -> Iterator[Row]:
    mean, error = average(a)
    yield Row(name, "forward", "mean", mean, error)
    yield Row(name, "forward", "std", *root_mean_square(a - mean))
    yield Row(name, "forward", "rms", *root_mean_square(a))


def _between_samples(name: str, z: Array, a: Array) -> Iterator[Row]:
    if len(z) < 2:
        return
    yield Row(name, "forward", "signal", *root_mean_square(a - a.mean(axis=0)))
    spread = _centred(z)
    if spread is not None:
        yield Row(name, "forward", "stable_rank", _stable_rank(spread))
    spread = _centred(a)
    if spread is not None:
        yield Row(name, "forward", "cosine", _mean_cosine(spread))
    if a.ndim == 3 and a.shape[1] > 1:
        yield Row(name, "forward", "token_cosine", _token_cosine(a))


def _centred(values: Array) -> Array | None:
    """Some samples, each entry centred, the largest 1; None if nothing varies. Tokens stand in for too few samples."""
    if values.ndim == 3:
        values = values.reshape(len(values), -1) if len(values) >= _FEW else values.reshape(-1, values.shape[-1])
    rows = values[:: max(1, len(values) // _RANK_SAMPLES)][:_RANK_SAMPLES]
    centred = rows - rows.mean(axis=0)
    largest = np.max(np.abs(centred))
    return np.asarray(centred / largest) if 0 < largest < math.inf else None


def _stable_rank(centred: Array) -> float:
    """Sum of the squared singular values over the largest."""
    gram = centred @ centred.T if len(centred) <= centred.shape[1] else centred.T @ centred
    return float(np.trace(gram) / np.linalg.eigvalsh(gram)[-1])


def _mean_cosine(centred: Array) -> float:
    """Mean size of the cosine of two samples. (Its sign averages to nothing, the samples being centred.)"""
    count = len(centred)
    return float((np.abs(_cosines(centred)).sum() - count) / (count * (count - 1)))


def _token_cosine(a: Array) -> float:
    tokens = a.shape[1]
    return float((_cosines(a).sum(axis=(1, 2)) - tokens).mean() / (tokens * (tokens - 1)))


def _cosines(vectors: Array) -> Array:
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-300)
    return np.asarray(units @ units.swapaxes(-1, -2))


@lru_cache(maxsize=64)
def _steepest(phi: Activation) -> float:
    return float(np.max(phi.derivative(_SLOPE_GRID) ** 2))
