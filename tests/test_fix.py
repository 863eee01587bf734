"""`report.fix_`: what the findings blame is drawn anew, nothing else, and the check passes."""

import copy
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import fanin
from fanin.errors import InputError

RNG = np.random.default_rng(0)
SICK = {
    "rand": [RNG.random((30, 784)), RNG.random((20, 30)), RNG.random((10, 20))],
    "tiny": [0.01 * RNG.standard_normal((100, 100)) for _ in range(10)],
    "randn": [RNG.standard_normal((100, 100)) for _ in range(6)],
    "zeros": [np.zeros((30, 784)), np.zeros((10, 30))],
    "nan": [np.full((30, 20), np.nan), RNG.standard_normal((10, 30)) / 30**0.5],
}


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("name", SICK)
def test_what_the_weights_are_to_blame_for_passes_afterwards(name: str, activation: str) -> None:
    weights = copy.deepcopy(SICK[name])
    report = fanin.check(weights, activation=activation)
    after = report.fix_(weights)
    assert (report.ok, after.ok) == (False, True)
    assert fanin.check(weights, activation=activation).ok, "it was done in place"
    assert after.fixed is not None
    assert (after.fixed.cause, after.fixed.findings) == (report.cause, len(report.findings))
    for one in after.fixed.parameters:
        values = weights[int(one.parameter.split(".")[0])]
        assert one.after["std"] == pytest.approx(values.std())
        assert one.before != one.after


def test_only_what_is_blamed_is_written() -> None:
    healthy = RNG.standard_normal((20, 30)) / 30**0.5
    weights = [RNG.random((30, 784)), healthy.copy(), RNG.standard_normal((10, 20)) / 20**0.5]
    after = fanin.check(weights, activation="tanh").fix_(weights)
    assert [one.parameter for one in after.fixed.parameters] == ["0.weight"]  # type: ignore[union-attr]
    assert np.array_equal(weights[1], healthy)


def test_data_at_fault_change_no_weight() -> None:
    weights = [RNG.standard_normal((30, 784)) / 28, RNG.standard_normal((10, 30)) / 30**0.5]
    before = copy.deepcopy(weights)
    report = fanin.check(weights, 255 * RNG.random((100, 784)), activation="tanh", select="FAN5")
    after = report.fix_(weights)
    assert (report.cause, after.cause) == ("FAN501", "FAN501")
    assert after.fixed is not None and after.fixed.parameters == ()
    assert all(map(np.array_equal, weights, before))


def test_weights_at_fault_beside_the_data_are_all_drawn_anew() -> None:
    weights = [RNG.standard_normal((64, 64)) / 20 for _ in range(20)]  # 0.4 times He's
    after = fanin.check(weights, 255 * RNG.random((128, 64)), activation="relu").fix_(weights)
    assert [finding.code for finding in after.findings] == ["FAN501"]
    assert len(after.fixed.parameters) == len(weights)  # type: ignore[union-attr]


def test_the_seed_decides_every_value_and_a_layout_is_kept() -> None:
    drawn = []
    for seed in (1, 1, 2):
        weights = {"W1": RNG.random((784, 30)), "b1": np.zeros((30, 1)), "W2": RNG.random((30, 10))}
        report = fanin.check(weights, activation="tanh", layout="io")
        assert report.fix_(weights, seed=seed).ok
        drawn.append(weights["W1"])
    assert drawn[0].shape == (784, 30)
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_what_cannot_be_written_to_is_said() -> None:
    weights = [RNG.random((30, 784)), RNG.random((10, 30))]
    report = fanin.check(weights)
    weights[0].flags.writeable = False
    for model in (weights, [w.astype(int) for w in weights]):
        with pytest.raises(InputError, match=r"'0\.weight' can't be written to in place; give a NumPy array"):
            report.fix_(model)


def test_a_torch_model_is_fixed_in_place() -> None:
    torch = pytest.importorskip("torch")
    layers = [layer for _ in range(12) for layer in (torch.nn.Linear(64, 64), torch.nn.ReLU())]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(64, 10))
    for param in model.parameters():
        torch.nn.init.normal_(param) if param.ndim > 1 else torch.nn.init.zeros_(param)
    report = fanin.check(model)
    after = report.fix_(model)
    assert (report.cause, after.cause) == ("FAN204", None)
    assert {one.parameter for one in after.fixed.parameters} == {f"{2 * i}.weight" for i in range(13)}  # type: ignore[union-attr]
    assert fanin.check(model).ok


def test_what_was_learned_is_left_alone() -> None:
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.BatchNorm1d(64), torch.nn.ReLU())
    torch.nn.init.ones_(model[0].weight)
    model[1].num_batches_tracked += 1000
    model[1].running_mean += 0.5
    report = fanin.check(model)
    before = model[0].weight.clone()
    after = report.fix_(model)
    assert report.case.is_trained
    assert after.fixed is not None and after.fixed.parameters == ()
    assert torch.equal(before, model[0].weight)


def test_another_model_is_refused() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)

    def model(*names: str) -> Any:
        made = torch.nn.Sequential(OrderedDict((name, torch.nn.Linear(8, 8, bias=False)) for name in names))
        for parameter in made.parameters():
            torch.nn.init.zeros_(parameter)
        return made

    report = fanin.check(model("a", "b"))
    for other, words in ((("a", "c"), "no parameter 'b.weight'"), (("a", "b", "c"), "a parameter 'c.weight' more")):
        with pytest.raises(InputError, match=f"this is not the model that was checked.*{words}"):
            report.fix_(model(*other))
