"""Presets times inits times seeds, and stacks of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanin import _discover
from fanin.errors import FaninError, InputError, UnknownName
from fanin.study import datasets
from fanin.study.dense import STACK, DenseWork, cut
from fanin.study.grid import grid, trials
from fanin.study.task import Task, task, tasks
from fanin.study.work import Settings
from fanin.testing import ContractError, check_task


def made(preset, data, bias=None, epochs=None, batch=None, **varied):
    return trials(DenseWork(preset, data), grid(**varied), Settings(bias, epochs, batch))


@pytest.mark.parametrize("item", list(_discover.modules("fanin.study.tasks")), ids=lambda item: item.TASK.name)
def test_every_preset_keeps_the_contract(item):
    check_task(item)


def test_the_contract_refuses_what_is_no_preset():
    with pytest.raises(ContractError, match="no Task"):
        check_task(pytest)


def test_presets_are_found_by_name():
    assert task("nielsen").lr == 3.0
    with pytest.raises(UnknownName, match="nielsen"):
        task("nilsen")


def test_the_settings_of_the_sources(digits):
    dense = {name: t for name, t in tasks().items() if isinstance(t, Task)}
    found = {name: made(t, digits, inits=["zeros"], seeds=1)[0] for name, t in dense.items()}
    nielsen, ce, single, he, glorot = (
        found[name] for name in ("nielsen", "nielsen-ce", "single-layer", "he30", "glorot2010")
    )
    assert (nielsen.loss, nielsen.lr, nielsen.batch, nielsen.l2, nielsen.bias) == ("quadratic", 3.0, 10, 0, "randn")
    assert (ce.loss, ce.lr, ce.batch, ce.bias) == ("bce", 0.1, 10, "randn")
    assert (single.widths, single.output, single.bias, single.batch) == ((64, 10), "tanh", "ones", 128)
    assert (single.lr, single.decay, single.epochs) == (0.1, 0.999, 10)
    assert (len(glorot.widths), glorot.output, glorot.loss, glorot.batch) == (7, "linear", "cross_entropy", 10)
    assert (len(he.widths), set(he.widths[1:-1]), he.lr, he.batch, he.epochs) == (32, {100}, 0.01, 64, 5)


def test_weight_decay_follows_the_number_of_examples():
    data = datasets.load("mnist-mini")
    assert made(task("nielsen-ce"), data, inits=["randn"])[0].l2 == pytest.approx(0.6)
    assert task("nielsen-ce").l2 * 50_000 == pytest.approx(5.0)


def test_the_validation_part_is_the_last_10000_where_there_are_enough(digits):
    x, y = np.arange(60_000, dtype=np.float32)[:, None], np.zeros(60_000, np.int64)
    whole = datasets.Dataset("mnist", x, y, x[:10], y[:10], 10, "made up")
    part = task("nielsen-ce").part(whole)
    assert (len(part.x_train), part.x_test[0, 0], len(part.x_test)) == (50_000, 50_000, 10_000)
    assert "validation" in part.name
    part = task("nielsen").part(whole)
    assert (len(part.x_train), len(part.x_test), part.name) == (50_000, 10, "mnist")
    assert task("nielsen-ce").part(digits).name == "digits"


def test_order_and_overrides(digits):
    found = made(
        task("nielsen"), digits, inits=["rand", "randn"], seeds=2, epochs=3, lr=0.5, depth=2, width=7, bias="zeros"
    )
    assert [(t.seed, t.init) for t in found] == [(0, "rand"), (0, "randn"), (1, "rand"), (1, "randn")]
    assert (found[0].epochs, found[0].lr, found[0].widths, found[0].bias) == (3, 0.5, (64, 7, 7, 10), "zeros")
    assert len({t.id for t in found}) == 4
    assert made(task("nielsen"), digits, inits=["rand"], depth=3)[0].widths == (64, 30, 30, 30, 10)
    assert made(task("nielsen"), digits, inits=["rand"], width=3)[0].widths == (64, 3, 10)
    assert made(task("nielsen"), digits, inits=["rand"], depth=0)[0].widths == (64, 10)
    assert made(task("single-layer"), digits, inits=["rand"], depth=1, width=3)[0].widths == (64, 3, 10)


def test_whole_numbers_may_be_numpys(digits):
    two = np.int64(2)
    found = made(task("nielsen"), digits, inits=["rand"], seeds=two, seed=two, epochs=two, depth=two, width=two)
    assert found == made(task("nielsen"), digits, inits=["rand"], seeds=2, seed=2, epochs=2, depth=2, width=2)
    assert {type(t.seed) for t in found} == {type(t.epochs) for t in found} == {int}


@pytest.mark.parametrize(
    ("preset", "changes", "words"),
    [
        ("nielsen", {"inits": []}, "at least one"),
        ("nielsen", {"inits": ["rand", "rand"]}, "each once"),
        ("nielsen", {"inits": ["he_norml"]}, "he_normal"),
        ("nielsen", {"inits": ["rand("]}, "rand"),
        ("nielsen", {"bias": "nothing"}, "nothing"),
        ("nielsen", {"seeds": 0}, "seeds is 0"),
        ("nielsen", {"seeds": True}, "seeds is True"),
        ("nielsen", {"seed": -1}, "seed is -1"),
        ("nielsen", {"seed": "0"}, "seed is '0'"),
        ("nielsen", {"epochs": 1.5}, "epochs is 1.5"),
        ("nielsen", {"epochs": np.ones(2, int)}, "epochs is array"),
        ("nielsen", {"epochs": 0}, "epochs is 0"),
        ("nielsen", {"lr": 0}, "lr is 0"),
        ("nielsen", {"lr": float("nan")}, "lr is nan"),
        ("nielsen", {"lr": float("inf")}, "lr is inf"),
        ("nielsen", {"depth": -1}, "depth is -1"),
        ("nielsen", {"depth": 10**9}, "depth is 1000000000"),
        ("nielsen", {"width": 0}, "width is 0"),
        ("nielsen", {"width": 10**9}, "width is 1000000000"),
        ("single-layer", {"depth": 1}, "both depth and width"),
        ("single-layer", {"width": 5}, "both depth and width"),
        ("nielsen", {"depth": 0, "width": 5}, "both depth and width"),
    ],
)
def test_what_is_refused(digits, preset, changes, words):
    with pytest.raises(FaninError, match=words):
        made(task(preset), digits, **({"inits": ["rand"]} | changes))


@given(st.integers(1, 200), st.integers(1, 9))
def test_stacks_hold_every_trial_once_evenly_and_feed_all_workers(count, workers):
    numbers = tuple(range(count))
    found = cut(numbers, workers, STACK)
    assert sum(found, ()) == numbers
    sizes = {len(stack) for stack in found}
    assert max(sizes) <= STACK
    assert max(sizes) - min(sizes) <= 1
    assert len(found) % workers == 0 or len(found) == count


def test_a_task_is_data():
    assert isinstance(task("he30"), Task)
    with pytest.raises(InputError):
        made(task("he30"), datasets.load("digits"), inits=[])


def test_a_network_that_no_machine_holds_is_refused_before_it_is_drawn(digits):
    with pytest.raises(InputError, match="GB"):
        made(task("nielsen"), digits, inits=["zeros"], width=8192, depth=1000)


def test_cells_times_seeds_times_inits_times_rates(digits):
    found = made(
        task("he30"), digits, inits=["zeros", "he_normal"], depth=[1, 3], lr=[0.1, 0.2], optimizer="adam", seeds=2
    )
    assert len(found) == len({t.id for t in found}) == 2 * 2 * 2 * 2
    assert {(len(t.widths) - 2, t.init, t.lr, t.optimizer) for t in found} == {
        (depth, init, lr, "adam") for depth in (1, 3) for init in ("zeros", "he_normal") for lr in (0.1, 0.2)
    }
    assert {(t.train, t.validation) for t in found} == {(1250, 250)}  # the last sixth chooses the rate
    assert {t.validation for t in made(task("he30"), digits, inits=["zeros"], lr=0.1)} == {0}


def test_gains_are_factors_on_every_init(digits):
    found = made(task("he30"), digits, inits=["he_normal"], gain=[0.5, 2], seeds=1)
    assert [t.init for t in found] == ["0.5*he_normal", "2*he_normal"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lr": []}, "at least one"),
        ({"lr": [0.1, 0.1]}, "each once"),
        ({"lr": ["a"]}, "finite number"),
        ({"optimizer": "adem"}, "adam"),
        ({"activation": ["rulu"]}, "relu"),
        ({"gain": 0}, "gain is 0"),
        ({"depth": [1, -1]}, "depth is -1"),
    ],
)
def test_what_is_varied_is_checked(digits, changes, words):
    with pytest.raises(FaninError, match=words):
        made(task("he30"), digits, inits=["zeros"], **changes)
