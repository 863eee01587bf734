"""What the doctor is given: no network, no framework, only what was measured of one. It can be mailed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from fanin.errors import FaninError
from fanin.values import Graph, Node, Param, Row, Trace, activation, codec
from fanin.values.param import Role
from fanin.values.trace import Direction, Statistic


@dataclass(frozen=True)
class Case:
    """A network by its graph, its parameters and its traces. Rules never need more, and cope with less.

    Attributes:
        graph: what feeds what; its nodes are the layers of the traces.
        params: of every node, the weight first, in order of execution.
        measured: what a batch did in it.
        predicted: what theory says of weights with these moments; None if it was not asked.
        batch: number of samples.
        loss: which loss is trained, if that is known.
        optimizer, lr: how it is going to be trained, if that is known.
        clones: paths of weights of several modules that are equal, entry by entry, and not tied.
        unused: paths of parameters that the batch did not meet.
        uninitialized: paths of parameters that the model's own initialization leaves as the memory was.
        left_out: paths of parameters that the model's own initialization does not write when it runs again.
        is_trained: its weights are no first draw, so their scale is not judged.
    """

    graph: Graph
    params: tuple[Param, ...]
    measured: Trace
    predicted: Trace | None = None
    batch: int = 0
    loss: str | None = None
    optimizer: str | None = None
    lr: float | None = None
    clones: tuple[tuple[str, ...], ...] = ()
    unused: tuple[str, ...] = ()
    uninitialized: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    is_trained: bool = False

    @cached_property
    def weights(self) -> Mapping[str, Param]:
        """Layer name to its weight; a weight that is used again stands under its first use."""
        return self._of_role("weight")

    @cached_property
    def biases(self) -> Mapping[str, Param]:
        """Layer name to its bias."""
        return self._of_role("bias")

    @cached_property
    def hidden(self) -> Mapping[str, Param]:
        """Layer name to weight, of all layers but those that give the output."""
        return {name: weight for name, weight in self.weights.items() if not self.graph.by_name[name].output}

    @cached_property
    def drawn(self) -> Mapping[str, Param]:
        """Layer name to weight, of all layers that will be trained: a frozen one may hold what it likes."""
        return {name: weight for name, weight in self.weights.items() if not self.graph.by_name[name].frozen}

    @cached_property
    def by_path(self) -> Mapping[str, Param]:
        """Path to parameter."""
        return {param.path: param for param in self.params}

    def _of_role(self, role: Role) -> dict[str, Param]:
        """The first parameter of that role of each layer, once."""
        found: dict[str, Param] = {}
        seen: set[str] = set()
        for node in self.graph.of_kind("layer"):
            for path in node.params:
                if path not in seen and path in self.by_path and self.by_path[path].role == role:
                    seen.add(path)
                    found[node.name] = self.by_path[path]
                    break
        return found

    def param(self, layer: str) -> Param | None:
        """The first parameter of a node, whatever its role, at every use of it."""
        node = self.graph.by_name.get(layer)
        return next((self.by_path[path] for path in node.params if path in self.by_path), None) if node else None

    def units(self, layer: str) -> int | None:
        """How many units or channels a node has; those of its input if it has no parameter that tells."""
        node: Node | None = self.graph.by_name[layer]
        while node is not None:
            param = self.param(node.name)
            if param is not None:
                return param.size("out") if "out" in param.axes else math.prod(param.shape)
            node = self.graph.by_name[node.inputs[0]] if node.inputs else None
        return None

    def is_rare(self, layer: str) -> bool:
        """Fewer than one sample in ten met it: an expert that few chose, of which nothing can be said."""
        sizes = self.values("forward", "size")
        return bool(sizes) and sizes.get(layer, 0.0) < 0.1 * (self.units(layer) or 1)

    def is_gate(self, layer: str) -> bool:
        """Its bounded activation multiplies another signal: LSTM, GLU, squeeze-and-excitation, attention."""
        readers = self.graph.readers[layer]
        return is_bounded(self.graph.by_name[layer].activation) and any(node.kind == "product" for node in readers)

    def is_normed(self, layer: str) -> bool:
        """Nothing but norms take its output, so that its scale does not matter forward."""
        readers = self.graph.readers[layer]
        is_linear = self.graph.by_name[layer].activation == "linear"
        return is_linear and bool(readers) and all(node.kind == "norm" for node in readers)

    @cached_property
    def _series(self) -> Mapping[tuple[Direction, Statistic], dict[str, Row]]:
        series: dict[tuple[Direction, Statistic], dict[str, Row]] = {}
        for row in self.measured.rows:
            if math.isfinite(row.value):
                series.setdefault((row.direction, row.statistic), {})[row.layer] = row
        return series

    def rows(self, direction: Direction, statistic: Statistic) -> Mapping[str, Row]:
        """One statistic by layer, as far as it was measured and is a finite number."""
        return self._series.get((direction, statistic), {})

    def values(self, direction: Direction, statistic: Statistic) -> dict[str, float]:
        """`rows` without the standard errors."""
        return {layer: row.value for layer, row in self.rows(direction, statistic).items()}

    def value(self, layer: str, direction: Direction, statistic: Statistic) -> float | None:
        """One of the `values`."""
        row = self.rows(direction, statistic).get(layer)
        return row.value if row else None

    def to_json(self) -> dict[str, Any]:
        """The case as plain JSON data."""
        return codec.encode(self)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The case that `to_json` wrote."""
        return codec.decode(cls, data)


def is_bounded(name: str) -> bool:
    """Of an activation's name, which may be one that is not in our table: softmax is bounded, others aren't."""
    try:
        return activation(name).saturates
    except FaninError:
        return "softmax" in name and "log" not in name
