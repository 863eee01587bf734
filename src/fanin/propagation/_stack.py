"""The stack of equal layers that a signal is sent through, and its random numbers."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from fanin import schemes
from fanin.values import Param, Scheme
from fanin.values.param import bias, dense

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Stack:
    """Depth layers of width units, for a batch of inputs, and the seed of everything that is drawn."""

    depth: int
    width: int
    batch: int
    seed: int

    def weight(self, layer: int) -> Param:
        """The weight of a layer, counted from 0."""
        return dense(f"{layer}.weight", (self.width, self.width))

    def bias(self, layer: int) -> Param:
        """The bias of a layer, counted from 0."""
        return bias(f"{layer}.bias", self.width, self.weight(layer))

    def draw(self, scheme: Scheme, param: Param) -> Array:
        """Values of a parameter."""
        return schemes.sample(scheme, param, seed=self.seed, path=param.path, dtype="float64")

    def noise(self, path: str) -> Array:
        """N(0, 1) for each unit of each sample."""
        return schemes.sample("randn", (self.batch, self.width), seed=self.seed, path=path, dtype="float64")
