"""Models on a real GPU: examined, initialised and trained as they are on the CPU, and left where they were."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

import fanin
from fanin.study import datasets
from fanin.study.grid import grid, trials
from fanin.study.runner import run
from fanin.study.work import Settings
from fanin.study.works import model_work
from zoo import entries

if not torch.cuda.is_available():
    pytest.skip("needs a CUDA device", allow_module_level=True)
LISTS = ("sick", "healthy", "not_weights", "unseen_sick", "unseen_healthy")
ZOO = [(name, entry) for name in LISTS for entry in entries(name)]


def cause(report):
    return next((finding.slug for finding in report.findings if finding.code == report.cause), None)


def bits(model):
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}


@pytest.mark.parametrize(("where", "entry"), ZOO, ids=[f"{name}-{entry.name}" for name, entry in ZOO])
def test_a_verdict_is_that_of_the_cpu(where, entry):
    """Also from a batch on the CPU; and the model is left, bit for bit, where it was."""
    torch.manual_seed(0)
    model = entry.build()
    twin = copy.deepcopy(model).cuda()
    before, state = bits(twin), torch.cuda.get_rng_state()
    report = fanin.check(twin, entry.data(128), loss=entry.loss, seed=0, **entry.options)
    here = fanin.check(model, entry.data(128), loss=entry.loss, seed=0, **entry.options)
    assert (cause(report) in entry.causes) == (cause(here) in entry.causes)
    assert [finding.code for finding in report.findings] == [finding.code for finding in here.findings]
    after = bits(twin)
    assert all(torch.equal(after[name].nan_to_num(7), value.nan_to_num(7)) for name, value in before.items())
    assert all(value.is_cuda for value in twin.state_dict().values())
    assert torch.equal(torch.cuda.get_rng_state(), state)


def cnn():
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(256, 10)),
    )


def on_gpu():
    return cnn().cuda()


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 30), nn.ReLU(), nn.Linear(30, 10)).cuda()


@pytest.mark.parametrize("recipe", ["signal", "torch", "keras", "timm"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_init_gives_the_same_bits(recipe, dtype):
    here, there = cnn().to(dtype), on_gpu().to(dtype)
    x = torch.zeros(2, 1, 8, 8, dtype=dtype)
    receipt, found = fanin.init_(here, recipe, seed=3, inputs=x), fanin.init_(there, recipe, seed=3, inputs=x.cuda())
    assert receipt.tensors == found.tensors
    assert all(torch.equal(value, bits(there)[name]) for name, value in bits(here).items())


def test_without_data_or_loss():
    report = fanin.check(on_gpu(), input_shape=(1, 8, 8))
    assert not [finding for finding in report.findings if finding.severity == "error"]


def test_calibration():
    model, x = on_gpu(), torch.randn(256, 1, 8, 8)
    fanin.init_(model, "signal", inputs=x[:2].cuda())
    fanin.calibrate.catalogue()["lsuv"].run(model, x.cuda())
    with torch.no_grad():
        assert abs(float(model[0](x.cuda()).std()) - 1) < 0.1


def digits():
    found = datasets.load("digits")
    x, x_test = (datasets.scaled(part, np.float32).reshape(-1, 1, 8, 8) for part in (found.x_train, found.x_test))
    return x, found.y_train, x_test, found.y_test


@pytest.mark.parametrize("build", [mlp, on_gpu])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_study_is_trained_where_the_model_is(build, optimizer):
    work = model_work(build, digits(), loss="cross_entropy")
    found = grid(inits=("keep", "signal"), lr=0.01 if optimizer == "adam" else 0.1, seeds=2, optimizer=optimizer)
    wanted = trials(work, found, Settings(epochs=10, batch=64))
    stacked = [outcome for outcomes in run(work, wanted, workers=1) for outcome in outcomes]
    alone = [outcome for trial in wanted for outcome in work.train((trial,), lambda _: None)]
    assert all((outcome.final_accuracy or 0) > 0.6 for outcome in stacked)
    by_id = {outcome.trial.id: outcome for outcome in stacked}
    assert all(by_id[outcome.trial.id].epochs == outcome.epochs for outcome in alone)


def test_two_workers_share_a_gpu():
    work = model_work(mlp, digits(), loss="cross_entropy")
    wanted = trials(work, grid(inits=("keep",), lr=0.1, seeds=4), Settings(epochs=2, batch=64))
    one, two = ({o.trial.id: o.epochs for s in run(work, wanted, workers=n) for o in s} for n in (1, 2))
    assert one == two
