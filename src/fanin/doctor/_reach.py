"""How far a cause reaches: what it can have done to signal and gradient, and what stands beside it."""

import math

from fanin.doctor._case import Case
from fanin.values import Finding

_RATES = ("FAN203", "FAN204", "FAN301", "FAN302")
# measured forward, or of noise that is sent back, so that no loss and no label has a part in them
_FLOW = ("FAN2", "FAN301", "FAN302", "FAN601", "FAN603")
_FORWARD = ("FAN201", "FAN202", "FAN205")
_FAULT, _FEWEST = math.log(1e3), 3


def is_beyond(case: Case, finding: Finding, cause: Finding) -> bool:
    """Whether a cause can't have made what was found, so that curing the cause alone would not mend it.

    The scale of the inputs spoils the layer where it enters, and perhaps one that it saturates: no change in most
    layers, and nothing behind a norm. A loss changes no signal, and luck in narrow layers only so much. What is wrong
    with a signal comes from before it: a layer behind has no part in it.
    """
    if finding.code in _FORWARD and _is_behind(case, cause.layer, finding.layer):
        return True
    if cause.code.startswith("FAN5"):
        is_normed = cause.code == "FAN501" and finding.code.startswith(_FLOW) and not _is_fed(case, finding.layer)
        return is_normed or _steady(finding) > _FAULT
    if cause.code == "FAN602":
        return _steady(finding) > _luck(cause.measured["beta"])
    # a loss has chosen the output's activation, which may saturate, and nothing before it
    return cause.code.startswith("FAN7") and finding.code.startswith(_FLOW) and finding.code != "FAN201"


def _steady(finding: Finding) -> float:
    """The log of what all layers would do if each did what the median layer does: one or two don't move it."""
    layers, factor = (finding.measured.get(name, 0.0) for name in ("layers", "factor"))
    is_rate = finding.code in _RATES and layers >= _FEWEST and factor > 0
    return abs(layers * math.log(factor)) if is_rate else 0.0


def _luck(beta: float) -> float:
    """Two standard deviations of the log of a signal's norm under He's weights, and its mean.

    The log of the squared norm has mean -5/2 · beta and variance 5 · beta (Hanin and Nica 2018, arXiv:1812.05994).
    """
    return 1.25 * beta + math.sqrt(5 * beta)


def _is_behind(case: Case, layer: str | None, other: str | None) -> bool:
    """A layer takes, on some way, what another gives, and gives nothing to it."""
    graph = case.graph
    if layer is None or other is None or layer == other or not {layer, other} <= graph.by_name.keys():
        return False
    return other in graph.before(layer) and layer not in graph.before(other)


def _is_fed(case: Case, layer: str | None) -> bool:
    """The input reaches a layer on some way without a norm, which would take its scale out."""
    if layer is None or layer == "input" or layer not in case.graph.by_name:
        return True
    return "input" in case.graph.before(layer, stop="norm")
