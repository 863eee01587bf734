"""Presets as they are by themselves: what they vary, what they are built of, and that a model's is like any other."""

import subprocess
import sys
import types
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fanin import init_, report
from fanin.calibrate import lsuv_
from fanin.errors import FaninError
from fanin.study import ModelTask, arms, compare, tasks
from fanin.study.grid import grid, trials
from fanin.study.run import work_of
from fanin.study.task import task
from fanin.study.work import Settings
from fanin.study.works import preset_work
from fanin.testing import ContractError, check_task

TINY = {
    "siren": {"data": "picture(8)"},
    "lstm-adding": {"data": "adding(6)"},
    "lsuv": {"depth": 3},
    "char-transformer": {"data": "grammar(10000)", "depth": 1, "width": 8},
}


pytestmark = pytest.mark.usefixtures("one_torch_thread")


def planned(work, inits, **varied):
    return trials(work, grid(inits=inits, **({"seeds": 1} | varied)), Settings(epochs=1))


def test_a_preset_varies_what_its_claim_is_about_unless_something_else_is_asked():
    found = compare("hanin-rolnick", data="digits", init="he_normal", epochs=1, seeds=1, workers=1).to_json()
    assert [arm["cell"] for arm in found["arms"]] == [{"depth": depth} for depth in (10, 20, 40)]
    found = compare("hanin-rolnick", data="digits", init="he_normal", depth=2, epochs=1, seeds=1, workers=1)
    assert [arm["cell"] for arm in found.to_json()["arms"]] == [{"depth": 2}]


def test_square_networks_are_as_wide_as_deep_unless_a_width_is_asked():
    work = work_of("hanin-rolnick", "digits")
    for axes, widths in (
        ({"depth": 3}, (64, 3, 3, 3, 10)),
        ({"depth": 2, "width": 7}, (64, 7, 7, 10)),
        ({"depth": 0}, (64, 10)),
    ):
        assert work.base(axes, Settings()).widths == widths


def test_the_map_of_beginnings_stands_in_text_and_page():
    init = ["he_normal", "0.001*randn"]
    small = {"data": "digits", "depth": [1, 9], "width": 20, "lr": 0.1, "epochs": 4, "seeds": 1, "workers": 1}
    document = compare("hanin-rolnick", init=init, **small).to_json()
    text, page = (report.render(document, kind) for kind in ("text", "html"))
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("epochs to 20 %"))
    assert lines[first].split() == ["epochs", "to", "20", "%", "depth", "1", "depth", "9"]
    assert lines[first + 3].split() == ["0.001*randn", "4", "never"]
    assert 'aria-label="epochs to 20 %"' in page


def test_the_best_rate_of_each_width_stands_in_the_report_of_losses_and_nothing_of_accuracy():
    small = {"width": [8, 16], "depth": 1, "lr": [0.001, 0.01], "data": "grammar(10000)", "epochs": 1, "seeds": 1}
    document = compare("char-transformer", init=["torch", "gpt2"], batch=64, workers=1, **small).to_json()
    lines = report.render(document, "text").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("best rate"))
    assert lines[first].split() == ["best", "rate", "width", "8", "width", "16"]
    assert lines[first + 2].split() == [
        "torch",
        *(f"{arm['lr']:g}" for arm in document["arms"] if arm["init"] == "torch"),
    ]
    page = report.render(document, "html")
    assert 'aria-label="best rate"' in page
    assert not any("20 %" in text for text in (page, *lines))


@pytest.mark.parametrize("name", sorted(TINY))
def test_a_model_preset_resumes_to_the_same_bits(name, tmp_path):
    """Cut off in the middle and gone on with, on one process: as if it had never stopped."""
    small = {
        "init": task(name).inits[:2],
        "seeds": 2,
        "epochs": 1,
        "batch": 512,
        "lr": 0.01,
        "workers": 1,
        **TINY[name],
    }
    whole = compare(name, **small).to_json()
    part = compare(name, store=tmp_path / "s.sqlite", max_trials=2, **small).to_json()
    assert sum(trial["state"] == "pending" for arm in part["arms"] for trial in arm["trials"]) == 2
    resumed = compare(name, store=tmp_path / "s.sqlite", **small).to_json()
    for mine, other in zip(resumed["arms"], whole["arms"], strict=True):
        assert [trial["epochs"] for trial in mine["trials"]] == [trial["epochs"] for trial in other["trials"]]


def test_a_presets_own_data_are_cut_and_others_taken_whole():
    sizes = [len(preset_work(task("lstm-adding"), name).data.x_train) for name in (None, "adding(20)")]
    assert sizes == [5_000, 10_000]


def test_arms_of_one_seed_start_from_the_same_bits():
    work = preset_work(task("lsuv"))
    one, two = (work.models.initialized(trial) for trial in planned(work, ("he_normal", "2*he_normal")))
    for (name, a), b in zip(one.named_parameters(), two.parameters(), strict=True):
        assert torch.equal(b, a if name.endswith("bias") else 2 * a)


def test_lsuv_is_an_arm_of_any_model_and_calibrates_after_what_stands_in_its_brackets():
    work = preset_work(task("lsuv"))
    batch = torch.from_numpy(work.data.x_train[:256])
    for init, start in (("lsuv", "orthogonal"), ("lsuv( he_normal )", "he_normal"), ("lsuv(torch)", None)):
        (trial,) = planned(work, (init,), depth=3)
        found, other = work.models.initialized(trial), work.models.build(3)
        weights = {} if start is None else {"*weight": start, "*bias": "zeros"}
        init_(other, "torch", overrides=weights, inputs=batch[:2])
        lsuv_(other, batch)
        assert all(torch.equal(a, b) for a, b in zip(found.parameters(), other.parameters(), strict=True))
        with torch.no_grad():
            assert float(found[:1](batch).std()) == pytest.approx(1, rel=0.11)


def test_keep_can_be_calibrated_too():
    work = preset_work(task("lsuv"))
    (trial,) = planned(work, ("lsuv(keep)",), depth=3)
    torch.manual_seed(0)
    other = work.models.build(3)
    lsuv_(other, torch.from_numpy(work.data.x_train[:256]))
    assert torch.equal(work.models.initialized(trial)[0].weight, other[0].weight)


@pytest.mark.parametrize("init", ["lsuv(he_norml)", "lsuv()he", "lsuv(", "lsvu", "lsuv(lsuv)"])
def test_a_calibration_that_is_not_understood_is_refused_before_training(init):
    with pytest.raises(FaninError) as caught:
        arms.verify(init, {})
    assert "\n" not in str(caught.value)


MUP = {"head.weight": 16 / 64, "blocks.0.grow.weight": 16 / 64, "blocks.1.shrink.weight": 16 / 256}


def test_mup_gives_each_parameter_its_rate():
    """Table 3 of the paper: with Adam matrices of many inputs slower; with SGD what feeds the width faster."""
    work = preset_work(task("char-transformer"))
    adam, sgd = planned(work, ("mup(base=16)",), width=64, lr=0.1, optimizer=["adam", "sgd"])
    model = work.models.initialized(adam)
    found, other = (work.models.arm(trial, model).rates for trial in (adam, sgd))
    assert {name: found[name] for name in MUP} == MUP
    assert set(found) == {
        name for name, p in model.named_parameters() if p.ndim == 2 and "letters" not in name and "places" not in name
    }
    assert (other["head.weight"], other["letters.weight"], other["norm.bias"]) == (16 / 64, 4, 4)
    assert "blocks.0.query.weight" not in other
    assert work.models.arm(replace(adam, init="gpt2"), model).rates == {}


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_rates_of_parameters_are_the_same_together_and_one_by_one(optimizer):
    """One by one they are torch.optim's parameter groups."""
    work = preset_work(replace(task("char-transformer"), train=64))
    stack = planned(work, ("mup(base=8)", "mup(base=4)", "gpt2"), width=16, lr=0.01, optimizer=optimizer)
    for trial, together in zip(stack, work.train(stack, lambda count: None), strict=True):
        (alone,) = work.train([trial], lambda count: None)
        mine, other = (np.array([o.epochs[-1].loss, *o.epochs[-1].moved], float) for o in (together, alone))
        assert np.allclose(mine, other, rtol=2e-3)


def test_gpt2_without_the_depth_scales_no_matrix():
    work = preset_work(task("char-transformer"))
    scaled, plain = (
        work.models.initialized(trial) for trial in planned(work, ("gpt2", "gpt2(scaled=0)"), lr=0.1, width=32)
    )
    changed = {
        n for (n, a), b in zip(scaled.named_parameters(), plain.parameters(), strict=True) if not torch.equal(a, b)
    }
    assert changed == {f"blocks.{i}.{name}.weight" for i in (0, 1) for name in ("project", "shrink")}
    ratio = float(plain.blocks[0].shrink.weight.detach().std() / scaled.blocks[0].shrink.weight.detach().std())
    assert ratio == pytest.approx(2, rel=1e-5)  # sqrt of two branches per block, two blocks; the same bits


def test_the_forget_gates_of_the_three_arms():
    work = preset_work(task("lstm-adding"))
    biases = []
    for trial in planned(work, task("lstm-adding").inits):
        lstm = work.models.initialized(trial).lstm
        assert not lstm.bias_hh_l0.detach().any()
        biases.append(lstm.bias_ih_l0.detach().reshape(4, -1))
    zero, one, chrono = biases
    assert not zero.any() and set(one[1].tolist()) == {1.0} and not one[[0, 2, 3]].any()
    assert (chrono[1] > 0).all() and (chrono[1] < np.log(49)).all() and torch.equal(chrono[0], -chrono[1])


def test_without_pytorch_a_model_preset_says_what_to_install_and_the_others_run():
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "from fanin.cli import run\n"
        "print(run(['compare', 'siren']), run(['compare', 'nielsen', '--init', 'rand', '--epochs', '1', '--dry-run']))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert found.stderr == "fanin: a network in code needs PyTorch; install it with: pip install 'fanin[torch]'\n"
    assert found.stdout.splitlines()[-1] == "2 0"


def test_help_lists_every_preset():
    found = subprocess.run(
        [sys.executable, "-m", "fanin", "compare", "--help"], capture_output=True, text=True, check=True
    )
    assert all(f"  {name} " in found.stdout for name in tasks())


def test_the_list_of_presets_stays_a_function_when_their_folder_is_loaded():
    script = "from fanin import study\nnames = set(study.tasks())\nassert set(study.tasks()) == names"
    subprocess.run([sys.executable, "-c", script], check=True)


def small_model(width: int = 4) -> nn.Module:
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))


def preset_file(**changes):
    """A file of somebody's with a preset."""
    settings = {
        "name": "mine",
        "title": "t",
        "model": small_model,
        "loss": "cross_entropy",
        "inits": ("keep", "signal"),
    }
    module = types.ModuleType("mine", "A page.\n\nSettings\n    few\n\nReference\n    none\n")
    module.TASK = ModelTask(**({"data": "digits"} | settings | changes))
    return module


def test_the_contract_holds_for_a_preset_of_somebody_elses_model():
    check_task(preset_file())
    check_task(preset_file(axes={"width": (3, 5), "lr": (0.1, 0.2), "optimizer": ("adam",)}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": "nothing"}, "names a data set"),
        ({"data": None}, "names a data set"),
        ({"axes": {"depth": (1, 2)}}, "takes no depth"),
        ({"inits": ("he_norml",)}, "he_normal"),
        ({"inits": ("1e30*he_normal",)}, "finite loss"),
        ({"lr": 1e30}, "trains for one epoch"),
    ],
)
def test_the_contract_refuses(changes, words):
    with pytest.raises((ContractError, FaninError), match=words):
        check_task(preset_file(**changes))
