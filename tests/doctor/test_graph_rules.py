"""The rules on graphs of any shape: what a norm, a residual, a gate or a frozen layer excuses."""

import json
import math
from dataclasses import replace

import pytest

from fanin.doctor import Case, diagnose
from fanin.doctor._chain import chains, runs
from fanin.doctor._example import case, dense_case, measured
from fanin.doctor._rate import gradient, signal
from fanin.doctor._reference import compare
from fanin.doctor.rules import (
    dead_units,
    gradient_below_epsilon,
    learning_rate,
    oversized_output,
    residual_growth,
    saturated_units,
)
from fanin.values import Node, Param
from fanin.values.param import Axis

CONV: tuple[Axis, ...] = ("out", "in", "kernel", "kernel")


def _dense(name: str, before: str, activation: str = "linear", **facts: object) -> Node:
    return Node(name, "layer", "dense", (before,), activation, (f"{name}.weight",), **facts)  # type: ignore[arg-type]


def _params(*names: str, size: int = 64) -> list[Param]:
    return [Param(f"{name}.weight", (size, size), ("out", "in"), activation="relu") for name in names]


def _codes(found: Case, **options: tuple[str, ...]) -> set[str]:
    return {f.code for f in diagnose(found, **options).findings if f.severity != "info"}


# chains and streams


def test_a_norm_and_a_sum_end_a_chain() -> None:
    nodes = [
        Node("table", "layer", "embedding", ("input",)),
        _dense("a", "table", "relu"),
        _dense("b", "a"),
        Node("norm", "norm", "layer_norm", ("b",)),
        _dense("c", "norm", "relu"),
        _dense("d", "c"),
        Node("add", "sum", "add", ("norm", "d")),
        _dense("head", "add", output=True),
    ]
    found = list(chains(case(nodes, ())))
    assert [(chain.source, chain.layers, chain.ends) for chain in found] == [
        ("table", ("a", "b"), "norm"),
        ("norm", ("c", "d"), "sum"),
        ("add", ("head",), "output"),
    ]
    assert [chain.inner for chain in found] == [("a",), (), ()]


def test_a_signal_that_all_samples_share_has_no_rate() -> None:
    rows = measured("input", "forward", rms=1.0, zeros=0.0, signal=1.0)
    nodes = [Node("queries", "input", "parameter"), _dense("a", "queries", "relu"), _dense("b", "a", output=True)]
    alike = (*rows, *measured("queries", "forward", rms=1.0, signal=0.0), *measured("a", "forward", signal=1e-9))
    assert signal(case(nodes, alike), "queries", ("a",)) is None


def test_the_gradient_is_measured_over_all_positions() -> None:
    """A stride of 2 leaves a quarter of the positions: the same norm is twice the rms."""
    rows = [
        *measured("1", "backward", gradient=0.5),
        *measured("2", "backward", gradient=1.0),
        *measured("1", "forward", size=64.0 * 400),
        *measured("2", "forward", size=64.0 * 100),
    ]
    found = dense_case((64, 64, 64, 10), "relu", {})
    rate = gradient(replace(found, measured=replace(found.measured, rows=tuple(rows))), ("1", "2"))
    assert rate is not None
    assert rate.total == pytest.approx(1.0)


def test_positions_added_to_tokens_are_no_residual_branch() -> None:
    nodes = [
        Node("tokens", "layer", "embedding", ("input",)),
        Node("positions", "layer", "embedding", ("input",)),
        Node("add", "sum", "add", ("tokens", "positions")),
        Node("norm", "norm", "layer_norm", ("add",)),
        _dense("up", "norm"),
        Node("add_1", "sum", "add", ("add", "up"), output=True),
    ]
    sizes = {"tokens": 0.02, "positions": 1.0, "add": 1.0, "add_1": 1.4}
    rows = [row for name, size in sizes.items() for row in measured(name, "forward", rms=size)]
    (run,) = runs(case(nodes, rows, _params("up")))
    assert [(step.sum, step.trunk, step.branch, step.is_normed) for step in run] == [("add_1", "add", "up", True)]


def test_a_norm_between_sums_begins_a_new_run() -> None:
    nodes = [
        _dense("a", "input"),
        Node("add", "sum", "add", ("input", "a")),
        Node("norm", "norm", "layer_norm", ("add",)),
        _dense("b", "norm"),
        Node("add_1", "sum", "add", ("norm", "b"), output=True),
    ]
    rows = [row for name in ("input", "add", "norm", "add_1") for row in measured(name, "forward", rms=1.0)]
    assert [[step.sum for step in run] for run in runs(case(nodes, rows))] == [["add"], ["add_1"]]


@pytest.mark.parametrize(("norm", "cause"), [(False, "FAN601"), (True, None)])
def test_the_same_growth_is_a_fault_without_norms_alone(norm: bool, cause: str | None) -> None:
    assert diagnose(residual_growth.stream(1.3, 24, norm=norm)).cause == cause


# what is no fault


def test_a_small_layer_in_front_of_a_norm_passes() -> None:
    nodes = [
        _dense("a", "input"),
        Node("norm", "norm", "batch_norm", ("a",), "relu"),
        _dense("head", "norm", output=True),
    ]
    for std in (1e-4, 5.0):
        rows = (
            *measured("input", "forward", rms=1.0, zeros=0.0, signal=1.0),
            *measured("a", "weight", std=std, mean=0.0),
            *measured("a", "forward", pre_std=8 * std, signal=8 * std),
            *measured("norm", "forward", signal=0.8),
        )
        assert _codes(case(nodes, rows, _params("a", "head"))) == set()


def test_a_scale_in_front_of_a_norm_is_no_fault_of_the_input() -> None:
    nodes = [_dense("a", "input"), Node("norm", "norm", "batch_norm", ("a",)), _dense("head", "norm", output=True)]
    rows = (*measured("input", "forward", rms=150.0, min=0.0, max=255.0), *measured("a", "forward", pre_std=200.0))
    assert _codes(case(nodes, rows, _params("a", "head"))) == set()
    assert _codes(case([_dense("a", "input"), _dense("head", "a", output=True)], rows, _params("a", "head"))) == {
        "FAN501"
    }


@pytest.mark.parametrize(("kind", "expected"), [("product", {"warning"}), ("sum", {"error"})])
def test_a_gate_may_be_shut(kind: str, expected: set[str]) -> None:
    nodes = [
        _dense("gate", "input", "sigmoid"),
        _dense("value", "input"),
        Node("meet", kind, "mul", ("gate", "value")),  # type: ignore[arg-type]
        _dense("head", "meet", output=True),
    ]
    found = case(nodes, measured("gate", "forward", saturated=0.99, derivative=0.01), _params("gate", "value", "head"))
    assert {f.severity for f in saturated_units.check(found)} == expected


def test_softmax_is_no_saturated_unit() -> None:
    nodes = [_dense("scores", "input", "softmax"), _dense("head", "scores", output=True)]
    rows = measured("scores", "forward", saturated=0.99, derivative=0.01)
    assert _codes(case(nodes, rows, _params("scores", "head"))) == set()


def test_frozen_layers_may_hold_what_they_like() -> None:
    rows = {"1/weight": {"std": 50.0, "mean": 40.0, "distinct_after": 0.01}, "1/backward": {"unlocks": math.inf}}
    found = dense_case((64, 64, 10), "sin", rows)
    frozen = replace(found.graph, nodes=tuple(replace(node, frozen=node.name == "1") for node in found.graph.nodes))
    assert "FAN102" in _codes(found)
    assert _codes(replace(found, graph=frozen)) == set()


def test_trained_weights_are_asked_only_what_can_be_wrong_with_them() -> None:
    rows = {"1/weight": {"std": 3.0, "mean": 4.0}, "1/forward": {"saturated": 0.9, "derivative": 0.01}}
    found = dense_case((64, 64, 10), "tanh", rows)
    assert _codes(found) == {"FAN103"}  # the scale of what is drawn anew is its consequence
    assert _codes(replace(found, is_trained=True)) == set()
    nan = dense_case((64, 64, 10), "tanh", {"1/weight": {"finite": 0.9}}, is_trained=True)
    assert _codes(nan) == {"FAN101"}


def test_a_frozen_copy_is_a_teacher() -> None:
    rows = {"1/weight": {"std": 0.17}, "2/weight": {"std": 0.17}}
    found = dense_case((64, 64, 64, 10), "relu", rows, clones=(("1.weight", "2.weight"),))
    teacher = replace(found.graph, nodes=tuple(replace(node, frozen=node.name == "2") for node in found.graph.nodes))
    assert _codes(found) == {"FAN106"}
    assert _codes(replace(found, graph=teacher)) == set()


def test_units_behind_a_norm_may_be_dead_too() -> None:
    nodes = [
        _dense("a", "input"),
        Node("norm", "norm", "batch_norm", ("a",), "relu", ("norm.weight",)),
        _dense("head", "norm", output=True),
    ]
    params = [*_params("a", "head"), Param("norm.weight", (64,), ("out",), role="norm_scale")]
    (found,) = dead_units.check(case(nodes, measured("norm", "forward", dead=1.0), params))
    assert (found.layer, found.parameter, found.severity) == ("norm", "norm.weight", "error")


# the scale of weights


@pytest.mark.parametrize(
    ("param", "std", "words"),
    [
        (Param("1.weight", (64, 32, 3, 3), CONV, activation="relu"), math.sqrt(2 / 32), "kernel was left out"),
        (Param("1.weight", (64, 4, 3, 3), CONV, groups=16, activation="relu"), math.sqrt(2 / 576), "16 groups"),
        (
            Param("1.weight", (256, 48, 4, 4), ("in", "out", "kernel", "kernel"), transposed=True, stride=4),
            1 / math.sqrt(3 * 48 * 16),
            "transposed kernel has its fans swapped",
        ),
        (Param("1.weight", (192, 64), ("out", "in"), blocks=3), math.sqrt(2 / 256), "3 fused layers"),
    ],
)
def test_mix_ups_of_fans_are_named(param: Param, std: float, words: str) -> None:
    found = compare(case([_dense("1", "input", output=True)], measured("1", "weight", std=std), [param]), "1")
    assert found is not None
    assert words in found.mistake
    assert not found.is_slip


def test_one_std_for_layers_of_any_fan_is_no_slip() -> None:
    """1/48 is about 0.02, but so is the std of the layer of 192 inputs."""
    nodes = [_dense("1", "input", "gelu"), _dense("2", "1", output=True)]
    params = [Param("1.weight", (192, 48), ("out", "in")), Param("2.weight", (48, 192), ("out", "in"))]
    rows = [*measured("1", "weight", std=0.0205), *measured("2", "weight", std=0.02)]
    both = compare(case(nodes, rows, params), "1")
    assert both is not None
    assert both.mistake == ""
    alone = compare(case(nodes, rows[:1], params), "1")
    assert alone is not None
    assert "variance" in alone.mistake


# the output


@pytest.mark.parametrize(("std", "severity"), [(9.0, "warning"), (20.0, "error")])
def test_a_tied_table_is_judged_without_a_loss(std: float, severity: str) -> None:
    nodes = [
        Node("tok", "layer", "embedding", ("input",), params=("tok.weight",)),
        Node("norm", "norm", "layer_norm", ("tok",)),
        Node("head", "layer", "dense", ("norm",), params=("tok.weight",), output=True),
    ]
    rows = [*measured("head", "forward", std=std), *measured("norm", "forward", rms=1.0)]
    (found,) = oversized_output.check(case(nodes, rows, _params("tok")))
    assert (found.severity, found.expected) == (severity, {"std": 1.0})
    assert found.message.startswith(f"The outputs of head have std {std:g}")
    assert "loss" not in found.message


# the order of blame


def _classifier(**facts: object) -> Case:
    rows = {
        "1/forward": {"saturated": 0.9, "derivative": 0.01, "rms": 0.9, "pre_std": 40.0},
        "2/forward": {"std": 20.0, "mean": 0.0, "min": -60.0, "max": 60.0, "loss": 30.0, "loss_reference": 2.3},
    }
    return dense_case((64, 64, 10), "tanh", rows, **facts)


def test_saturated_layers_come_before_the_head_that_they_feed() -> None:
    found = diagnose(_classifier(loss="cross_entropy"))
    assert found.cause == "FAN201"
    assert {f.code: f.severity for f in found.findings}["FAN401"] == "info"


def test_a_head_alone_is_blamed_for_its_loss() -> None:
    healthy = dense_case((64, 64, 10), "tanh", {"1/forward": {"rms": 0.6}, "2/forward": {"std": 20.0}})
    rows = (*healthy.measured.rows, *measured("2", "forward", loss=30.0, loss_reference=2.3, mean=0.0))
    found = replace(healthy, measured=replace(healthy.measured, rows=rows), loss="cross_entropy")
    assert diagnose(found).cause == "FAN401"


def test_data_explain_saturation_however_mild_their_fault() -> None:
    found = _classifier()
    rows = (*found.measured.rows, *measured("input", "forward", rms=5.0, zeros=0.0, min=-15.0, max=15.0))
    seen = diagnose(replace(found, measured=replace(found.measured, rows=rows)))
    assert (seen.cause, seen.findings[0].severity) == ("FAN501", "warning")
    assert all(f.severity == "info" for f in seen.findings[1:])


def test_a_loss_that_does_not_fit_explains_its_value() -> None:
    assert diagnose(_classifier(loss="nll"), select=["FAN4", "FAN7"]).cause == "FAN702"


def test_the_learning_rate_is_blamed_last() -> None:
    rows = {"1/weight": {"std": 0.1, "mean": 0.0}, "1/backward": {"weight_gradient": 1e-2}}
    fine = dense_case((64, 64, 10), "relu", rows, optimizer="sgd", lr=100.0)
    assert diagnose(fine).cause == "FAN701"
    copies = (*fine.measured.rows, *measured("1", "weight", distinct_after=1 / 64))
    sick = diagnose(replace(fine, measured=replace(fine.measured, rows=copies)))
    assert sick.cause == "FAN102"
    assert "FAN701" in {f.code for f in sick.findings if f.severity == "error"}  # it is wrong all the same


@pytest.mark.parametrize(
    ("optimizer", "gradient", "lr", "words"),
    [
        ("adamw", 1e-2, 10.0, "rate of about 0.001,"),
        ("adam", 1e-9, 1e-10, "rate of about 0.001,"),
        ("sgd", 1e-2, 100.0, "rate of about 0.01,"),
        ("sgd", 1e-8, 0.1, "The gradients are oddly small"),
        ("sgd", 1e7, 0.1, "The gradients are oddly large"),
    ],
)
def test_the_advised_rate(optimizer: str, gradient: float, lr: float, words: str) -> None:
    """A hundredth of the weights for Adam, a thousandth for plain steps, unless that is a rate that no one takes."""
    rows = {"1/weight": {"std": 0.1, "mean": 0.0}, "1/backward": {"weight_gradient": gradient}}
    (found,) = learning_rate.check(dense_case((64, 64, 10), "relu", rows, optimizer=optimizer, lr=lr))
    assert words in found.help


@pytest.mark.parametrize(("scale", "where"), [(1e-7, "all 3 layers"), (1.0, "1 of 3 layers")])
def test_a_loss_that_is_scaled_too_small_for_adam(scale: float, where: str) -> None:
    """Layers that fade are told to keep the gradient; where it is small from the start, the loss is."""
    sizes = {"1": 1e-9 if scale == 1 else 1e-3, "2": 1e-2, "3": 1e-2}
    rows = {f"{name}/backward": {"weight_gradient": scale * size} for name, size in sizes.items()}
    found = dense_case((64, 64, 64, 10), "relu", {**rows, "2/forward": {"rms": 1.0}}, optimizer="adam")
    (finding,) = gradient_below_epsilon.check(found)
    assert finding.message.startswith(f"In {where}, ")
    assert finding.help.startswith("Keep the gradient" if scale == 1 else "The loss is scaled too small")
    assert finding.layer == ("1" if scale == 1 else None)
    assert set(finding.expected) <= set(finding.measured)


def test_tiny_weights_are_no_tiny_loss() -> None:
    """They make the gradients to all weights alike small, through the signals that these take."""
    rows = {f"{name}/backward": {"weight_gradient": 1e-10} for name in ("1", "2", "3")}
    found = dense_case((64, 64, 64, 10), "relu", {**rows, "2/forward": {"rms": 1e-8}}, optimizer="adam")
    (finding,) = gradient_below_epsilon.check(found)
    assert finding.help.startswith("Keep the gradient")


@pytest.mark.parametrize(
    ("loss", "activation", "units", "rows", "severity"),
    [
        ("bce", "softmax", 1, {"min": 1.0, "max": 1.0}, "error"),
        ("cross_entropy", "linear", 1, {"std": 0.1}, "error"),
        ("bce", "linear", 1, {"min": -2.0, "max": 2.0}, "error"),
        ("nll", "log_softmax", 10, {"max": -0.1}, None),
        ("nll", "softmax", 10, {"max": 0.9}, "error"),
        ("cross_entropy", "softmax", 10, {}, "warning"),
        ("bce_with_logits", "sigmoid", 1, {}, "warning"),
        ("cross_entropy", "linear", 10, {"loss_growth": 2.02}, "warning"),
        ("cross_entropy", "linear", 10, {"loss_growth": 1.1}, None),
    ],
)
def test_losses_and_outputs(
    loss: str, activation: str, units: int, rows: dict[str, float], severity: str | None
) -> None:
    nodes = [_dense("head", "input", activation, output=True)]
    params = [Param("head.weight", (units, 64), ("out", "in"))]
    found = case(nodes, measured("head", "forward", **rows), params, loss=loss)
    assert next((f.severity for f in diagnose(found, ["FAN702"]).findings), None) == severity


def test_never_travels_as_json() -> None:
    """An infinite number of steps until a weight is unlocked."""
    found = dense_case((64, 64, 10), "relu", {"1/backward": {"unlocks": math.inf}}, uninitialized=("2.weight",))
    sent = Case.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False)))
    assert {f.code for f in diagnose(sent).findings} == {"FAN105", "FAN303"}
    assert diagnose(sent) == diagnose(found)
