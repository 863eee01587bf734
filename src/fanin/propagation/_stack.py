"""The stack of equal layers that a signal is sent through, and its random numbers."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

from numpy.typing import NDArray

from fanin import sampling, schemes
from fanin.sampling import Stream
from fanin.values import Law, Param, Scheme
from fanin.values.param import bias, dense

Array = NDArray[Any]

_KEPT_BYTES = 100_000_000


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

    def weights(self, scheme: Scheme) -> list[Array]:
        """The weights of all layers, as `schemes.sample` gives them."""
        return self._draw(scheme, [self.weight(layer) for layer in range(self.depth)])

    def biases(self, scheme: Scheme) -> list[Array]:
        """The biases of all layers, likewise."""
        return self._draw(scheme, [self.bias(layer) for layer in range(self.depth)])

    def _draw(self, scheme: Scheme, params: list[Param]) -> list[Array]:
        """loc + scale · z, of which z is kept; the layers are equal, and so are their loc and scale."""
        loc, scale = schemes.resolve(scheme, params[0])
        found = []
        for param in params:
            values = scale * _standard(scheme.law, param, self.seed)
            values += loc
            found.append(values)
        return found

    def noise(self, path: str) -> Array:
        """N(0, 1) for each unit of each sample; not to be written to."""
        return _standard(Law("normal"), Param(path, (self.batch, self.width), ("out", "in")), self.seed)


_kept: OrderedDict[tuple[Law, Param, int], Array] = OrderedDict()
_lock = Lock()


def _standard(law: Law, param: Param, seed: int) -> Array:
    """Draws from the standard law, in float64; the latest are kept, for an arm or a setting that rescales them."""
    key = law, param, seed
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    values = sampling.draw(law, param, Stream(seed, param.path), dtype="float64")
    values.flags.writeable = False
    with _lock:
        _kept[key] = values
        while sum(kept.nbytes for kept in _kept.values()) > _KEPT_BYTES:
            _kept.popitem(last=False)
    return values
