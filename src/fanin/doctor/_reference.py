"""What the weights of a layer should have been: the reference, the way there, and the mistake that it looks like."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fanin.doctor._case import Case
from fanin.doctor._sines import scheme_of_sine
from fanin.errors import FaninError
from fanin.schemes import find, for_each, moments, recommended, spellings
from fanin.values import Fix, Formula, Param, Scheme

FEWEST = 64  # weights that tell a std
_SMALL, _COARSE = 2.0, 0.2

_RIGHT = {
    "1/sqrt(fan_in), LeCun's": "1/sqrt(fan_in)",
    "sqrt(2/fan_in), He's": "sqrt(2/fan_in)",
    "sqrt(2/(fan_in+fan_out)), Glorot's": "sqrt(1/fan_avg)",
    "1/sqrt(3*fan_in), PyTorch's default": "1/sqrt(3*fan_in)",
}
_Table = Mapping[str, tuple[str, ...]]
_PLAIN: _Table = {
    "not divided by sqrt(fan_in)": ("1",),
}
_SLIPS: _Table = {
    "multiplied by sqrt(fan_in), as `randn / sqrt(1/n)` does, and not divided by it": (
        "sqrt(fan_in)",
        "sqrt(fan_in/2)",
    ),
    "it equals the variance {formula}: the root was perhaps forgotten": ("1/fan_in", "2/fan_in", "1/fan_avg"),
    "it equals {formula}: a std was perhaps taken for the variance": (
        "sqrt(1/sqrt(fan_in))",
        "sqrt(sqrt(2/fan_in))",
        "sqrt(sqrt(1/fan_avg))",
    ),
}
# another fan than that of the layer: those that frameworks read off a shape, and the kernel left out
_MIX_UPS: _Table = {
    "it equals {formula}: perhaps fan_out stands where fan_in belongs": ("1/sqrt(fan_out)", "sqrt(2/fan_out)"),
    "it equals {formula}: the size of the kernel was left out of the fan": ("1/sqrt(channels)", "sqrt(2/channels)"),
    "it equals {formula}, with the fan that PyTorch reads off the shape, where {why}": (
        "1/sqrt(torch_fan_in)",
        "sqrt(2/torch_fan_in)",
        "1/sqrt(3*torch_fan_in)",
        "1/sqrt(torch_fan_out)",
        "sqrt(2/torch_fan_out)",
        "sqrt(2/(torch_fan_in+torch_fan_out))",
    ),
}
_OF_ROLE = {"norm_scale": "ones", "length": "ones", "embedding": "embedding_normal", "position": "embedding_normal"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A measured std beside the reference.

    Attributes:
        std, reference: measured, and of the recommended scheme.
        scheme: its name.
        nearest: ratio to the nearest of these, LeCun, He, Glorot and PyTorch's default (with |log ratio| least).
        same_as: which of these the std is, within its standard error; empty if none.
        mistake: what was probably done instead, in words; empty if nothing known fits.
        is_slip: the mistake is one of arithmetic, and not a choice of the fan.
    """

    std: float
    reference: float
    scheme: str
    nearest: float
    same_as: str
    mistake: str
    is_slip: bool

    @property
    def ratio(self) -> float:
        """Measured over reference."""
        return self.std / self.reference

    def __str__(self) -> str:
        known = f", and equals {self.same_as}" if self.same_as and not math.isclose(self.ratio, 1, rel_tol=0.1) else ""
        why = f"; {self.mistake}" if self.mistake else ""
        ratio = f"{self.ratio:.3g} times that of {self.scheme} ({self.reference:.3g})"
        return f"the weights' std {self.std:.3g} is {ratio}{known}{why}"


def scheme_of(param: Param, case: Case | None = None) -> Scheme:
    """The scheme for the activation that follows; LeCun's for one that has no entry in the table.

    A table that is looked up gets N(0, 1), a norm's scale 1, and its shift, a bias and all others 0. What suits a sine
    depends on the factor inside it, which the case shows.
    """
    if param.role not in ("weight", "recurrent"):
        return find(_OF_ROLE.get(param.role, "zeros"))()
    if case and (scheme := scheme_of_sine(case, param)):
        return scheme
    try:
        return recommended(param.activation, param)
    except FaninError:
        return find("lecun_normal")()


def fix(param: Param, case: Case | None = None, *, is_head: bool = False) -> Fix:
    """What to write instead for one parameter; for a table, as what is looked up, or as the head that it also is."""
    scheme = find("embedding_scaled")() if is_head and param.role == "embedding" else scheme_of(param, case)
    return Fix(scheme.name, moments(scheme, param).std, spellings(scheme, param))


def fix_all(params: Sequence[Param], case: Case) -> Fix:
    """The same for many: the scheme of the first, and in PyTorch a loop over all, one for each way to write it."""
    first = fix(params[0], case)
    codes: dict[str, list[str]] = {}
    for param in params:
        codes.setdefault(fix(param, case).snippet["torch"], []).append(param.path)
    loops = "\n".join(for_each(code, paths) for code, paths in codes.items())
    return replace(first, snippet={**first.snippet, "torch": loops}) if len(params) > 1 else first


def compare(case: Case, layer: str) -> Comparison | None:
    """The std of a layer's weights beside the reference; None if it was not measured, is 0, or is of few weights."""
    weight, std = case.param(layer), case.value(layer, "weight", "std") or 0.0
    if weight is None or weight.role != "weight" or math.prod(weight.shape) < FEWEST or not std > 0:
        return None
    tolerance = 0.01 + 3 / math.sqrt(2 * math.prod(weight.shape))
    right = {name: std / Formula(text)(**weight.names) for name, text in _RIGHT.items()}
    same_as = next((name for name, ratio in right.items() if abs(ratio - 1) < tolerance), "")
    tables = _PLAIN if _is_one_for_all(case, weight, std, tolerance) else {**_PLAIN, **_SLIPS, **_MIX_UPS}
    scheme = scheme_of(weight, case)
    reference = moments(scheme, weight).std
    nearest = min(*right.values(), std / reference, key=lambda ratio: abs(math.log(ratio)))
    if 1 / _SMALL < nearest < _SMALL:
        tables = _MIX_UPS  # a slip that changes so little is chance
    is_told = not same_as and tolerance < _COARSE
    mistake, is_slip = _mistake(weight, std, tolerance, tables) if is_told else ("", False)
    return Comparison(std, reference, scheme.name, nearest, same_as, mistake, is_slip)


def _is_one_for_all(case: Case, weight: Param, std: float, tolerance: float) -> bool:
    """Layers of other fans have the same std (0.02 of BERT and GPT-2): a formula of the fans that fits is chance."""
    stds = case.values("weight", "std")
    return any(
        abs(stds.get(name, 0.0) / std - 1) < tolerance
        and not 2 / 3 < other.fans.fan_in / weight.fans.fan_in < 3 / 2
        and math.prod(other.shape) >= FEWEST
        for name, other in case.weights.items()
    )


def _mistake(weight: Param, std: float, tolerance: float, tables: _Table) -> tuple[str, bool]:
    """The nearest of those that the std equals within its standard error, in words; and whether it is a slip."""
    ratios = {(w, text): std / Formula(text)(**weight.names) for w, formulas in tables.items() for text in formulas}
    (words, text), ratio = min(ratios.items(), key=lambda item: abs(item[1] - 1))
    if abs(ratio - 1) > tolerance:
        return "", False
    return words.format(formula=text, why=_why(weight)), words not in _MIX_UPS


def _why(weight: Param) -> str:
    """What a shape does not tell."""
    if weight.transposed:
        return "a transposed kernel has its fans swapped"
    if weight.groups > 1:
        return f"the {weight.groups} groups go unseen"
    return f"the {weight.blocks} fused layers count as one" if weight.blocks > 1 else "axes go unseen"
