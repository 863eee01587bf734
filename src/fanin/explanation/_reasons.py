"""The judgement of a layer's start, and the reasons, as codes that a student's sentences are made of."""

import math
from collections.abc import Iterator
from typing import Literal

from fanin.explanation._layer import Layer, nearest_std
from fanin.explanation._reason import Reason
from fanin.schemes import moments
from fanin.theory import gains
from fanin.values.param import dense

Verdict = Literal["good", "weak", "bad"]


def judge(layer: Layer) -> tuple[Verdict, tuple[Reason, ...]]:
    """The worst of the faults found, and every reason."""
    found = list(_faults(layer))
    verdicts = [verdict for verdict, _ in found]
    verdict: Verdict = "bad" if "bad" in verdicts else "weak" if "weak" in verdicts else "good"
    reasons = [reason for _, reason in found]
    if verdict == "good":
        reasons.insert(0, Reason("fits", {"std": layer.std, **_preactivation(layer)}))
    return verdict, tuple(reasons + list(_remarks(layer)))


def _preactivation(layer: Layer) -> dict[str, float | str]:
    """What follows for a unit's weighted sum."""
    return {
        "inputs": layer.param.fans.fan_in,
        "z_mean": layer.z_mean,
        "z_std": layer.z_std,
        "activation": layer.phi.name,
    }


def _faults(layer: Layer) -> Iterator[tuple[Verdict, Reason]]:
    if layer.std == 0:
        yield "bad", Reason("identical-units", {"mean": layer.mean})
        return
    yield from _shifted(layer)
    yield from _saturating(layer)
    yield from _scaled(layer)
    if layer.dead > 0.1:
        yield "bad", Reason("dead", {"share": layer.dead})


def _shifted(layer: Layer) -> Iterator[tuple[Verdict, Reason]]:
    shift = abs(layer.mean) / layer.std
    if shift > 0.1 and layer.scheme.law.name != "identity":
        sign = "positive" if layer.mean > 0 else "negative"
        code = f"{'all' if shift > 1.7 else 'mostly'}-{sign}"
        yield "bad" if shift > 0.3 else "weak", Reason(code, {"mean": layer.mean, **_preactivation(layer)})


def _saturating(layer: Layer) -> Iterator[tuple[Verdict, Reason]]:
    share, limits = layer.saturated, (0.6, 0.9) if layer.phi.kinks else (0.25, 0.5)
    if share > limits[0]:
        reason = Reason("saturated", {"share": share, **_preactivation(layer)})
        yield "bad" if share > limits[1] else "weak", reason


def _scaled(layer: Layer) -> Iterator[tuple[Verdict, Reason]]:
    upper = 1.75 if layer.phi.saturates else 1.25  # a bounded function forgives a gain such as tanh's 5/3
    values: dict[str, float | str] = {
        "std": layer.std,
        "times": max(layer.std / layer.wanted, layer.wanted / layer.std),
        "wanted": layer.wanted,
        "scheme": layer.better.name,
        "inputs": layer.param.fans.fan_in,
    }
    if layer.ratio < 0.8:
        yield "bad" if layer.ratio < 0.05 else "weak", Reason("too-small", values)
    elif layer.ratio > upper:
        yield "bad" if layer.ratio > 4 and not layer.phi.saturates else "weak", Reason("too-large", values)


def _remarks(layer: Layer) -> Iterator[Reason]:
    yield from _slips(layer)
    limits = dict(layer.scheme.law.arguments)
    if layer.scheme.name.startswith("torch:trunc_normal_") and min(abs(limits["low"]), limits["high"]) > 6:
        yield Reason("not-cut-off", {})
    if layer.phi.name != "linear":
        constant = gains(layer.phi)
        if not constant.stable:
            said = constant.reason[:1].upper() + constant.reason[1:]
            yield Reason("no-stable-gain", {"activation": layer.phi.name, "slope": constant.slope, "reason": said})
        elif constant.growth < 0.5 and layer.ratio < 2:
            yield Reason("gradient-shrinks", {"activation": layer.phi.name, "factor": layer.backward})


def _slips(layer: Layer) -> Iterator[Reason]:
    """Formulas that surely meant another: a division that multiplies, a variance in the place of a std."""
    growth = _scale_at(layer, 4.0) / layer.std if layer.std else 1.0
    if growth > 1.5:
        yield Reason("grows-with-inputs", {"factor": math.sqrt(layer.param.fans.fan_in)})
    meant = math.sqrt(layer.std)
    is_variance = growth < 0.3 and abs(math.log(meant / nearest_std(layer.phi, layer.param, meant))) < 0.05
    if is_variance:
        yield Reason("variance-for-std", {"std": meant})


def _scale_at(layer: Layer, times: float) -> float:
    """The std if the layer were `times` as wide on both sides."""
    shape = tuple(int(size * times) for size in layer.param.shape)
    axes_as_before = dense("wider", shape, "oi" if layer.param.axes[0] == "out" else "io")
    return moments(layer.scheme, axes_as_before).std
