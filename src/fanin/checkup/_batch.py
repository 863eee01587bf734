"""The data of a visit: what was given, verified, or a standard-normal batch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin import sampling
from fanin.adapters.numpy import Network
from fanin.errors import InputError
from fanin.sampling import Stream
from fanin.values import Law, Param

Array = NDArray[Any]

_SAMPLES = 256


def read_batch(batch: Any, network: Network, seed: int) -> tuple[Array, Array | None, str]:
    """Inputs, one-hot targets if there are labels, and what to call the data."""
    outputs, features = network.weights[-1].shape[0], network.weights[0].shape[1]
    if batch is None:
        param = Param("x", (_SAMPLES, features), ("batch", "in"))
        x = sampling.draw(Law("normal"), param, Stream(seed, "check/x"), dtype="float64")
        return x, None, f"{_SAMPLES} standard-normal inputs (no data given)"
    is_pair = isinstance(batch, (tuple, list)) and len(batch) == 2 and np.ndim(batch[0]) >= 2
    x, y = batch if is_pair else (batch, None)
    x = _inputs(x, network.weights[0].shape)
    return x, None if y is None else _targets(y, len(x), outputs), f"{len(x)} input{'' if len(x) == 1 else 's'}"


def _inputs(given: Any, first: tuple[int, ...]) -> Array:
    x: Array = np.asarray(given)
    if x.dtype.kind not in "fiub" or x.ndim < 2 or 0 in x.shape:
        raise InputError(f"the data have shape {x.shape} and type {x.dtype}; expected numbers (samples, features)")
    x = x.reshape(len(x), -1)  # images are rows of pixels to a dense layer
    if x.shape[1] != first[1]:
        hint = "; if the weights are stored (in, out), say --layout io" if x.shape[1] == first[0] else ""
        raise InputError(f"the data have {x.shape[1]} features; the first layer takes {first[1]}{hint}")
    if not np.all(np.isfinite(x)):
        raise InputError(f"the data hold {int(np.sum(~np.isfinite(x)))} NaN or infinite values; clean them first")
    return x.astype(np.float64)


def _targets(given: Any, samples: int, outputs: int) -> Array:
    y: Array = np.asarray(given)
    if y.dtype.kind in "fiub" and np.all(np.isfinite(y)) and y.size:
        if y.shape == (samples, outputs):
            return y.astype(np.float64)
        if y.shape in {(samples,), (samples, 1)}:
            column = y.reshape(samples).astype(np.float64)
            if outputs == 1:  # a probability, or a number to regress
                return column[:, None]
            if np.all(column == np.floor(column)) and 0 <= column.min() <= column.max() < outputs:
                return np.eye(outputs)[column.astype(np.intp)]
    raise InputError(
        f"the labels have shape {y.shape} and type {y.dtype}; expected {samples} whole numbers from 0 to "
        f"{outputs - 1}, or targets of shape ({samples}, {outputs})"
    )
