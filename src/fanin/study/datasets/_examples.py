"""Examples of any shape for a network in code, from whatever people have."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.study.datasets._archive import arrays
from fanin.study.datasets._dataset import Dataset, scaled

Array = NDArray[Any]

_TEST_SHARE = 1 / 6
_PARTS = ("x_train", "y_train", "x_test", "y_test")
_MOST = "x and y; x_train, y_train, x_test and y_test (and x_validation, y_validation); or loaders of (x, y)"


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Inputs and targets, split; each (examples, ...).

    Attributes:
        name: with a hash of the content, so that changed data are other data for a store.
        x_validation, y_validation: None if a part of the training examples is to be held out.
        source: where they come from, in words.
    """

    name: str
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    source: str
    x_validation: Array | None = None
    y_validation: Array | None = None

    @property
    def classes(self) -> int | None:
        """How many classes the targets count; None if they are no class numbers."""
        if self.y_train.dtype.kind not in "iub":
            return None
        return 1 + int(max(self.y_train.max(), self.y_test.max()))

    def first(self, count: int | None) -> "Examples":
        """The same with at most so many training examples."""
        return replace(self, x_train=self.x_train[:count], y_train=self.y_train[:count])

    def held_out(self, count: int) -> "Examples":
        """The same with the last of the training examples for validation, unless there are some already."""
        if self.x_validation is not None or not count:
            return self
        (x, y), n = (self.x_train, self.y_train), len(self.x_train) - count
        return replace(self, x_train=x[:n], y_train=y[:n], x_validation=x[n:], y_validation=y[n:])


def examples(data: Any, source: str = "given as arrays") -> Examples:
    """Examples from arrays, tensors, a mapping, loaders, or a data set of fanin's.

    Args:
        data: (x, y), whose last sixth is the test part; (x_train, y_train, x_test, y_test); a mapping of these names;
            an iterable of batches (x, y), read once into memory, or two: for training and for testing; a `Dataset`.

    Raises:
        InputError: anything else, parts that do not belong together, values that are not finite.
    """
    if isinstance(data, Dataset):
        parts = {
            "x_train": scaled(data.x_train, "float32"),
            "y_train": data.y_train,
            "x_test": scaled(data.x_test, "float32"),
            "y_test": data.y_test,
        }
        return Examples(data.name, source=data.source, **parts)
    found = {name: _verified(name, part) for name, part in _parts(data).items()}
    for x, y in (("x_train", "y_train"), ("x_test", "y_test"), ("x_validation", "y_validation")):
        if (x in found) != (y in found) or (x in found and len(found[x]) != len(found[y])):
            raise InputError(f"{source}: {x} and {y} must both be there, with as many examples")
    digest = hashlib.sha256(b"".join(name.encode() + part.tobytes() for name, part in sorted(found.items())))
    return Examples(f"{Path(source).name}#{digest.hexdigest()[:8]}", source=source, **found)


def read_examples(path: Path) -> Examples:
    """Examples from an .npz file."""
    return examples(arrays(path), str(path))


def _parts(data: Any) -> dict[str, Any]:
    if isinstance(data, Mapping):
        named = {str(name): value for name, value in data.items()}
        if {"x", "y"} <= named.keys():
            return _split(named["x"], named["y"])
        if not set(_PARTS) <= named.keys():
            raise InputError(f"the data hold {', '.join(named) or 'nothing'}; expected {_MOST}")
        return {name: named[name] for name in (*_PARTS, "x_validation", "y_validation") if name in named}
    if isinstance(data, (tuple, list)):
        if len(data) == 4:
            return dict(zip(_PARTS, data, strict=True))
        if len(data) == 2 and all(_is_array(part) for part in data):
            return _split(*data)
        if len(data) == 2 and all(hasattr(part, "__iter__") for part in data):
            train, test = (_loaded(part) for part in data)
            return dict(zip(_PARTS, (*train, *test), strict=True))
    elif hasattr(data, "__iter__") and not _is_array(data):
        return _split(*_loaded(data))
    raise InputError(f"the data are a {type(data).__name__}; expected {_MOST}")


def _is_array(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _split(x: Any, y: Any) -> dict[str, Any]:
    x, y = _array(x), _array(y)
    if min(x.ndim, y.ndim) < 1 or len(x) != len(y) or len(x) < 2:
        raise InputError(f"x {x.shape} and y {y.shape}; expected at least 2 examples, one target each")
    n = len(x) - max(1, round(_TEST_SHARE * len(x)))
    return dict(zip(_PARTS, (x[:n], y[:n], x[n:], y[n:]), strict=True))


def _loaded(loader: Any) -> tuple[Array, Array]:
    """All batches of a loader, put together."""
    batches = [batch for batch in loader]  # noqa: C416  a loader's len is no promise
    if not batches or not all(isinstance(batch, (tuple, list)) and len(batch) == 2 for batch in batches):
        raise InputError(f"a {type(loader).__name__} gave no batches of (x, y); expected {_MOST}")
    x, y = (np.concatenate([_array(batch[i]) for batch in batches]) for i in (0, 1))
    return x, y


def _array(value: Any) -> Array:
    """An array or a tensor as an array."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value)


def _verified(name: str, value: Any) -> Array:
    found = _array(value)
    if found.dtype.kind not in "fiub" or not found.ndim or not found.size:
        raise InputError(
            f"{name} has type {found.dtype} and shape {found.shape}; expected numbers, at least one example"
        )
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        raise InputError(f"{name} holds {int((~np.isfinite(found)).sum())} NaN or infinite values; clean them first")
    return np.ascontiguousarray(found)
