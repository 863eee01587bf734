"""Which findings are told as consequences of others, and what is said where the weights have no part in a fault."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from fanin.checkup import Report, check
from fanin.doctor import diagnose, drawn
from fanin.doctor._example import case, dense_case, measured
from fanin.doctor._reach import is_beyond
from fanin.values import Finding, Node, Param
from fanin.values.param import dense


def _orders(report: Report, parameter: str) -> set[str]:
    """The codes of the findings on a parameter that are no mere consequences."""
    return {f.code for f in report.findings if f.parameter == parameter and "A consequence" not in f.help}


def _rand(activation: str = "sigmoid") -> list[np.ndarray]:
    return list(drawn("rand", (784, 30, 30, 10), activation).weights)


def test_what_is_drawn_anew_is_not_also_multiplied() -> None:
    report = check(_rand(), activation="sigmoid")
    assert report.cause == "FAN103"
    assert _orders(report, "0.weight") == {"FAN103"}


class _Raw(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(64, 64)), nn.Parameter(torch.empty(64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.weight.T + self.bias


def _raw() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), _Raw(), nn.Tanh(), nn.Linear(64, 10))
    if not model[2].weight.isnan().any():  # as memory may be, when it is not what the doctor filled
        model[2].weight.data[0, 0] = math.inf
    return model


def test_memory_is_blamed_before_what_it_holds() -> None:
    report = check(_raw, input_shape=(64,))
    assert report.cause == "FAN105"
    assert {f.code for f in report.findings if f.severity != "info"} == {"FAN105"}


def test_every_layer_of_rand_is_named_and_mended() -> None:
    weights = [w.copy() for w in _rand()]
    report = check(weights, activation="sigmoid", output="linear")
    assert [f.layer for f in report.findings if f.code == "FAN103" and f.severity == "error"] == ["1", "2", "3"]
    report.fix_(weights)
    assert all(abs(w.mean()) < 0.1 for w in weights)


def test_a_head_of_rand_alone_does_no_harm() -> None:
    weights = [*drawn("lecun_normal", (784, 30), "sigmoid").weights, *drawn("rand", (30, 10), "linear").weights]
    assert not [f for f in check(weights, activation="sigmoid", output="linear").findings if f.code == "FAN103"]


def _finding(code: str, layer: str) -> Finding:
    return Finding(code, "slug", "warning", layer, f"{layer}.weight", {}, {}, "message", "help")


@pytest.mark.parametrize("code", ["FAN201", "FAN202", "FAN205"])
def test_a_layer_behind_changes_no_signal(code: str) -> None:
    net = dense_case((64, 64, 64, 64, 10), "relu", {})
    assert is_beyond(net, _finding(code, "2"), _finding("FAN401", "4"))
    assert not is_beyond(net, _finding(code, "4"), _finding("FAN104", "2"))
    assert not is_beyond(net, _finding(code, "2"), _finding("FAN104", "2"))


def test_the_collapse_is_blamed_before_the_output_that_it_makes() -> None:
    rows = {
        "1/forward": {"stable_rank": 9.0, "rms": 1.0},
        "2/forward": {"stable_rank": 1.0, "rms": 2.0},
        "3/forward": {"stable_rank": 1.0, "rms": 2.0},
        "4/forward": {"std": 20.0, "loss": 30.0, "loss_reference": math.log(10)},
    }
    report = diagnose(dense_case((64, 64, 64, 64, 10), "relu", rows, loss="cross_entropy"))
    assert {"FAN205", "FAN401"} <= {f.code for f in report.findings}
    assert report.cause == "FAN205"
    assert next(f for f in report.findings if f.code == "FAN401").help.startswith("A consequence of FAN205")


def test_weights_that_are_fine_are_not_spoken_of() -> None:
    weights = [*drawn("lecun_normal", (64, 64), "tanh").weights, 0.01 * drawn("randn", (64, 10), "tanh").weights[0]]
    x = 100 * drawn("randn", (64, 128), "linear").weights[0]
    report = check(weights, x, activation="tanh", output="linear")
    assert report.cause == "FAN501"
    assert "FAN104" not in {f.code for f in report.findings}


def test_an_explanation_gives_no_order() -> None:
    infos = [f for f in check(_rand("tanh"), activation="tanh").findings if f.severity == "info"]
    assert infos
    assert not [f.help for f in infos if f.help.startswith(("Multiply", "Divide"))]


def test_the_small_end_of_a_branch_is_not_off_scale() -> None:
    nodes = (
        Node("0", "layer", "dense", ("input",), "relu", ("0.weight",)),
        Node("1", "layer", "dense", ("0",), params=("1.weight",)),
        Node("add", "sum", "add", ("input", "1"), output=True),
    )
    params = (dense("0.weight", (64, 64), activation="relu"), Param("1.weight", (64, 64), ("out", "in")))
    stds = {"0": 30 * math.sqrt(2 / 64), "1": 1 / 8 / math.sqrt(48)}
    rows = [row for name, std in stds.items() for row in measured(name, "weight", std=std, mean=0.0)]
    assert {f.layer for f in diagnose(case(nodes, rows, params)).findings if f.code == "FAN104"} == {"0"}


def test_another_draw_tells_nothing_of_the_data() -> None:
    x = 1000 * torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    report = check(lambda: nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10)), x)
    assert report.cause == "FAN501"
    assert not [code for code in report.confidence if code.startswith(("FAN5", "FAN7"))]
