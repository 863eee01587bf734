"""Networks to try a rule on: plain arrays, or what was measured of a network that arrays don't show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from fanin.doctor._case import Case
from fanin.schemes import sample
from fanin.values import Graph, Node, Param, Row, Trace
from fanin.values.param import dense
from fanin.values.trace import Direction


@dataclass(frozen=True, slots=True)
class Example:
    """A network on which a rule speaks, or is silent.

    Attributes:
        weights: (out, in) each.
        activation, output: names, of the hidden layers and of the last.
        biases: (out,) each; zeros if not given.
        x: (samples, features); standard-normal samples if not given.
    """

    weights: tuple[NDArray[Any], ...]
    activation: str
    output: str = "linear"
    biases: tuple[NDArray[Any], ...] | None = None
    x: NDArray[Any] | None = None


def drawn(init: str, widths: Sequence[int], activation: str, output: str = "linear", **given: Any) -> Example:
    """A network of the given widths, input and output included, with every weight drawn from one scheme.

    >>> drawn("he_normal", (784, 30, 10), "relu").weights[0].shape
    (30, 784)
    """
    weights = tuple(
        sample(init, (fan_out, fan_in), path=f"{i}.weight") for i, (fan_in, fan_out) in enumerate(pairwise(widths))
    )
    return Example(weights, activation, output, **given)


def measured(layer: str, direction: Direction, **values: float) -> tuple[Row, ...]:
    """Rows of one layer in one direction, by name of the statistic.

    >>> measured("head", "forward", std=0.5)[0].value
    0.5
    """
    return tuple(Row(layer, direction, statistic, value) for statistic, value in values.items())  # type: ignore[arg-type]


def case(nodes: Iterable[Node], rows: Iterable[Row], params: Iterable[Param] = (), **facts: Any) -> Case:
    """A case by hand: its nodes behind an input, its rows, and facts of training."""
    graph = Graph((Node("input", "input", "input"), *nodes))
    return Case(graph, tuple(params), Trace("measured", tuple(rows)), **facts)


def dense_case(widths: Sequence[int], activation: str, rows: Mapping[str, Mapping[str, float]], **facts: Any) -> Case:
    """A plain network "1", "2", ... of the given widths, the input included; rows as `{"2/forward": {"std": 3.0}}`."""
    nodes, params, before = [], [], "input"
    for i, (fan_in, fan_out) in enumerate(pairwise(widths), start=1):
        is_last = i == len(widths) - 1
        phi = "linear" if is_last else activation
        params.append(dense(f"{i}.weight", (fan_out, fan_in), depth=i - 1, activation=phi))
        nodes.append(Node(str(i), "layer", "dense", (before,), phi, (f"{i}.weight",), output=is_last))
        before = str(i)
    found = [row for place, values in rows.items() for row in measured(*place.split("/"), **values)]  # type: ignore[arg-type]
    return case(nodes, found, params, **facts)
