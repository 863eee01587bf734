"""Networks of sines, sin(omega·(Wx + b)): the factor inside, and the weights that suit it (Sitzmann et al. 2020)."""

import math
from itertools import pairwise
from statistics import median

from fanin.doctor._case import Case
from fanin.schemes import find
from fanin.values import Param, Scheme


def omega(case: Case) -> float | None:
    """The factor in front of what the sines take, to two digits; None without a chain of sines.

    A graph has no constants, but the gradient shows it. Of sin(omega·z), z = Wx, the gradient's rms has the factor
    omega·std(w)·sqrt(fan_out/2) per layer, if omega·z is spread over more than a period.
    """
    gradients, stds = case.values("backward", "gradient"), case.values("weight", "std")
    found = []
    for names in case.graph.segments:
        for before, after in pairwise(names):
            step = stds.get(after, 0.0) * math.sqrt(case.weights[after].fans.fan_out / 2) * gradients.get(after, 0.0)
            if case.graph.by_name[before].activation == "sin" and step > 0 and gradients.get(before, 0.0) > 0:
                found.append(gradients[before] / step)
    return float(f"{median(found):.2g}") if found else None


def scheme_of_sine(case: Case, param: Param) -> Scheme | None:
    """SIREN's for a weight in front of a sine; None for others, and where the factor isn't known."""
    factor = omega(case) if param.activation == "sin" else None
    if factor is None:
        return None
    # ±1/fan_in is meant for a few coordinates: many features it would leave in the middle of one period
    is_spread = factor > math.sqrt(3 * param.fans.fan_in)
    return find("siren_first")() if is_spread and _is_first(case, param) else find("siren_hidden")(omega=factor)


def advice(case: Case) -> str:
    """What keeps signal and gradient through sines."""
    factor = omega(case)
    known = f", omega being about {factor:g} here, as the gradient shows" if factor else ""
    return (
        f"Sines take omega·(Wx + b){known}: draw W uniformly on ±sqrt(6/fan_in)/omega, and on ±1/fan_in in a first "
        "layer that reads coordinates (SIREN)."
    )


def _is_first(case: Case, param: Param) -> bool:
    return any(param.path in node.params and "input" in node.inputs for node in case.graph.nodes)
