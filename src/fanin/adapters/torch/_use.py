"""How a parameter was used, and what its axes mean by its shape alone."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef

from fanin.values.param import Axis, Role


@dataclass(frozen=True, slots=True)
class Use:
    """How a parameter was used first.

    Attributes:
        node: of which node it is.
        role, axes: what it is for, what its axes mean.
        facts: groups, stride, transposed, blocks, activation, where they are not the usual.
        owner: path of the weight that a bias belongs to.
    """

    node: str
    role: Role
    axes: tuple[Axis, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the features of a layer's output lie: in which memory, how many, how far apart."""

    storage: Any
    features: int
    step: int


def is_real(tensor: Tensor) -> bool:
    """Floating or complex numbers: can carry a signal."""
    return tensor.is_floating_point() or tensor.is_complex()


def memory_of(tensor: Tensor) -> Any:
    """The memory of a tensor: told from all other memory, and not kept alive."""
    return StorageWeakRef(tensor.untyped_storage())  # type: ignore[no-untyped-call]


def table_axes(tensor: Tensor) -> tuple[Axis, ...]:
    """Of a table whose rows are vectors: positions, tokens."""
    return (*repeated("lookup", tensor.ndim - 1), "out") if tensor.ndim else ()


def repeated(axis: Axis, count: int) -> tuple[Axis, ...]:
    """As many axes of one name; none for a negative count."""
    return (axis,) * count


def vector_axes(tensor: Tensor) -> tuple[Axis, ...]:
    """Of a parameter that acts entry by entry: its longest axis is the features."""
    longest = max(range(tensor.ndim), key=lambda i: tensor.shape[i], default=0)
    return tuple("out" if i == longest else "kernel" for i in range(tensor.ndim))
