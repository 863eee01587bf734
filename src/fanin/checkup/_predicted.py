"""What theory says of weights with the measured moments, where it can say anything: of a plain dense chain."""

from collections.abc import Mapping

import numpy as np

from fanin.errors import FaninError
from fanin.values import Activation, Graph, Param, Row, Trace

_SCALED = ("sin", "cos")
"""Written with a factor inside, sin(omega·z), which no name bears."""


def predicted(
    graph: Graph, params: tuple[Param, ...], measured: Trace, samples: int, phi: Mapping[str, Activation] | None = None
) -> Trace | None:
    """The trace that theory expects; None if the graph is no chain of dense layers, or some weight isn't finite.

    Args:
        graph, params, measured, samples: of a case.
        phi: activations by the name of the node, where names don't tell.
    """
    layers = graph.of_kind("layer")
    if len(graph.segments) != 1 or len(graph.nodes) != len(layers) + 1 or any(node.op != "dense" for node in layers):
        return None
    if phi is None and any(node.activation in _SCALED for node in layers):
        return None
    from fanin.theory import LayerLaw, predict  # imports scipy; most models are no plain chain

    by_path = {param.path: param for param in params}
    rows = {(row.layer, row.direction, row.statistic): row for row in measured.rows}
    if any(rows[node.name, "weight", name].value < 1 for node in layers for name in ("finite", "bias_finite")
           if (node.name, "weight", name) in rows):  # fmt: skip
        return None
    try:
        laws = []
        for node in layers:
            fans = by_path[node.params[0]].fans
            weight = _law(rows.get((node.name, "weight", "mean")), rows.get((node.name, "weight", "std")))
            bias = _law(rows.get((node.name, "weight", "bias_mean")), rows.get((node.name, "weight", "bias_std")))
            activation = phi[node.name] if phi else node.activation
            laws.append(LayerLaw(node.name, int(fans.fan_in), int(fans.fan_out), activation, *weight, *bias))
        mean, std = (measured.value("input", "forward", name) for name in ("mean", "std"))
        with np.errstate(all="ignore"):
            return predict(laws, samples, mean or 0.0, 1.0 if std is None else std)
    except FaninError:  # an activation or a size beyond the theory: the measurement stands alone
        return None


def _law(mean: Row | None, std: Row | None) -> tuple[float, float]:
    """Mean and std; a mean within four of its standard errors is an accident of the draw, and 0 in law."""
    if mean is None or std is None:
        return 0.0, 0.0
    return (mean.value if abs(mean.value) > 4 * mean.stderr else 0.0), std.value
