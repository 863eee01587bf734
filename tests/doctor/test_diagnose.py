"""The order of blame, the folding of consequences, and the selection of rules."""

import json
from dataclasses import replace

import pytest

from fanin.checkup import check
from fanin.doctor import Case, Diagnosis, diagnose, drawn
from fanin.doctor._example import case, measured
from fanin.doctor._reach import is_beyond
from fanin.errors import UnknownName
from fanin.schemes import sample
from fanin.values import Node, Row, Trace
from fanin.values.param import dense


def _case(init: str, activation: str = "sigmoid", widths: tuple[int, ...] = (784, 30, 10), scale: float = 1.0) -> Case:
    example = drawn(init, widths, activation)
    x = scale * drawn("randn", (widths[0], 200), "linear").weights[0]
    return check(list(example.weights), x, activation=activation).case


def test_data_are_blamed_before_weights() -> None:
    found = diagnose(_case("rand", scale=200.0))
    assert found.cause == "FAN501"
    assert found.findings[0].code == "FAN501"
    # the weights are wrong all the same
    assert {f.code for f in found.findings if f.severity == "error"} == {"FAN501", "FAN103"}


def test_signals_are_consequences_of_weights() -> None:
    found = diagnose(_case("rand"))
    saturated = [f for f in found.findings if f.code == "FAN201"]
    assert found.cause == "FAN103"
    assert {f.severity for f in saturated} == {"info"}
    assert all("consequence of FAN103" in f.help and f.fix is None for f in saturated)


def test_a_signal_fault_is_the_cause_if_the_weights_have_none() -> None:
    found = diagnose(_case("randn"))
    assert found.cause == "FAN201"
    assert found.findings[0].severity == "error"
    assert "not divided by sqrt(fan_in)" in found.findings[0].message


def test_an_explanation_never_stands_alone() -> None:
    case = _case("0.002*randn")  # 1/18 of the reference, one hidden layer: it learns
    assert diagnose(case, ["FAN104"]).findings == ()
    assert diagnose(case) == diagnose(case, ["FAN104"])


def test_select_and_ignore() -> None:
    case = _case("rand")
    assert {f.code for f in diagnose(case, ["FAN1"]).findings} == {"FAN103", "FAN104"}
    assert diagnose(case, ["saturated-units"]).cause == "FAN201"
    assert diagnose(case, ["fan2"]).cause == "FAN201"
    assert diagnose(case, ignore=["FAN103"]).cause == "FAN201"
    assert diagnose(case, ["FAN1"], ["FAN103"]).cause is None


@pytest.mark.parametrize("name", ["FAN999", "XX", "", "FAN1033", "saturated"])
def test_unknown_rules_are_refused(name: str) -> None:
    with pytest.raises(UnknownName):
        diagnose(_case("randn", widths=(4, 4, 4)), [name])


def test_a_case_travels_as_json() -> None:
    case = _case("rand")
    sent = json.dumps(case.to_json(), allow_nan=False)
    assert diagnose(Case.from_json(json.loads(sent))) == diagnose(case)


def test_a_case_with_another_activation_than_ours_is_judged() -> None:
    def bent(z):
        return z / (1 + z * z) ** 0.25

    example = drawn("lecun_normal", (64, 30, 10), "linear")
    case = check(list(example.weights), activation=bent).case
    assert diagnose(Case.from_json(case.to_json())).cause is None


def test_any_subset_of_rows_is_judged_without_raising() -> None:
    case = _case("rand", widths=(20, 10, 10, 5))
    rows = case.measured.rows
    for keep in range(0, len(rows), 7):
        diagnose(Case(case.graph, case.params, Trace("measured", rows[:keep])))
        diagnose(Case(case.graph, case.params, Trace("measured", rows[keep:])))


def test_rows_that_are_not_numbers_are_not_measured() -> None:
    case = _case("randn", widths=(20, 10, 5))
    spoilt = tuple(Row(r.layer, r.direction, r.statistic, float("nan")) for r in case.measured.rows)
    assert {f.code for f in diagnose(Case(case.graph, case.params, Trace("measured", spoilt))).findings} <= {"FAN204"}


# what stands beside a cause


def _deep(init: str, width: int, depth: int, scale: float = 1.0) -> Diagnosis:
    return diagnose(_case(init, "relu", (64, *(width,) * depth, 10), scale))


def _told(found: Diagnosis, code: str) -> tuple[str, bool]:
    """The severity of one finding, and whether it is told as a consequence."""
    finding = next(finding for finding in found.findings if finding.code == code)
    return finding.severity, finding.help.startswith("A consequence")


def test_a_loss_in_every_layer_is_no_consequence_of_the_inputs() -> None:
    found = _deep("torch_default", 64, 20, scale=200.0)
    assert found.cause == "FAN501"
    assert _told(found, "FAN203") == ("error", False)
    # of the two causes, the gradient follows from the second
    assert next(f.help for f in found.findings if f.code == "FAN301") == "A consequence of FAN203: cure that first."


def test_a_signal_that_is_small_as_the_inputs_are_is_their_consequence() -> None:
    found = _deep("he_normal", 64, 4, scale=1e-6)
    assert found.cause == "FAN501"
    assert _told(found, "FAN203") == ("info", True)


def test_what_happens_behind_a_norm_is_no_consequence_of_the_inputs() -> None:
    def layer(name: str, before: str, **facts: bool) -> Node:
        return Node(name, "layer", "dense", (before,), "tanh", (f"{name}.weight",), **facts)

    def causes(kind: str) -> set[str]:
        nodes = [layer("a", "input"), Node("mid", kind, kind, ("a",)), layer("b", "mid"), layer("c", "b", output=True)]
        rows = [
            *measured("input", "forward", rms=200.0, zeros=0.0, signal=200.0),
            *measured("a", "forward", pre_std=200.0, signal=1.0, rms=1.0),
            *measured("mid", "forward", signal=1.0, rms=1.0),
            *measured("b", "forward", signal=1e-6, rms=1.0),
        ]
        params = [dense(f"{name}.weight", (64, 64), activation="tanh") for name in "abc"]
        return {f.code for f in diagnose(case(nodes, rows, params)).findings if f.severity == "error"}

    assert causes("norm") == {"FAN501", "FAN203"}
    assert causes("scale") == {"FAN501"}


def test_weights_that_lose_more_than_luck_come_before_narrow_layers() -> None:
    found = _deep("torch_default", 8, 20)
    assert found.cause == "FAN203"
    assert _told(found, "FAN602") == ("error", False)


@pytest.mark.parametrize("seed", range(4))
def test_luck_in_narrow_layers_is_blamed_on_their_width(seed: int) -> None:
    weights = [sample("he_normal", shape, seed=seed, path=str(i)) for i, shape in enumerate([(8, 64)] + [(8, 8)] * 19)]
    assert check([*weights, sample("he_normal", (10, 8))], activation="relu").cause == "FAN602"


def test_a_loss_changes_no_signal() -> None:
    case = _case("torch_default", "relu", (64, *(64,) * 20, 10))
    finding = next(f for f in diagnose(case).findings if f.code == "FAN203")
    loss = replace(finding, code="FAN702", layer=None)
    assert is_beyond(case, finding, loss)
    assert not is_beyond(case, replace(finding, code="FAN304"), loss)


def test_a_loss_of_signal_is_placed_where_it_is_lost() -> None:
    weights = [sample("he_normal", (64, 64), path=str(i)) for i in range(8)]
    weights[0] *= 1e6  # the largest step, and a growth
    for i in (3, 4, 5):
        weights[i] *= 1e-4
    found = next(f for f in check(weights, activation="relu").findings if f.code == "FAN203")
    assert found.layer in ("4", "5", "6")


def test_a_growth_of_the_gradient_is_placed_at_the_weights_that_make_it() -> None:
    weights = [sample("he_normal", (64, 64), path=str(i)) for i in range(8)]
    weights[4] *= 1e6
    found = next(f for f in check(weights, activation="relu", select="FAN302").findings)
    assert (found.layer, found.parameter) == ("5", "4.weight")
