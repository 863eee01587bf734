"""What an adapter says of one tensor, and the only fan arithmetic in the project.

The true forward fan is the number of weights summed into one output element; the true backward fan is the number
of output elements that one input element feeds. Shapes alone do not tell: a fused QKV block, a grouped kernel and
a stack of experts look like a wide layer, a layer and a convolution. So every axis has a name.
"""

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from fanin.errors import InputError
from fanin.values import codec

Axis = Literal["out", "in", "kernel", "batch", "lookup"]
"""out, in: features; kernel: receptive field; batch: independent copies (experts, heads); lookup: rows of a table."""

Role = Literal[
    "weight",
    "recurrent",  # takes the hidden state of the step before
    "bias",
    "embedding",
    "position",  # a table of positions: looked up by the place alone, or added to the signal
    "token",  # a signal itself: a class token, learned queries
    "norm_scale",
    "norm_shift",
    "scalar",  # multiplies a signal entry by entry, as one number or one per feature: ReZero, LayerScale, PReLU's slope
    "length",  # of the rows of a weight-normalised weight
    "state",  # anything else: a recurrence's rate, a first state
]

_CANONICAL: tuple[Axis, ...] = ("batch", "lookup", "out", "in", "kernel")


@dataclass(frozen=True, slots=True)
class Fans:
    """How many weights meet at one output element (in), and at one input element (out)."""

    fan_in: float
    fan_out: float

    @property
    def names(self) -> dict[str, float]:
        """The quantities that a scale formula may use."""
        return {
            "fan_in": self.fan_in,
            "fan_out": self.fan_out,
            "fan_avg": (self.fan_in + self.fan_out) / 2,
            "fan_geo": math.sqrt(self.fan_in * self.fan_out),
        }


@dataclass(frozen=True, slots=True)
class Param:
    """One tensor: where it is, what its axes mean, and what its output meets.

    Attributes:
        path: unique dotted name; the key of its random stream.
        shape: storage shape.
        axes: the meaning of each storage axis.
        role: what the tensor is for.
        groups: number of groups of a grouped operation. The axis that holds all groups is `out`, or `in` if transposed.
        transposed: a transposed convolution.
        stride: product of the strides over all kernel axes.
        blocks: number of layers fused along `out` (3 for QKV, 4 for LSTM gates).
        depth: number of weight layers before this one.
        activation: name of the activation that consumes the output.
        norm_follows: a normalisation layer comes before any nonlinearity.
        residual_follows: the output is added to a residual stream.
        owner: fans of the weight that a bias belongs to.

    Example:
        >>> Param("conv", (64, 3, 7, 7), ("out", "in", "kernel", "kernel")).fans
        Fans(fan_in=147.0, fan_out=3136.0)
    """

    path: str
    shape: tuple[int, ...]
    axes: tuple[Axis, ...]
    role: Role = "weight"
    groups: int = 1
    transposed: bool = False
    stride: int = 1
    blocks: int = 1
    depth: int = 0
    activation: str = "linear"
    norm_follows: bool = False
    residual_follows: bool = False
    owner: Fans | None = None

    def __post_init__(self) -> None:
        if len(self.axes) != len(self.shape):
            raise InputError(
                f"{self.path!r} has shape {self.shape} and {len(self.axes)} named axes; name every axis once"
            )
        try:
            object.__setattr__(self, "shape", tuple(map(operator.index, self.shape)))  # np.int64 is a size too
        except TypeError:
            raise InputError(f"{self.path!r} has shape {self.shape}; sizes are whole numbers >= 0") from None
        if any(size < 0 for size in self.shape):
            raise InputError(f"{self.path!r} has shape {self.shape}; sizes are whole numbers >= 0")
        if min(self.groups, self.stride, self.blocks) < 1:
            raise InputError(f"{self.path!r}: groups, stride and blocks are whole numbers >= 1")
        groups_in, groups_out = (self.groups, 1) if self.transposed else (1, self.groups)
        if self.size("in") % groups_in or self.size("out") % (groups_out * self.blocks):
            raise InputError(
                f"{self.path!r}: {self.shape} does not divide into {self.groups} groups and {self.blocks} blocks"
            )

    def size(self, axis: Axis) -> int:
        """Number of elements along all axes of one name (1 if there is none)."""
        return math.prod(size for size, name in zip(self.shape, self.axes, strict=True) if name == axis)

    @property
    def fans(self) -> Fans:
        """The true fans: dense n_in, n_out; convolution k·in/groups, k·out/groups/stride; transposed the reverse.

        A table that is looked up has fan_in 1. A vector (bias) has the fans of its owner.

        Raises:
            InputError: a vector without an owner.
        """
        if "in" not in self.axes and "lookup" not in self.axes:
            if self.owner is None:
                raise InputError(
                    f"{self.path!r} has shape {self.shape} and no input axis, so it has no fans; "
                    "give it a scheme that needs none, such as zeros"
                )
            return self.owner
        per_group_in = self.size("in") / (self.groups if self.transposed else 1)
        per_group_out = self.size("out") / self.blocks / (1 if self.transposed else self.groups)
        kernel = self.size("kernel")
        stride_in, stride_out = (self.stride, 1) if self.transposed else (1, self.stride)
        return Fans(per_group_in * kernel / stride_in, per_group_out * kernel / stride_out)

    @property
    def names(self) -> dict[str, float]:
        """The quantities that a formula of this parameter may use: its fans, and the sizes of its matrix.

        The matrix is the flattened (out, in·kernel) of one group and one block; `channels` is its in alone. A table
        that is looked up multiplies one-hot vectors, so its rows count as inputs.
        """
        groups_in, groups_out = (self.groups, 1) if self.transposed else (1, self.groups)
        channels = self.size("lookup") * self.size("in") / groups_in
        sizes = {
            "blocks": float(self.blocks),
            "rows": self.size("out") / groups_out / self.blocks,
            "columns": channels * self.size("kernel"),
            "channels": channels,
        }
        has_fans = self.owner is not None or {"in", "lookup"} & set(self.axes)
        return sizes | (self.fans.names if has_fans else {}) | self.shape_fans

    @property
    def shape_fans(self) -> dict[str, float]:
        """The fans that frameworks read off a shape, for reproducing their laws; faults included.

        Each stores the tensor its own way: PyTorch (out, in, *kernel), transposed (in, out, *kernel); Keras
        (*kernel, in, out), transposed (*kernel, out, in), depthwise (*kernel, groups, multiplier); JAX always
        (*kernel, in, out). The fan is then the product of all sizes but one. Groups, stride, blocks and batch axes go
        unseen, and a transposed kernel has its fans swapped, except in JAX. A vector has fans in Keras alone.

        >>> Param("grouped", (64, 8, 3, 3), ("out", "in", "kernel", "kernel"), groups=4).shape_fans["torch_fan_out"]
        576.0
        """
        ends: tuple[Axis, Axis] = ("out", "in") if self.transposed else ("in", "out")
        torch = self._stored("batch", "lookup", *reversed(ends), "kernel")
        keras = self._stored("batch", "kernel", "lookup", *ends)
        jax = self._stored("batch", "kernel", "lookup", "in", "out")
        if self.groups > 1 and self.size("in") == 1 and not self.transposed:
            keras = [*self._stored("batch", "kernel"), self.groups, self.size("out") // self.groups]
        if len(self.shape) < 2:
            return {f"keras_{fan}": float(math.prod(self.shape)) for fan in ("fan_in", "fan_out")}
        return {
            "torch_fan_in": float(math.prod(torch[1:])),
            "torch_fan_out": float(torch[0] * math.prod(torch[2:])),
            "keras_fan_in": float(math.prod(keras[:-1])),
            "keras_fan_out": float(keras[-1] * math.prod(keras[:-2])),
            "jax_fan_in": float(math.prod(jax[:-1])),
            "jax_fan_out": float(jax[-1] * math.prod(jax[:-2])),
        }

    def _stored(self, *order: Axis) -> list[int]:
        """The sizes, by name of axis in this order."""
        return [size for wanted in order for size, name in zip(self.shape, self.axes, strict=True) if name == wanted]

    @property
    def canonical_axes(self) -> tuple[int, ...]:
        """The permutation from storage order to canonical order (batch, lookup, out, in, *kernel).

        `array.transpose(param.canonical_axes)` is canonical: equal for a torch and a Keras tensor of one layer.
        """
        return tuple(sorted(range(len(self.axes)), key=lambda i: (_CANONICAL.index(self.axes[i]), i)))

    def to_json(self) -> dict[str, Any]:
        """The parameter as plain JSON data."""
        return codec.encode(self)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The parameter that `to_json` wrote."""
        return codec.decode(cls, data)


Layout = Literal["oi", "io"]


def dense(path: str, shape: tuple[int, ...], layout: Layout = "oi", **facts: Any) -> Param:
    """A dense weight: (out, in) as PyTorch stores it, or (in, out) as Keras and `x @ w` do.

    >>> dense("w", (30, 784)).fans == dense("w", (784, 30), "io").fans
    True
    """
    axes: tuple[Axis, ...] = ("out", "in") if layout == "oi" else ("in", "out")
    return Param(path, shape, axes, **facts)


def bias(path: str, size: int, owner: Param, **facts: Any) -> Param:
    """The bias vector of a weight; formulas see the weight's fans."""
    return Param(path, (size,), ("out",), role="bias", owner=owner.fans, depth=owner.depth, **facts)
