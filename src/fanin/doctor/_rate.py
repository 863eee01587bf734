"""How a signal or a gradient changes per layer, and over all of them: rates with errors, never a level."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from fanin.doctor._case import Case
from fanin.doctor._reference import compare, fix
from fanin.doctor._sines import advice
from fanin.values import Finding, Row, Severity

_ERROR, _FAINT, _WARNING, _STEEP, _SLOW = (math.log(ratio) for ratio in (1e4, 1e3, 1e2, 10, 1 / 0.9))
_TINY = 1e-300
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
    """

    total: float
    factor: float
    steps: int
    stderr: float
    worst: str
    step: float

    @property
    def words(self) -> str:
        """How it changes: per layer, unless one layer does most of it."""
        if self.steps > 1 and abs(_log(self.step)) > abs(_log(self.total)) / 2:
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
    return None if _blocked(case, layers) else _rate([start, *map(rows.get, layers)], layers)


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


def finding(case: Case, rate: Rate, what: str, *, code: str, slug: str, severity: Severity) -> Finding:
    """What a rule says of a rate, placed at the worst layer, with the scale of its weights if that is the reason."""
    weight, comparison = case.param(rate.worst), compare(case, rate.worst)
    grows = rate.total > 1
    is_scale = comparison is not None and (comparison.ratio > 1.1 if grows else comparison.ratio < 0.9)
    is_table = grows and weight is not None and weight.role == "embedding"  # drawn for a look-up, and read as a matrix
    return Finding(
        code=code,
        slug=slug,
        severity=severity,
        layer=rate.worst,
        parameter=weight.path if weight else None,
        measured=rate.measured,
        expected={"factor": 1.0, "total": 1.0},
        message=(
            f"{what} is multiplied {rate.words}" + (f"; in layer {rate.worst} {comparison}." if is_scale else ".")
        ),
        help=_help(case, rate, is_scale or is_table),
        fix=fix(weight, case, is_head=is_table) if weight and (is_scale or is_table) else None,
    )


def _help(case: Case, rate: Rate, is_scale: bool) -> str:
    """What to do about a rate: to sines, which are chosen for what they do, no other activation is advised."""
    if case.graph.by_name[rate.worst].activation == "sin":
        return advice(case)
    if is_scale:
        return f"{'Smaller' if rate.total > 1 else 'Larger'} weights keep it."
    return "The weights have a proper scale, so it is the activation: take another one, or fewer layers."


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
