"""How a signal or a gradient changes per layer, and over all of them: rates with errors, never a level."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from statistics import median

from fanin.doctor._case import Case
from fanin.doctor._reference import Comparison, compare, fix, fix_all
from fanin.doctor._sines import advice
from fanin.errors import FaninError
from fanin.values import Finding, Fix, Param, Row, Severity

_ERROR, _FAINT, _WARNING, _STEEP, _SLOW = (math.log(ratio) for ratio in (1e4, 1e3, 1e2, 10, 1 / 0.9))
_TINY = 1e-300
_LIKE = 0.5  # of the logarithm of how far the worst layer's weights are off
_ROUNDING = 1.2e-7  # of the rms, in float32
_SETTLED = 60  # steps of the variance map, after which sizes rest
_SHARED = 1e-3  # a signal that is less of its source is rounding


@dataclass(frozen=True, slots=True)
class Rate:
    """A size along the layers, from its source to its end.

    Attributes:
        total: last over first.
        factor: median over the steps.
        steps: number of layers passed.
        stderr: relative standard error of the total, from those of its ends.
        worst: the layer that does most of it: with the strongest loss if the total is one, else the strongest growth.
        step: its factor.
        lost: the layer from which on it is less than float32's rounding, and not followed; None if there is none.
    """

    total: float
    factor: float
    steps: int
    stderr: float
    worst: str
    step: float
    lost: str | None = None

    @property
    def words(self) -> str:
        """How it changes: per layer, unless one layer does most of it."""
        return self._course + (f", and is less than float32's rounding from layer {self.lost} on" if self.lost else "")

    @property
    def is_local(self) -> bool:
        """One layer does most of it."""
        return self.steps > 1 and abs(_log(self.step)) > abs(_log(self.total)) / 2

    @property
    def _course(self) -> str:
        if self.is_local:
            return f"by {self.step:.2g} in layer {self.worst}, by {self.total:.2g} over {self.steps} layers"
        return f"by {self.factor:.3g} per layer" + (
            f", by {self.total:.2g} over {self.steps} layers" * (self.steps > 1)
        )

    @property
    def measured(self) -> dict[str, float]:
        """The evidence of a finding."""
        return {
            "total": self.total,
            "factor": self.factor,
            "layers": float(self.steps),
            "stderr": self.total * self.stderr,
        }

    def vanishes(self) -> Severity | None:
        """error: total below 1e-4, or a median factor below 0.1 over three layers or more. warning: total below 1e-3.

        Four sigmoid layers with the best of weights divide a signal by six hundred, six ReLU layers with PyTorch's
        default by four hundred, and learn. So does a hundred layers' slow loss, of a factor above 0.9.
        """
        total, factor = -_log(self.total) - 2 * self.stderr, -_log(self.factor)
        if total > _ERROR or (factor > _STEEP and self.steps >= 3):
            return "error"
        return "warning" if total > _FAINT and factor > _SLOW else None

    def explodes(self) -> Severity | None:
        """error: total above 1e4, or a median factor above 10 over three layers or more. warning: total above 1e2.

        Or above 10, if the mean factor is above 5: two layers of N(0, 1) weights answer wildly already.
        """
        total, factor = _log(self.total) - 2 * self.stderr, _log(self.factor)
        if total > _ERROR or (factor > _STEEP and self.steps >= 3):
            return "error"
        is_steep = total > _STEEP and total > 1.6 * self.steps
        return "warning" if (total > _WARNING and factor > _SLOW) or is_steep else None


def _log(ratio: float) -> float:
    return math.log(max(ratio, _TINY))


def signal(case: Case, source: str, layers: Sequence[str]) -> Rate | None:
    """Of the part of the signal that differs between samples, from a source through some layers of a chain.

    The input is taken as if its rms, of the entries that aren't 0, were 1: its scale is another rule's matter. None
    if it wasn't measured, if the source is the same for all samples (positions, learnt queries), or if a layer of
    zeros stops it: that is for the rules on symmetric and on locked units.
    """
    rows = case.rows("forward", "signal")
    start = rows.get(source)
    if source == "input":
        scale = input_scale(case)
        start = _scaled(start, 1 / scale) if scale else None
    elif start and start.value < _SHARED * (case.value(source, "forward", "rms") or 0.0):
        start = None
    if _blocked(case, layers):
        return None
    found = [start, *map(rows.get, layers)]
    end = next((i for i, name in enumerate(layers) if _is_rounding(case, name)), len(layers))
    until = _rate(found[: end + 1], layers[:end])
    if until and end < len(layers) and until.vanishes():
        return replace(until, lost=layers[end])
    return _rate(found, layers)


def _is_rounding(case: Case, layer: str) -> bool:
    """What differs between samples is as small as the rounding of what they share, which may be of any size."""
    signal, rms = (case.value(layer, "forward", name) for name in ("signal", "rms"))
    return signal is not None and rms is not None and signal <= _ROUNDING * rms


def input_scale(case: Case) -> float | None:
    """The rms of the inputs that aren't 0; None if it wasn't measured, 0 if all are."""
    rms, zeros = (case.value("input", "forward", name) for name in ("rms", "zeros"))
    return rms if not rms or zeros is None else rms / math.sqrt(1 - zeros)


def gradient(case: Case, layers: Sequence[str]) -> Rate | None:
    """Of the gradient's norm over one sample, from the last of some layers down to the first."""
    rows = case.rows("backward", "gradient")
    if len(layers) < 2 or _blocked(case, layers[1:]):
        return None
    norms = [_scaled(rows.get(name), math.sqrt(_size(case, name))) for name in reversed(layers)]
    return _rate(norms, layers[-2::-1])


def _size(case: Case, layer: str) -> float:
    """Entries per sample; the units, if no positions were counted."""
    return case.value(layer, "forward", "size") or case.units(layer) or 1


def finding(
    case: Case, rate: Rate, layers: Sequence[str], what: str, *, code: str, slug: str, severity: Severity
) -> Finding:
    """What a rule says of a rate through some layers, placed at the worst, with the weights' scale if that is why.

    The blame is of all layers whose weights are off in the same way: to cure one alone would change next to nothing.
    """
    weight, comparison, grows = case.param(rate.worst), compare(case, rate.worst), rate.total > 1
    is_able = grows or _carries(case, rate)
    is_scale = is_able and _is_off(comparison, grows=grows)
    is_table = grows and weight is not None and weight.role == "embedding"  # drawn for a look-up, and read as a matrix
    shared = () if is_table or rate.is_local else _sharing(case, rate.worst, layers, is_scale=is_scale, is_able=is_able)
    many = bool(shared) and is_scale
    where = f"; in {_all(shared, layers)} the weights are too {'large' if grows else 'small'}" if many else ""
    example = f"{':' if many else ';'} in layer {rate.worst} {comparison}"
    return Finding(
        code=code,
        slug=slug,
        severity=severity,
        layer=rate.worst,
        parameter=weight.path if weight else None,
        measured=rate.measured,
        expected={"factor": 1.0, "total": 1.0},
        message=f"{what} is multiplied {rate.words}{where}{example if is_scale else ''}.",
        help=_help(case, rate, shared, is_scale=is_scale or is_table),
        fix=_fix(case, weight, shared, is_table=is_table) if weight and (is_scale or is_table) else None,
        shared=shared,
    )


def _is_off(comparison: Comparison | None, *, grows: bool) -> bool:
    """Too large for what grows, too small for what vanishes."""
    return comparison is not None and (comparison.ratio > 1.1 if grows else comparison.ratio < 0.9)


def _sharing(case: Case, worst: str, layers: Sequence[str], *, is_scale: bool, is_able: bool) -> tuple[str, ...]:
    """The layers of a chain that have the fault of the worst: weights off in the same way, or its activation."""
    node, ratios = case.graph.by_name, {name: _log_ratio(case, name) for name in (worst, *layers)}
    found = [
        name
        for name in layers
        if (is_scale and name in case.drawn and ratios[name] / ratios[worst] > _LIKE)
        or (not is_able and node[name].activation == node[worst].activation)
    ]
    return tuple(found) if worst in found and len(found) > 1 else ()


def _log_ratio(case: Case, layer: str) -> float:
    """Of the weights' std to the reference; 0 if that is not known."""
    comparison = compare(case, layer)
    return math.log(comparison.ratio) if comparison else 0.0


def _all(shared: Sequence[str], layers: Sequence[str]) -> str:
    """`all 40 layers`."""
    return f"all {len(shared)} layers" if len(shared) == len(layers) else f"{len(shared)} of the {len(layers)} layers"


def _fix(case: Case, weight: Param, shared: Sequence[str], *, is_table: bool) -> Fix:
    return fix_all([case.drawn[name] for name in shared], case) if shared else fix(weight, case, is_head=is_table)


def _help(case: Case, rate: Rate, shared: Sequence[str], *, is_scale: bool) -> str:
    """What to do about a rate: to sines, which are chosen for what they do, no other activation is advised."""
    phi = case.graph.by_name[rate.worst].activation
    if phi == "sin":
        return advice(case)
    if is_scale:
        size = "Smaller" if rate.total > 1 else "Larger"
        many = f", in each of the {len(shared)} layers from {shared[0]} to {shared[-1]}" if shared else ""
        return f"{size} weights keep it{many}{': one alone changes little' if many else ''}."
    if rate.total < 1 and not _carries(case, rate):
        return (
            f"No weights would keep it through so many layers of {phi}, which even with those of its scheme multiplies "
            f"it by {_best(phi, *_reference_of(case, rate.worst)):.2g} per layer, so it is the activation: take "
            "another (tanh, ReLU) and weights to match, a norm in front of each, or fewer layers."
        )
    return "The weights have a proper scale, so it is the activation: take another one, or fewer layers."


def _carries(case: Case, rate: Rate) -> bool:
    """With the weights that are right for it, the activation would lose so little that no rule spoke."""
    known = _reference_of(case, rate.worst)
    best = _best(case.graph.by_name[rate.worst].activation, *known) if known else 1.0
    return -rate.steps * _log(best) <= _FAINT


def _reference_of(case: Case, layer: str) -> tuple[float, ...]:
    """fan_in · Var(W) of the recommended weights; empty if they aren't known."""
    comparison, weight = compare(case, layer), case.param(layer)
    return (weight.fans.fan_in * comparison.reference**2,) if comparison and weight else ()


@cache
def _best(activation: str, weight_variance: float = 1.0) -> float:
    """The gradient's factor per layer in theory, and that of the difference between two samples: sqrt(chi_1).

    1 for an activation without a table, or without a stable size of its signal (GELU), of which nothing is claimed.
    """
    from fanin.theory import chi_1, gains, variance_map  # imports scipy; most networks lose no signal

    try:
        if not gains(activation).stable:
            return 1.0
        size = 1.0
        for _ in range(_SETTLED):
            size = float(variance_map(activation, size, weight_variance))
        return math.sqrt(chi_1(activation, size, weight_variance))
    except FaninError:
        return 1.0


def _blocked(case: Case, layers: Sequence[str]) -> bool:
    return any(case.value(name, "weight", "zeros") == 1 for name in layers)


def _scaled(row: Row | None, factor: float) -> Row | None:
    return row and Row(row.layer, row.direction, row.statistic, row.value * factor, row.stderr * factor)


def _rate(rows: Sequence[Row | None], names: Sequence[str]) -> Rate | None:
    known = [row for row in rows if row is not None]
    if not names or len(known) < len(rows) or known[0].value <= 0:
        return None
    factors: Mapping[str, float] = {
        name: after.value / before.value if before.value > 0 else 1.0
        for name, (before, after) in zip(names, pairwise(known), strict=True)
    }
    first, last = known[0], known[-1]
    stderr = math.hypot(first.stderr / first.value, last.stderr / last.value if last.value > 0 else 0.0)
    total = last.value / first.value
    worst = (min if total < 1 else max)(factors, key=factors.__getitem__)
    return Rate(total, median(factors.values()), len(names), stderr, worst, factors[worst])
