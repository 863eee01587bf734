"""The published columns of numbers, measured in one network and predicted of all, within their standard errors."""

import math
from dataclasses import replace

import numpy as np
import pytest

from fanin import schemes
from fanin.errors import FaninError
from fanin.propagation import document, propagate
from fanin.propagation._stack import Stack
from fanin.values import Trace

# Karpathy & Johnson 2015, cs231n notes: std per layer of 10 x 500, 1000 N(0, 1) inputs
PUBLISHED = {
    ("tanh", "0.01*randn"): [
        .213081, .047551, .010630, .002378, .000532, .000119, .000026, .000006, .000001, 0,
    ],
    ("relu", "randn*sqrt(2/n)"): [
        .825232, .827835, .813855, .826902, .834092, .860035, .870610, .889348, .845357, .844523,
    ],
    ("tanh", "randn"): [
        .981967, .981707, .981676, .981665, .981692, .981697, .981691, .981673, .981653, .981686,
    ],
}  # fmt: skip


def _column(trace: Trace, statistic: str = "std") -> tuple[np.ndarray, np.ndarray]:
    rows = trace.series("forward", statistic)  # type: ignore[arg-type]
    return np.array([row.value for row in rows]), np.array([row.stderr for row in rows])


@pytest.mark.parametrize(("activation", "init"), PUBLISHED)
def test_cs231n_columns(activation: str, init: str) -> None:
    arm = propagate(init, depth=10, width=500, activation=activation, batch=1000)
    published = np.array(PUBLISHED[activation, init])
    predicted, error = _column(arm.predicted)
    measured, _ = _column(arm.measured)
    printed = 0.5e-6  # six decimals
    assert np.all(np.abs(published - predicted) <= 4 * error + printed)
    assert np.all(np.abs(measured - predicted) <= 4 * error + printed)
    # two networks, each with its own scatter
    assert np.all(np.abs(measured - published) <= 4 * math.sqrt(2) * error + printed)


@pytest.mark.parametrize(
    ("activation", "init"),
    [("tanh", "randn/sqrt(n)"), ("relu", "he_uniform"), ("sigmoid", "randn/sqrt(n)"), ("relu", "orthogonal"),
     ("selu", "lecun_normal"), ("tanh", "0.5*randn"), ("relu", "torch_default")],
)  # fmt: skip
def test_measured_agrees_with_theory_in_both_directions(activation: str, init: str) -> None:
    arm = propagate(init, depth=6, width=300, activation=activation, batch=300, seed=1)
    wanted = {("forward", "mean"), ("forward", "std"), ("forward", "saturated"), ("backward", "gradient")}
    differences = [d for d in arm.measured - arm.predicted if (d.direction, d.statistic) in wanted]
    assert len(differences) == 6 * 4
    assert max(abs(d.z) for d in differences) < 5


def test_positive_weights_saturate_everything() -> None:
    arm = propagate("rand", depth=4, width=200, activation="sigmoid", batch=100)
    for trace in (arm.measured, arm.predicted):
        assert trace.value("4", "forward", "saturated") > 0.99  # type: ignore[operator]
        assert trace.value("1", "backward", "gradient") < 1e-6  # type: ignore[operator]


def test_arms_of_one_seed_share_inputs_and_bits() -> None:
    one, other = (propagate(init, depth=1, width=50, batch=20, activation="linear") for init in ("randn", "0.5*randn"))
    ratio = one.measured.value("1", "forward", "std") / other.measured.value("1", "forward", "std")  # type: ignore[operator]
    assert ratio == pytest.approx(2, rel=1e-12)


def test_what_overflows_is_null_in_the_document() -> None:
    layers = document([propagate("randn*1e100", depth=5, width=20, activation="relu", batch=10)])["arms"][0]["layers"]
    assert layers[0]["measured"]["std"] is not None
    assert layers[4]["measured"]["std"] is None


def test_zeros_stay_zero() -> None:
    arm = propagate("zeros", depth=3, width=20, activation="tanh", batch=10)
    assert all(row.value == 0 for row in arm.measured.series("forward", "std"))
    assert all(d.z == 0 for d in arm.measured - arm.predicted if d.statistic in {"std", "mean"})


@pytest.mark.parametrize("wrong", [{"depth": 0}, {"width": 0}, {"batch": 1}, {"width": 10**6}, {"activation": "rellu"}])
def test_impossible_requests(wrong: dict[str, int]) -> None:
    with pytest.raises(FaninError):
        propagate("randn", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("activation", "bias"), [("tanh", "0.5*randn"), ("relu", "0.3*ones"), ("sigmoid", "randn")])
def test_biases_agree_with_theory(activation: str, bias: str) -> None:
    arm = propagate("randn/sqrt(n)", depth=5, width=300, activation=activation, batch=300, seed=3, bias=bias)
    plain = propagate("randn/sqrt(n)", depth=5, width=300, activation=activation, batch=300, seed=3)
    wanted = {("forward", "mean"), ("forward", "std"), ("forward", "pre_std"), ("backward", "gradient")}
    differences = [d for d in arm.measured - arm.predicted if (d.direction, d.statistic) in wanted]
    assert len(differences) == 5 * 4
    assert max(abs(d.z) for d in differences) < 5
    assert (
        abs(arm.predicted.value("1", "forward", "pre_std") - plain.predicted.value("1", "forward", "pre_std"))
        + abs(  # type: ignore[operator]
            arm.predicted.value("1", "forward", "pre_mean")  # type: ignore[arg-type]
        )
        > 0.1
    )
    with pytest.raises(FaninError, match="different stacks"):
        document([arm, plain])


@pytest.mark.parametrize("gain", ["1", "0.37", "1.7e-3"])
def test_kept_numbers_rescaled_are_a_fresh_draw_to_the_bit(gain: str) -> None:
    stack = Stack(2, 24, 10, 5)
    for item in schemes.catalogue():
        example = item.example()
        scheme = replace(example, scale=f"{gain}*({example.scale})", loc=f"{gain}*({example.loc})+0.1")
        param = stack.weight(1)
        try:
            fresh = schemes.sample(scheme, param, seed=5, path=param.path, dtype="float64")
        except FaninError:  # a law of fused blocks or of gates
            continue
        for _ in range(2):  # drawn, and kept
            assert np.array_equal(fresh, stack.weights(scheme)[1]), item.name
    values = schemes.sample("randn", (10, 24), seed=5, path="input", dtype="float64")
    assert np.array_equal(values, stack.noise("input"))


@pytest.mark.parametrize(
    ("init", "activation", "options", "codes"),
    [
        ("randn/sqrt(n)", "tanh", {}, ["steady"]),
        ("he_normal", "relu", {"depth": 20}, ["steady"]),
        ("lecun_normal", "selu", {"depth": 20}, ["steady"]),
        ("0.01*randn", "tanh", {}, ["vanishing", "gradient-vanishing"]),
        ("torch_default", "relu", {}, ["vanishing", "gradient-vanishing"]),
        ("2*he_normal", "relu", {}, ["exploding", "gradient-exploding"]),
        ("randn", "sigmoid", {}, ["saturated", "gradient-exploding"]),
        ("rand", "sigmoid", {"depth": 3}, ["saturated", "shifted"]),
        ("rand-2", "relu", {"depth": 2}, ["dead"]),
        ("randn*1e100", "relu", {}, ["not-finite"]),
        ("zeros", "tanh", {}, ["vanishing", "gradient-vanishing"]),
    ],
)
def test_what_happens_in_words(init: str, activation: str, options: dict[str, int], codes: list[str]) -> None:
    arm = propagate(init, activation=activation, **({"depth": 10, "width": 256, "batch": 128} | options))
    found = {word.code: word.values for word in arm.words}
    assert set(codes) <= set(found)
    assert ("steady" in found) == (codes == ["steady"])
    for code in set(found) & {"vanishing", "exploding", "steady"}:
        rows = arm.measured.series("forward", "std")
        assert (found[code]["first"], found[code]["last"]) == (rows[0].value, rows[-1].value)
    if "gradient-vanishing" in found:
        rows = arm.measured.series("backward", "gradient")
        assert (found["gradient-vanishing"]["first"], found["gradient-vanishing"]["last"]) == (
            rows[-1].value,
            rows[0].value,
        )


def test_histograms_hold_every_value_that_is_finite() -> None:
    arm = propagate("randn", depth=4, width=50, activation="tanh", batch=20)
    for histogram in arm.histograms + arm.gradients:
        assert sum(histogram.counts) == 50 * 20
        assert len(histogram.edges) == len(histogram.counts) + 1 == 41
    assert (arm.histograms[0].edges[0], arm.histograms[0].edges[-1]) == (-1, 1)
    a = np.tanh(Stack(1, 50, 20, 0).noise("input") @ Stack(1, 50, 20, 0).weights(schemes.parse("randn"))[0].T)
    assert arm.histograms[0].counts == tuple(np.histogram(a, 40, (-1, 1))[0].tolist())


@pytest.mark.parametrize("init", ["constant(1e300)", "rand*1e160", "randn*1e200"])
def test_weights_whose_squares_overflow_are_refused(init: str) -> None:
    with pytest.raises(FaninError, match="finite squares"):
        propagate(init, depth=2, width=5, batch=4)


def test_weights_below_the_smallest_number_are_measured() -> None:
    arm = propagate("randn*1e-320", depth=2, width=5, batch=4)
    assert sum(arm.histograms[0].counts) == 20
    assert arm.words[0].code == "vanishing"
