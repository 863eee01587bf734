"""Networks in code: trained together or one by one with the same numbers, every kind of init, data and own training."""

import importlib
import json
import re
import sqlite3
import subprocess
import sys
from dataclasses import replace
from functools import partial

import jsonschema
import numpy as np
import pytest
import torch
from torch import nn

import fanin
from fanin import report
from fanin.adapters.torch import Company
from fanin.errors import FaninError, InputError
from fanin.study import compare
from fanin.study.code import hashed
from fanin.study.datasets._examples import examples
from fanin.study.grid import grid, trials
from fanin.study.models import cell_of
from fanin.study.work import Settings
from fanin.study.works import model_work

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 240)
X = (RNG.normal(size=(240, 1, 6, 6)) + np.eye(3, 36)[Y].reshape(-1, 1, 6, 6) * 8).astype(np.float32)


def mlp(depth=2, width=16):
    layers = [nn.Flatten(), nn.Linear(36, width), nn.ReLU()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, 3))


def cnn():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Flatten(), nn.LayerNorm(64), nn.Linear(64, 3))


def batch_norm():
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))


def dropout():
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))


class Attends(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(5, 8)
        self.q, self.k, self.v = (nn.Linear(8, 8) for _ in range(3))
        self.head = nn.Linear(8, 3)

    def forward(self, ids):
        x = self.embed(ids)
        return self.head(nn.functional.scaled_dot_product_attention(self.q(x), self.k(x), self.v(x)).mean(1))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells, self.head = nn.LSTM(6, 8, batch_first=True), nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.cells(x.flatten(1, 2))[0][:, -1])


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(36, 3)

    def forward(self, x):
        y = self.head(x.flatten(1))
        return y if float(y.sum().detach()) > 0 else 2 * y


class Counts(nn.Module):
    def __init__(self):
        super().__init__()
        self.head, self.calls = nn.Linear(36, 3), 0

    def forward(self, x):
        self.calls += 1
        return self.head(x.flatten(1)) * (1 + 0.1 * self.calls)


def large():
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 800), nn.ReLU(), nn.Linear(800, 800), nn.ReLU(), nn.Linear(800, 3))


IDS = RNG.integers(0, 5, (120, 6))


def outcomes(build, data, *, lr=(0.05, 0.1), init=("keep", "signal"), **settings):
    work = model_work(build, data)
    planned = trials(
        work, grid(inits=init, lr=lr, seeds=1, optimizer=settings.pop("optimizer", None)), Settings(**settings)
    )
    return work, planned, work.train(planned, lambda count: None)


def numbers(outcome):
    return [(row.loss, row.accuracy, row.validation_loss, row.test_loss, *row.gradient) for row in outcome.epochs]


def timeless(found):
    return [replace(outcome, seconds=0) for outcome in found]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
@pytest.mark.parametrize(("build", "data"), [(mlp, (X, Y)), (cnn, (X, Y)), (Attends, (IDS, IDS[:, 0] % 3))])
def test_together_is_one_by_one_within_rounding(build, data, optimizer):
    """One by one is PyTorch's own backward pass and its own optimiser."""
    work, planned, together = outcomes(build, data, optimizer=optimizer, epochs=3, batch=32)
    assert work.start(planned[0])["notes"] == []  # these can be stacked
    apart = replace(work, companies={cell_of(planned[0]): Company(1, "to compare")}).train(planned, lambda count: None)
    for alone, outcome in zip(apart, together, strict=True):
        assert np.allclose(np.array(numbers(alone), float), np.array(numbers(outcome), float), rtol=2e-3, atol=2e-5)
        assert alone.state == outcome.state == "done"
        assert numbers(alone) != numbers(outcome)  # they were computed in two ways


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("build", [mlp, cnn, batch_norm, dropout])
def test_a_trial_has_the_same_bits_in_any_company(build, optimizer):
    """So neither a budget, nor a kill, nor one more arm changes what a trial gives."""
    settings = {"lr": (0.01, 1.0, 1e30), "init": ("keep", "signal", "0.1*randn"), "epochs": 2, "batch": 32}
    work, planned, whole = outcomes(build, (X, Y), optimizer=optimizer, **settings)
    assert {o.state for o in whole} == {"done", "diverged"}
    for size in (1, 2, 4):
        parts = [work.train(planned[i : i + size], lambda count: None) for i in range(0, len(planned), size)]
        assert timeless(o for part in parts for o in part) == timeless(whole)


@pytest.mark.parametrize("build", [mlp, cnn])
def test_a_stack_that_is_filled_up_gives_the_same_bits(build):
    """As on a GPU, where all stacks are of one size; what diverges stays in it."""
    work, planned, found = outcomes(build, (X, Y), lr=(0.01, 1e30), epochs=3, batch=32)
    fixed = replace(work, companies={cell_of(planned[0]): Company(32, least=7)})
    for size in (1, 3, 4):
        parts = [fixed.train(planned[i : i + size], lambda count: None) for i in range(0, len(planned), size)]
        assert timeless(o for part in parts for o in part) == timeless(found)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (dropout, "random operation"),
        (batch_norm, "the last bits of each model would depend on the others"),
        (Recurrent, "one by one"),
        (Branches, ".item()"),
        (Counts, "notes down that it was called"),
        (large, "weights keep the processor busy"),
    ],
)
def test_what_is_not_stacked_is_trained_one_by_one_and_said(build, words):
    work, planned, found = outcomes(build, (X, Y), epochs=1)
    (note,) = work.start(planned[0])["notes"]
    assert note.startswith("trained one by one: ")
    assert words in note
    assert [len(stack) for stack in work.stacks(planned, 2)] == [1] * 4
    assert {o.state for o in found} == {"done"}
    assert timeless(found) == timeless(work.train(planned, lambda n: None))


def test_a_rate_that_diverges_stops_and_leaves_the_others_alone():
    _, _, found = outcomes(mlp, (X, Y), lr=(0.1, 1e30), init=("signal",), epochs=4)
    assert [(o.state, len(o.epochs)) for o in found] == [("done", 5), ("diverged", 2)]
    _, _, calm = outcomes(mlp, (X, Y), lr=(0.1, 0.2), init=("signal",), epochs=4)
    assert np.allclose(numbers(found[0])[-1][0], numbers(calm[0])[-1][0], rtol=1e-4)


def test_depth_and_width_are_the_functions_and_the_document_keeps_the_contract():
    found = compare(mlp, data=(X, Y), depth=[1, 3], width=8, init=["xavier_normal"], epochs=2, seeds=2, workers=1)
    document = found.to_json()
    jsonschema.validate(document, report.schema("study"))
    assert [arm["cell"] for arm in document["arms"]] == [{"depth": 1, "width": 8}, {"depth": 3, "width": 8}]
    assert [len(arm["trials"][0]["epochs"][-1]["moved"]) for arm in document["arms"]] == [2, 4]
    for kind in ("text", "html"):
        assert "xavier_normal" in report.render(document, kind)


def test_a_plan_of_a_file_is_an_arm_and_its_bits_are_those_of_init(tmp_path):
    from fanin import init_, plan

    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan(mlp(), "signal", input_shape=(1, 6, 6)).to_json()))
    work = model_work(mlp, (X, Y), inits=[str(path)])
    (trial,) = trials(work, grid(inits=[str(path)], seeds=1), Settings())
    model, other = work.models.initialized(trial), mlp()
    init_(other, "signal", seed=0, input_shape=(1, 6, 6))
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))


def test_a_scheme_fills_the_weights_and_biases_are_zeros_or_as_said():
    work = model_work(mlp, (X, Y))
    (trial,) = trials(work, grid(inits=["0.1*randn"], seeds=1), Settings(bias="ones"))
    model = work.models.initialized(trial)
    assert float(model[1].bias.detach().min()) == 1.0
    assert float(model[1].weight.detach().std()) == pytest.approx(0.1, rel=0.1)  # 576 draws: standard error 3 %


def test_a_cell_is_planned_once_whatever_comes_first():
    work, planned, found = outcomes(mlp, (X, Y), epochs=1, init=("signal", "keep"))
    assert [key[1] for key in work.models.planned] == ["signal", "keep"]
    again = replace(work, models=replace(work.models, planned={})).train(planned[::-1], lambda count: None)
    assert timeless(again[::-1]) == timeless(found)


def drawn_shape():
    width = int(torch.randint(5, 9, ()))
    return nn.Sequential(nn.Flatten(), nn.Linear(36, width), nn.ReLU(), nn.Linear(width, 3))


def test_a_model_whose_seed_decides_its_shape_has_a_plan_of_its_own():
    work = model_work(drawn_shape, (X, Y))
    planned = trials(work, grid(inits=("signal",), lr=0.1, seeds=6), Settings(epochs=1))
    models = [work.models.initialized(trial) for trial in planned]
    assert len({len(model[1].weight) for model in models}) > 1
    for trial, model in zip(planned, models, strict=True):
        with torch.random.fork_rng():
            torch.manual_seed(trial.seed)
            alone = drawn_shape()
        fanin.init_(alone, "signal", seed=trial.seed, inputs=torch.from_numpy(X[:2]))
        assert all(torch.equal(a, b) for a, b in zip(alone.parameters(), model.parameters(), strict=True))


def test_own_training_yields_the_metrics():
    def train(model, trial):
        for epoch in range(3):
            yield {"loss": 1.0 / (epoch + 1), "accuracy": 0.5 + 0.1 * epoch + 0.01 * trial.seed}

    found = compare(mlp, train=train, init=["keep"], seeds=2, epochs=3, workers=1).to_json()
    assert [t["epochs"][-1]["accuracy"] for t in found["arms"][0]["trials"]] == pytest.approx([0.7, 0.71])
    assert found["arms"][0]["notes"] == ["trained one by one: a function of its own trains the models"]


def smooth(output, targets):
    return nn.functional.cross_entropy(output, targets, label_smoothing=0.1)


@pytest.mark.parametrize("loss", [smooth, nn.CrossEntropyLoss(label_smoothing=0.1)])
def test_a_loss_of_its_own_is_compared_by_the_loss(loss, tmp_path):
    """Of such a loss no constant answer is known, and JSON has no infinity."""
    found = compare(
        mlp, data=(X, Y), loss=loss, init=["keep", "signal"], epochs=2, workers=1, store=tmp_path / "s.sqlite"
    ).to_json()
    assert found["metric"] == "loss"
    assert [arm["summary"]["learned"] for arm in found["arms"]] == [3, 3]
    jsonschema.validate(json.loads(json.dumps(found, allow_nan=False)), report.schema("study"))


def test_own_training_that_yields_losses_is_judged_by_them():
    def train(model, trial):
        for epoch in range(1, 4):
            yield {"validation_loss": 1 / trial.lr / epoch, "test_loss": 2 / trial.lr / epoch}

    found = compare(mlp, train=train, init=["keep"], lr=[0.1, 0.2], seeds=2, epochs=3, workers=1).to_json()
    (arm,) = found["arms"]
    assert (found["metric"], arm["lr"]) == ("loss", 0.2)
    assert arm["summary"]["final_loss"]["mean"] == pytest.approx(2 / 0.2 / 3)
    assert arm["summary"]["learned"] == 2
    assert not any("no validation" in note for note in arm["notes"])


def test_epochs_of_own_training_count_from_one():
    def train(model, trial):
        for epoch in range(1, 4):
            yield {"accuracy": 0.4 + 0.1 * epoch}

    found = compare(mlp, train=train, init=["keep", "signal"], seeds=1, epochs=3, workers=1).to_json()
    assert [arm["summary"]["epochs_to_20"] for arm in found["arms"]] == [1, 1]
    assert "After one epoch all are at 50.0 %" in found["answer"]


def test_weights_that_are_nan_do_not_keep_models_apart():
    def sick():
        model = mlp()
        with torch.no_grad():
            model[1].weight[0, 0] = torch.nan
        return model

    work, planned, _ = outcomes(sick, (X, Y), epochs=1, init=("keep",))
    assert work.start(planned[0])["notes"] == []


def test_what_own_training_draws_follows_the_seed_and_a_metric_it_does_not_give_is_unknown():
    def train(model, trial):
        for _ in range(2):
            yield {"accuracy": float(torch.rand(())), "validation_accuracy": float(np.random.rand())}

    found = [
        compare(mlp, train=train, init=["keep"], seeds=n, seed=s, workers=1).to_json() for n, s in ((2, 0), (1, 1))
    ]
    trials = [document["arms"][0]["trials"] for document in found]
    assert trials[0][1]["epochs"] == trials[1][0]["epochs"]
    assert trials[0][0]["epochs"] != trials[0][1]["epochs"]
    assert (trials[0][0]["state"], trials[0][0]["epochs"][0]["loss"]) == ("done", None)


@pytest.mark.parametrize(
    ("rows", "state", "error"),
    [
        ([{"loss": 1}, {"loss": float("nan"), "accuracy": 0.1}, {"loss": 1}], "diverged", None),
        ([], "failed", "InputError: train(model, trial) yielded nothing"),
        (None, "failed", "InputError: train(model, trial) returned NoneType"),
        ([3], "failed", "InputError: train(model, trial) yielded int"),
        ([{"acuracy": 1}], "failed", "UnknownName: unknown metric 'acuracy'; did you mean accuracy"),
        ([{"loss": "low"}], "failed", "InputError: train(model, trial) yielded {'loss': 'low'}; expected numbers"),
        ([{"accuracy": "0.5"}], "failed", "InputError: train(model, trial) yielded {'accuracy': '0.5'}; expected"),
        ([{"accuracy": 91.5}], "failed", "InputError: train(model, trial) yielded accuracy 91.5; expected a share"),
    ],
)
def test_how_own_training_ends(rows, state, error):
    (arm,) = compare(mlp, train=lambda model, trial: rows, init=["keep"], seeds=1, workers=1).to_json()["arms"]
    (trial,) = arm["trials"]
    assert trial["state"] == state
    assert trial["error"] is None if error is None else trial["error"].startswith(error)


def test_rates_that_nothing_validates_are_said_not_to_be_chosen():
    found = compare(
        mlp, train=lambda *_: [{"accuracy": 0.5}], init=["keep"], lr=[0.1, 0.2], seeds=1, workers=1
    ).to_json()
    (arm,) = found["arms"]
    assert arm["lr"] == 0.1
    assert "no validation says which rate is the best; the smallest, 0.1, counts" in arm["notes"]


def test_a_cell_that_cannot_start_fails_alone_and_if_none_can_it_is_a_mistake():
    def deep(depth=1):
        if depth == 3:
            raise ValueError("no three")
        return mlp(depth)

    small = {"data": (X, Y), "init": ["keep"], "epochs": 1, "seeds": 1, "workers": 1}
    document = compare(deep, **small, depth=[1, 3]).to_json()
    jsonschema.validate(document, report.schema("study"))
    fine, broken = document["arms"]
    assert [arm["trials"][0]["state"] for arm in (fine, broken)] == ["done", "failed"]
    assert re.fullmatch(r"cannot start: ValueError: no three \(test_study_model\.py:\d+\)", broken["notes"][0])
    assert "no three" in report.render(document, "text")
    assert report.render(document, "html")
    with pytest.raises(InputError, match="ValueError: no three"):
        compare(deep, **small, depth=3)
    with pytest.raises(InputError, match=r"no arm can start: RuntimeError: .*shapes cannot be multiplied"):
        compare(lambda: nn.Linear(5, 3), **small)


def test_changed_code_is_another_trial(tmp_path):
    ids = []
    for text in ("nn.Linear(4, 2)", "nn.Linear(4, 2, bias=False)"):
        (tmp_path / "net.py").write_text(f"from torch import nn\ndef build():\n    return {text}\n")
        script = (
            "import sys, numpy as np; sys.path.insert(0, '.'); import net; from fanin.study.works import model_work\n"
            "print(model_work(net.build, (np.ones((6, 4), 'f'), np.arange(6) % 2)).code)"
        )
        ids.append(subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=True).stdout)
    assert ids[0] != ids[1]


class Builds:
    def __init__(self, width):
        self.width = width

    def __call__(self):
        return mlp(width=self.width)


def with_class(width):
    class Settings:
        size = width

    return lambda: mlp(2, Settings.size)


def on_one_line(number):
    """As in a script: the text of both is their line's."""
    names = {"mlp": mlp, "__name__": "__main__"}
    exec("both = (lambda: mlp(2, 3)), (lambda: mlp(2, 4))", names)
    return names["both"][number - 3]


def closed(width, spare):
    return lambda depth=2: mlp(depth, width) if spare is not None else None


@pytest.mark.parametrize(
    "make",
    [
        lambda n: partial(mlp, width=n),
        lambda n: partial(mlp, n),
        Builds,
        lambda n: Builds(n).__call__,
        lambda n: closed(n, 0),
        lambda n: closed(8, torch.full((2,), float(n))),
        lambda n: nn.CrossEntropyLoss(label_smoothing=n / 100),
        with_class,
        on_one_line,
    ],
)
def test_what_a_function_carries_with_it_is_a_part_of_its_code(make):
    """Or a store would take one network's results for another's."""
    assert hashed(make(3)) == hashed(make(3))
    assert hashed(make(3)) != hashed(make(4))


def test_a_file_that_the_model_imports_is_a_part_of_its_code(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    (tmp_path / "net_a.py").write_text("from net_b import layer\ndef build():\n    return layer()\n")
    found = []
    for text in ("return 1", "return 1", "return 2"):
        (tmp_path / "net_b.py").write_text(f"def layer():\n    {text}\n")
        for name in ("net_a", "net_b"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        found.append(hashed(importlib.import_module("net_a").build))
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"data": None}, "needs data"),
        ({"data": (X, Y[:-1])}, "one target each"),
        ({"data": {"x": X}}, "expected x and y"),
        ({"data": (np.full((9, 4), np.nan), np.arange(9))}, "NaN"),
        ({"data": (X, Y), "depth": 2, "task": cnn}, "takes no depth"),
        ({"data": (X, Y), "init": ["he_norml"]}, "he_normal"),
        ({"data": (X, Y), "loss": "mes"}, "unknown loss 'mes'; did you mean mse"),
        ({"data": (X, Y), "loss": "nll", "task": Recurrent, "optimizer": "sgdd"}, "did you mean sgd"),
        ({"data": (X, Y), "init": ["no.json"]}, "no.json"),
        ({"data": (X, Y), "task": lambda: 3}, "expected a model of PyTorch"),
    ],
)
def test_mistakes_are_one_line(options, words):
    with pytest.raises(FaninError, match=words) as caught:
        compare(**({"task": mlp, "epochs": 1, "workers": 1} | options))
    assert "\n" not in str(caught.value)


def test_loaders_are_read_into_memory():
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)), batch_size=32
    )
    found = examples((loader, loader))
    assert (len(found.x_train), len(found.x_test), found.classes) == (240, 240, 3)
    with pytest.raises(InputError, match="loaders"):
        examples(iter([1, 2]))


MODEL = """
from torch import nn
def build(width=16):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))
def digits():
    from fanin.study import datasets
    d = datasets.load("digits")
    return d.x_train, d.y_train, d.x_test, d.y_test
"""


def test_the_command_line_from_files_on_two_workers_agrees_with_its_store(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    words = "compare model.py:build --data model.py:digits --loss cross_entropy --init torch --init signal"
    words += (
        " --init xavier_normal --init keep --lr 0.01,0.1,1.0 --seeds 2 --epochs 2 --workers 2 --format json --quiet"
    )
    found = subprocess.run(
        [sys.executable, "-m", "fanin", *words.split()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")
    document = json.loads(found.stdout)
    rows = sqlite3.connect(tmp_path / "fanin-model.sqlite").execute("SELECT trial, row FROM epochs WHERE epoch = 2")
    last = {key: json.loads(row) for key, row in rows}
    for arm in document["arms"]:  # by hand, from the store: the rate by validation, the answer on test data
        by_rate = {
            lr: np.mean([last[t["id"]]["validation_accuracy"] for t in arm["trials"] if t["lr"] == lr])
            for lr in (0.01, 0.1, 1.0)
        }
        best = max(by_rate, key=by_rate.get)
        assert arm["lr"] == best
        tests = [last[t["id"]]["accuracy"] for t in arm["trials"] if t["lr"] == best]
        assert arm["summary"]["final_accuracy"]["mean"] == pytest.approx(np.mean(tests))
