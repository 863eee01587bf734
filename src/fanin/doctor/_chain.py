"""Where factors multiply: the chains of layers, and the residual streams, on which a rate means something."""

from collections.abc import Iterator
from dataclasses import dataclass

from fanin.doctor._case import Case
from fanin.values import Node

_SHORT = 3  # layers of a branch


@dataclass(frozen=True, slots=True)
class Chain:
    """Layers one after the other, and the node whose signal the first takes.

    Attributes:
        source: a node, or `input`.
        layers: at least one, in order.
        ends: what takes the last one's output: output, norm, sum, or other.
    """

    source: str
    layers: tuple[str, ...]
    ends: str

    @property
    def inner(self) -> tuple[str, ...]:
        """The layers, without a last one that may be as small as it likes: a head, a branch, one before a norm.

        A branch of three layers or fewer may be as small as it likes as a whole.
        """
        return self.carrying if self.ends in ("other", "output") else self.carrying[:-1]

    @property
    def carrying(self) -> tuple[str, ...]:
        """The layers whose gradient is to be kept: not a head's own, nor that of a short branch."""
        if self.ends == "sum" and len(self.layers) <= _SHORT:
            return ()
        return self.layers[:-1] if self.ends == "output" else self.layers


def chains(case: Case) -> Iterator[Chain]:
    """The segments of a graph: a norm, a sum, a product or a branch begins a new one.

    A table that is looked up is the source of its segment.
    """
    for segment in case.graph.segments:
        layers = [name for name in segment if case.graph.by_name[name].op != "embedding"]
        if layers and case.graph.by_name[layers[-1]].activation.startswith("softmax"):
            layers.pop()  # shares, which are no signal that goes on
        if layers and (inputs := case.graph.by_name[layers[0]].inputs):
            yield Chain(inputs[0], tuple(layers), _end(case, layers[-1]))


def _end(case: Case, last: str) -> str:
    node = case.graph.by_name[last]
    kinds = {reader.kind for reader in case.graph.readers[last]}
    if node.output:
        return "output"
    if kinds & {"sum", "scale"}:
        return "sum"
    return "norm" if kinds == {"norm"} else "other"


@dataclass(frozen=True, slots=True)
class Step:
    """One sum of a residual stream.

    Attributes:
        sum: its name.
        trunk, branch: the input that carries on, and the one that is added.
        is_normed: a norm stands in the branch, so that it is not larger where the stream is.
        factor: rms of the sum over that of the trunk.
    """

    sum: str
    trunk: str
    branch: str
    is_normed: bool
    factor: float


def runs(case: Case) -> Iterator[tuple[Step, ...]]:
    """The residual streams as far as they were measured, cut where a norm stands between two sums (post-norm)."""
    for stream in case.graph.streams:
        run: list[Step] = []
        for i, name in enumerate(stream):
            step = _step(case, name, stream[i - 1] if i else None)
            if step is None or (run and step.trunk != run[-1].sum):
                if run:
                    yield tuple(run)
                run = []
            run += [step] if step else []
        if run:
            yield tuple(run)


def _step(case: Case, name: str, before: str | None) -> Step | None:
    order = {node.name: i for i, node in enumerate(case.graph.nodes)}
    inputs = sorted(dict.fromkeys(case.graph.by_name[name].inputs), key=order.__getitem__)
    if len(inputs) < 2:
        return None
    trunk = next((one for one in inputs if before and before in _passed(case, one)), inputs[0])
    branch = next(one for one in reversed(inputs) if one != trunk)
    rms = case.rows("forward", "rms")
    between = _between(case, branch, trunk)
    if between is None or name not in rms or trunk not in rms or not rms[trunk].value > 0:
        return None
    is_normed = any(node.kind == "norm" for node in between)
    return Step(name, trunk, branch, is_normed, rms[name].value / rms[trunk].value)


def _passed(case: Case, name: str) -> Iterator[str]:
    """A node, and those before it as far as only norms and scales stand between."""
    node = case.graph.by_name[name]
    yield name
    while node.kind in ("norm", "scale") and len(node.inputs) == 1:
        node = case.graph.by_name[node.inputs[0]]
        yield node.name


def _between(case: Case, branch: str, trunk: str) -> list[Node] | None:
    """The nodes from the end of a branch down to the trunk; None if it doesn't begin there (tokens and positions)."""
    waiting, seen = [branch], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += () if name == trunk else case.graph.by_name[name].inputs
    return [case.graph.by_name[name] for name in seen - {trunk}] if trunk in seen else None
