"""Which of the arrays that someone has is a weight, and which its bias: by place, by name, or by order and shape."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.errors import InputError, a
from fanin.values.param import Layout

Array = NDArray[Any]

_LEAF = re.compile(r"(?:(?P<stem>.*?)[._/]?)(?P<leaf>weights?|kernel|bias(?:es)?|[wWbB])(?P<number>_?\d+)?$")


@dataclass(frozen=True, slots=True)
class Layer:
    """A weight as stored, its bias as a vector (None: zeros), and their names."""

    weight: Array
    bias: Array | None
    name: str
    bias_name: str


def layers_of(model: Any, layout: Layout) -> Iterator[Layer]:
    """The layers of a model in any of its forms; whether they fit each other is not asked.

    Raises:
        InputError: not an array of real numbers, or a bias without a weight.
    """
    if isinstance(model, Mapping):
        yield from _by_name({str(name): _array(name, value) for name, value in model.items()}, layout)
    elif _is_pair(model):
        weights, biases = (list(part) for part in model)
        if len(weights) != len(biases):
            raise InputError(f"got {len(weights)} weights and {len(biases)} biases; give one bias per weight")
        for i, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            vector = _vector(f"{i}.bias", _array(f"{i}.bias", bias))
            yield Layer(_matrix(f"{i}.weight", _array(f"{i}.weight", weight)), vector, f"{i}.weight", f"{i}.bias")
    elif isinstance(model, Sequence) and not isinstance(model, (str, bytes)):
        yield from _in_order({str(i): _array(i, value) for i, value in enumerate(model)}, layout, named=False)
    else:
        raise InputError(
            f"got {a(type(model).__name__)}; expected (weights, biases), arrays in order, or names to arrays"
        )


def _is_pair(model: Any) -> bool:
    """(weights, biases), each a sequence of arrays, and not two arrays in order."""
    is_two = isinstance(model, (tuple, list)) and len(model) == 2
    return is_two and all(isinstance(part, (tuple, list)) for part in model)


def _array(name: object, value: Any) -> Array:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; tensors that live elsewhere
        raise InputError(f"{name!r} is no array: {error}") from None
    if array.dtype.kind not in "fiu" or not 1 <= array.ndim <= 2 or 0 in array.shape:
        raise InputError(
            f"array {name!r} has shape {array.shape} and type {array.dtype}; "
            "expected real numbers in a matrix (a dense weight) or a vector (its bias)"
        )
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def _matrix(name: str, array: Array) -> Array:
    if array.ndim != 2:
        raise InputError(f"weight {name!r} has shape {array.shape}; expected a matrix")
    return array


def _vector(name: str, array: Array) -> Array:
    if array.ndim == 2 and 1 not in array.shape:
        raise InputError(f"bias {name!r} has shape {array.shape}; expected a vector, a column or a row")
    return array.reshape(-1)


def _by_name(arrays: Mapping[str, Array], layout: Layout) -> Iterator[Layer]:
    """Weights and biases joined by the stem of their names; if some have none, all in the order of their numbers."""
    found = {name: _LEAF.fullmatch(name) for name in arrays}
    groups: dict[str, dict[str, str]] = {}
    for name, match in found.items():
        if match is None:
            yield from _in_order(dict(sorted(arrays.items(), key=_number)), layout, named=True)
            return
        kind = "bias" if match["leaf"].lower().startswith("b") else "weight"
        groups.setdefault(f"{match['stem']}{match['number'] or ''}", {})[kind] = name
    if all(re.search(r"\d", stem) for stem in groups):
        groups = dict(sorted(groups.items(), key=_number))
    for stem, names in groups.items():
        if "weight" not in names:
            raise InputError(f"bias {names['bias']!r} has no weight beside it")
        bias = names.get("bias")
        yield Layer(
            _matrix(names["weight"], arrays[names["weight"]]),
            None if bias is None else _vector(bias, arrays[bias]),
            names["weight"],
            bias or f"{stem}.bias",
        )


def _number(item: tuple[str, Any]) -> tuple[int, ...]:
    """Sorts names by the numbers in them; names without one keep their order."""
    return tuple(map(int, re.findall(r"\d+", item[0])))


def _in_order(arrays: Mapping[str, Array], layout: Layout, *, named: bool) -> Iterator[Layer]:
    items = list(arrays.items())
    i = count = 0
    shapes = {1}  # axes of length 1 of biases: columns are, until a weight has none; rows, once one was
    while i < len(items):
        name, weight = items[i]
        if weight.ndim != 2:
            raise InputError(f"array {name!r} of shape {weight.shape} is a vector without a weight before it")
        out = weight.shape[0 if layout == "oi" else 1]
        follower = items[i + 1] if i + 1 < len(items) else None
        after = items[i + 2][1] if i + 2 < len(items) else None
        bias = follower if follower and _is_bias(follower[1], out, after, layout, shapes) else None
        if bias and bias[1].ndim == 2:
            shapes.add(bias[1].shape.index(1))
        elif not bias:
            shapes.discard(1)
        yield Layer(
            weight,
            bias[1].reshape(-1) if bias else None,
            name if named else f"{count}.weight",
            bias[0] if named and bias else f"{name}.bias" if named else f"{count}.bias",
        )
        i, count = i + (2 if bias else 1), count + 1


def _is_bias(array: Array, out: int, after: Array | None, layout: Layout, shapes: set[int]) -> bool:
    """A vector is, and a column or row of the right length, unless it can be the next weight, that of a single unit.

    Then it's told by the weight after it, or by the shape of the biases so far: `shapes` are those taken for biases.
    """
    if array.ndim == 1 or array.shape == (1, 1):
        return array.ndim == 1 or out == 1
    if 1 not in array.shape or array.size != out:
        return False
    can_be_weight = array.shape[0 if layout == "oi" else 1] == 1  # it takes `out` inputs and gives one output
    follows = after is not None and after.ndim == 2 and out in after.shape
    return not can_be_weight or follows or array.shape.index(1) in shapes
