"""The order of blame, the folding of consequences, and the selection of rules."""

import json

import pytest

from fanin.checkup import check
from fanin.doctor import Case, diagnose, drawn
from fanin.errors import UnknownName
from fanin.values import Row, Trace


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
