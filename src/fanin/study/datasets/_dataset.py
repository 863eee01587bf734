"""Examples with labels, split into a training and a test part."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fanin.errors import InputError

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Inputs (n, features) as uint8 pixels or floats, and labels (n,) in 0 .. classes-1.

    Raises:
        InputError: parts that do not belong together, labels out of range, values that are not finite.
    """

    name: str
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    classes: int
    source: str

    def __post_init__(self) -> None:
        _verify(f"{self.source}: training part", self.x_train, self.y_train, self.classes)
        _verify(f"{self.source}: test part", self.x_test, self.y_test, self.classes)
        if self.x_train.shape[1] != self.x_test.shape[1]:
            raise InputError(
                f"{self.source}: {self.x_train.shape[1]} features in the training part and "
                f"{self.x_test.shape[1]} in the test part; they must be equal"
            )
        examples = len(self.x_train) + len(self.x_test)
        if self.classes > examples:
            raise InputError(
                f"{self.source}: {self.classes} classes for {examples} examples; expected labels 0 to k-1, "
                "with k at most the number of examples"
            )


def scaled(x: Array, dtype: DTypeLike) -> Array:
    """Pixels as floats in [0, 1]: uint8 is divided by 255, floats are taken as they are."""
    if x.dtype == np.uint8:
        return np.multiply(x, 1 / 255, dtype=np.float32 if np.dtype(dtype) == np.uint8 else dtype)
    return x.astype(dtype)


def one_hot(labels: Array, classes: int, dtype: DTypeLike) -> Array:
    """Targets (n, classes): 1 at the label, 0 elsewhere.

    >>> one_hot(np.array([1, 0]), 3, int).tolist()
    [[0, 1, 0], [1, 0, 0]]
    """
    targets = np.zeros((len(labels), classes), dtype)
    targets[np.arange(len(labels)), labels] = 1
    return targets


def _verify(what: str, x: Array, y: Array, classes: int) -> None:
    if x.ndim != 2 or not x.size:
        raise InputError(f"{what}: inputs have shape {x.shape}; expected (examples, features), none of them 0")
    if y.shape != x.shape[:1]:
        raise InputError(f"{what}: {x.shape[0]} inputs but labels of shape {y.shape}; expected one label per input")
    if x.dtype != np.uint8 and not (np.issubdtype(x.dtype, np.floating) and np.all(np.isfinite(x))):
        raise InputError(f"{what}: inputs must be uint8 pixels or finite floats, got {x.dtype} or a value not finite")
    if not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() >= classes:
        raise InputError(f"{what}: labels must be whole numbers from 0 to {classes - 1}")
