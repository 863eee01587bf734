"""Networks of sines are advised the weights that suit them, not another activation."""

import math

import pytest

import fanin
from fanin.doctor import omega
from fanin.doctor._sines import scheme_of_sine

torch = pytest.importorskip("torch")


def _sines(factor: float, features: int = 2, depth: int = 6):
    class Sine(torch.nn.Module):
        def forward(self, z):
            return torch.sin(factor * z)

    layers = []
    for i in range(depth):
        layers += [torch.nn.Linear(128 if i else features, 128), Sine()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(128, 1))


def _check(model, features: int = 2) -> fanin.Report:
    return fanin.check(model, 2 * torch.rand(256, features) - 1)


@pytest.mark.parametrize("factor", [10.0, 30.0, 60.0])
def test_the_factor_inside_is_told_and_divided_by(factor: float) -> None:
    torch.manual_seed(0)
    report = _check(_sines(factor))
    first = report.findings[0]
    assert report.cause == "FAN302"
    assert omega(report.case) == pytest.approx(factor, rel=0.1)
    assert "±sqrt(6/fan_in)/omega" in first.help
    assert f"about {omega(report.case):g} here" in first.help
    assert "activation" not in first.help
    assert first.fix is not None
    assert first.fix.std == pytest.approx(math.sqrt(2 / 128) / factor, rel=0.1)  # of a hidden layer: the first is right
    assert "siren_hidden" in first.message


@pytest.mark.parametrize(("factor", "features", "name"), [(30.0, 2, "siren_first"), (1.0, 64, "siren_hidden")])
def test_a_first_layer_of_many_features_is_not_left_in_the_middle_of_one_period(factor, features, name) -> None:
    torch.manual_seed(0)
    case = _check(_sines(factor, features), features).case
    assert scheme_of_sine(case, case.by_path["0.weight"]).name.startswith(name)
    assert scheme_of_sine(case, case.by_path["2.weight"]).name.startswith("siren_hidden")
    assert scheme_of_sine(case, case.by_path["12.weight"]) is None  # no sine follows


def test_what_is_advised_passes() -> None:
    torch.manual_seed(0)
    model = _sines(30.0)
    with torch.no_grad():
        for i, layer in enumerate(module for module in model if isinstance(module, torch.nn.Linear)):
            bound = 1 / layer.in_features if i == 0 else math.sqrt(6 / layer.in_features) / 30
            layer.weight.uniform_(-bound, bound)
    assert _check(model).ok


def test_without_sines_there_is_no_factor() -> None:
    assert omega(fanin.check([torch.randn(10, 10).numpy()] * 3, activation="tanh").case) is None


def test_theory_is_silent_about_sines_whose_factor_it_does_not_know() -> None:
    assert _check(_sines(30.0)).case.predicted is None
