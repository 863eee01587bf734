"""What the doctor is given: no network, no framework, only what was measured of one. It can be mailed."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from fanin.values import Graph, Param, Row, Trace, codec
from fanin.values.param import Role
from fanin.values.trace import Direction, Statistic


@dataclass(frozen=True, slots=True)
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
    is_trained: bool = False

    @property
    def weights(self) -> dict[str, Param]:
        """Layer name to its weight; a weight that is used again stands under its first use."""
        return dict(self._of_role("weight"))

    @property
    def biases(self) -> dict[str, Param]:
        """Layer name to its bias."""
        return dict(self._of_role("bias"))

    @property
    def hidden(self) -> dict[str, Param]:
        """Layer name to weight, of all layers but those that give the output."""
        return {name: weight for name, weight in self.weights.items() if not self.graph.by_name[name].output}

    def _of_role(self, role: Role) -> Iterator[tuple[str, Param]]:
        """The first parameter of that role of each layer, once."""
        by_path, seen = {param.path: param for param in self.params}, set()
        for node in self.graph.of_kind("layer"):
            for path in node.params:
                if path not in seen and path in by_path and by_path[path].role == role:
                    seen.add(path)
                    yield node.name, by_path[path]
                    break

    def rows(self, direction: Direction, statistic: Statistic) -> dict[str, Row]:
        """One statistic by layer, as far as it was measured and is a finite number."""
        return {row.layer: row for row in self.measured.series(direction, statistic) if math.isfinite(row.value)}

    def values(self, direction: Direction, statistic: Statistic) -> dict[str, float]:
        """`rows` without the standard errors."""
        return {layer: row.value for layer, row in self.rows(direction, statistic).items()}

    def to_json(self) -> dict[str, Any]:
        """The case as plain JSON data."""
        return codec.encode(self)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The case that `to_json` wrote."""
        return codec.decode(cls, data)
