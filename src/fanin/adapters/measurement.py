"""What an adapter hands to the doctor: all that was measured of one network, in no framework's terms."""

from dataclasses import dataclass

from fanin.values import Graph, Param, Trace


@dataclass(frozen=True, slots=True)
class Measurement:
    """One network on one batch.

    Attributes:
        graph: what feeds what, as it was executed.
        params: of every node, the weight first.
        trace: the measured rows.
        samples: size of the batch.
        data: what the batch was, in words.
        clones: paths of weights that are equal and not tied, group by group.
        unused: paths of parameters that the batch did not meet.
        is_trained: the weights are no first draw.
    """

    graph: Graph
    params: tuple[Param, ...]
    trace: Trace
    samples: int
    data: str
    clones: tuple[tuple[str, ...], ...] = ()
    unused: tuple[str, ...] = ()
    is_trained: bool = False
