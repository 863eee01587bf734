"""The verb from end to end: the document, resuming, and a study that is killed or interrupted."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from fanin import report
from fanin.errors import FaninError
from fanin.study import compare, datasets, read
from fanin.values import Trial

ROW = {
    *("epoch", "loss", "train_accuracy", "accuracy", "gradient", "saturated", "moved"),
    *("test_loss", "validation_loss", "validation_accuracy"),
}
SMALL = {"init": ["rand", "randn/sqrt(fan_in)"], "data": "digits", "epochs": 3, "seeds": 2}


def timeless(document):
    """A study without its seconds."""
    arms = [a | {"trials": [t | {"seconds": 0} for t in a["trials"]]} for a in document["arms"]]
    return document | {"arms": arms}


@pytest.fixture(scope="module")
def found():
    return compare("nielsen", **SMALL).to_json()


def test_the_document_is_complete(found):
    assert set(found) == {
        *(
            "schema",
            "task",
            "title",
            "data",
            "settings",
            "rates",
            "metric",
            "rule",
            "arms",
            "comparisons",
            "answer",
            "reproduce",
        )
    }
    assert (found["schema"], found["task"]) == ("fanin.study/1", "nielsen")
    assert found["data"] == {
        "name": "digits",
        "train": 1500,
        "validation": 0,
        "test": 297,
        "classes": 10,
        "source": datasets.load("digits").source,
    }
    names = {
        *("widths", "activation", "output", "loss", "bias", "dtype"),
        *("optimizer", "epochs", "batch", "lr", "decay", "l2"),
    }
    assert set(found["settings"]) == names
    assert found["settings"]["widths"] == [64, 30, 10]
    assert set(found["reproduce"]) == {"command", "fanin", "python", "numpy", "platform"}
    assert found["reproduce"]["command"] == (
        "fanin compare nielsen --init rand --init 'randn/sqrt(fan_in)' --seeds 2 --epochs 3 --data digits"
    )
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    jsonschema.validate(found, report.schema("study"))


def test_arms_trials_and_epochs(found):
    assert [arm["init"] for arm in found["arms"]] == SMALL["init"]
    for arm in found["arms"]:
        assert set(arm) == {*("init", "cell", "lr", "rates", "trials", "summary", "theory", "start", "check", "notes")}
        assert arm["check"]["schema"] == "fanin.check/1"
        assert [t["seed"] for t in arm["trials"]] == [0, 1]
        for trial in arm["trials"]:
            assert set(trial) == {"id", "seed", "lr", "planned", "state", "error", "seconds", "epochs"}
            assert trial["state"] == "done"
            assert [row["epoch"] for row in trial["epochs"]] == [0, 1, 2, 3]
            for row in trial["epochs"]:
                assert set(row) == ROW
                assert 0 <= row["accuracy"] <= 1
                assert len(row["gradient"]) == len(row["saturated"]) == len(row["moved"]) == 2


def test_rand_does_not_learn_and_the_answer_says_so(found):
    rand, good = (arm["summary"] for arm in found["arms"])
    assert (rand["learned"], rand["of"], good["learned"], good["epochs_to_20"]) == (0, 2, 2, 1)
    assert found["answer"].startswith("1 of 2 initializations learn under every seed: randn/sqrt(fan_in) (")
    assert "Not so rand (0 of 2" in found["answer"]


def test_the_start_of_an_arm(found):
    for arm in found["arms"]:
        first, last = arm["start"]["layers"]
        assert (first["layer"], first["shape"], last["shape"]) == ("1", [30, 64], [10, 30])
        weight, a = first["weight"], first["activation"]
        assert sum(weight["histogram"]["counts"]) == 30 * 64
        assert sum(a["histogram"]["counts"]) == 30 * 500
        assert (a["histogram"]["edges"][0], a["histogram"]["edges"][-1]) == (0, 1)
        for histogram in (weight["histogram"], a["histogram"]):
            assert len(histogram["edges"]) == len(histogram["counts"]) + 1
    rand, good = (arm["start"]["layers"][0] for arm in found["arms"])
    # mean of 1920 draws of U[0, 1): 0.5 with standard error 0.2887 / sqrt(1920) = 0.0066
    assert rand["weight"]["mean"] == pytest.approx(0.5, abs=5 * 0.0066)
    assert rand["activation"]["saturated"] > 0.9
    assert good["activation"]["saturated"] < 0.05
    assert (good["activation"]["dead"], rand["activation"]["dead"]) == (0, 0)


def test_dead_units_of_a_relu_are_counted():
    arms = compare("he30", init=["he_normal", "rand-1"], data="digits", epochs=1, seeds=1, depth=2, width=9).to_json()[
        "arms"
    ]
    dead = [arm["start"]["layers"][0]["activation"]["dead"] for arm in arms]
    assert dead[0] < 0.5
    assert dead[1] == 1


def test_two_runs_of_one_study_give_the_same_bits(found):
    assert timeless(compare("nielsen", **SMALL, workers=2).to_json()) == timeless(found)


def test_a_finished_study_is_read_back_and_not_run_again(tmp_path, monkeypatch, found):
    path = tmp_path / "s.sqlite"
    first = compare("nielsen", **SMALL, store=path).to_json()
    assert timeless(first) == timeless(found)
    assert read(path).to_json() == first
    monkeypatch.setattr("fanin.study.dense.train", None)
    assert compare("nielsen", **SMALL, store=path).to_json() == first


def test_a_store_grows_with_the_study(tmp_path):
    path, counts = tmp_path / "s.sqlite", []
    compare("nielsen", **SMALL, store=path)
    more = SMALL | {"seeds": 3, "init": [*SMALL["init"], "zeros"]}
    grown = compare("nielsen", **more, store=path, progress=lambda *a: counts.append(a)).to_json()
    assert counts[-1][:2] == (15, 15)  # 5 of the 9 trials are new, 3 epochs each
    assert timeless(grown) == timeless(compare("nielsen", **more).to_json())


def test_a_study_cut_off_is_reported_as_far_as_it_went(tmp_path):
    path = tmp_path / "s.sqlite"

    def stop(done, total, text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare("nielsen", **SMALL, store=path, progress=stop)
    document = read(path).to_json()
    assert {t["state"] for arm in document["arms"] for t in arm["trials"]} == {"pending"}
    assert document["answer"].startswith("No trial is trained yet: ")
    jsonschema.validate(document, report.schema("study"))
    for format_ in ("text", "html"):
        assert "pending" in report.render(document, format_) or "not trained" in report.render(document, format_)


def test_one_init_may_be_a_string_and_none_means_the_presets_own():
    document = compare("single-layer", init="zeros", data="digits", epochs=1, seeds=1).to_json()
    assert [arm["init"] for arm in document["arms"]] == ["zeros"]
    document = compare("single-layer", data="digits", epochs=1, seeds=1).to_json()
    assert len(document["arms"]) > 3
    assert document["arms"][0]["summary"]["final_accuracy"]["low"] is None


def test_own_data(tmp_path):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    np.savez(tmp_path / "own.npz", x=rng.normal(size=(300, 4)) + 3 * np.eye(3, 4)[y], y=y)
    document = compare("single-layer", init="zeros", data=str(tmp_path / "own.npz"), seeds=1, lr=0.5).to_json()
    assert document["settings"]["widths"] == [4, 3]
    assert document["arms"][0]["summary"]["learned"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"task": "nielson"},
        {"init": ["import os"]},
        {"data": "mnist-max"},
        {"data": "no.npz"},
        {"seeds": 0},
        {"workers": 0},
        {"workers": -1},
        {"store": "/no/such/folder/s.sqlite"},
        {"data": "mnist", "data_dir": "/no/such/folder"},
    ],
)
def test_mistakes_are_one_line(wrong):
    with pytest.raises(FaninError) as caught:
        compare(**({"task": "nielsen"} | SMALL | wrong))
    assert "\n" not in str(caught.value)


# A study in a process of its own, trial by trial, so that a kill finds some of them done.
SCRIPT = """
import sys
from fanin.study import compare, dense
dense.STACK = 1
init = ["rand", "randn", "randn/sqrt(fan_in)", "xavier_uniform"]
compare("nielsen", init=init, data="digits", epochs=4, seeds=12, workers=2, store=sys.argv[1])
"""


def started(store):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, store], start_new_session=True, stderr=subprocess.PIPE, text=True
    )


def content(store):
    connection = sqlite3.connect(store)
    try:
        trials = connection.execute("SELECT id, trial, state, error FROM trials ORDER BY id").fetchall()
        epochs = connection.execute("SELECT * FROM epochs ORDER BY trial, epoch").fetchall()
        return trials, epochs, connection.execute("SELECT header FROM studies").fetchall()
    finally:
        connection.close()


def ended(process, seconds):
    """The errors of a process, when it and all its workers have ended: until then they hold the pipe open."""
    return process.communicate(timeout=seconds)[1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What the store of the script holds when nothing disturbs it."""
    store = tmp_path_factory.mktemp("whole") / "s.sqlite"
    process = started(store)
    errors = ended(process, 120)
    assert process.returncode == 0, errors
    return content(store)


def test_a_study_killed_ten_times_ends_like_one_that_was_not(tmp_path, whole):
    store, dice, counts = tmp_path / "s.sqlite", random.Random(0), [0]
    for _ in range(10):
        process = started(store)
        wait_for(store, counts[-1] + dice.randint(0, 3))
        time.sleep(dice.uniform(0, 0.2))
        os.kill(process.pid, signal.SIGKILL)
        ended(process, 10)
        counts.append(done(store))
    assert counts == sorted(counts)
    assert len(set(counts)) > 3, "too few kills found a study under way"
    process = started(store)
    errors = ended(process, 120)
    assert process.returncode == 0, errors
    assert content(store) == whole
    document = read(store).to_json()
    assert {t["state"] for arm in document["arms"] for t in arm["trials"]} == {"done"}


def test_ctrl_c_ends_all_processes_and_keeps_what_is_done(tmp_path, whole):
    store = tmp_path / "s.sqlite"
    process = started(store)
    wait_for(store, 1)
    os.killpg(process.pid, signal.SIGINT)
    errors = ended(process, 10)
    assert "KeyboardInterrupt" in errors or process.returncode == 0
    kept = content(store)[0]
    assert 0 < len(kept) <= len(whole[0])
    assert set(kept) <= set(whole[0])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s.sqlite", "s.sqlite-lock"]


def wait_for(store, count):
    """Until so many trials are done, or a minute has passed."""
    deadline = time.perf_counter() + 60
    while time.perf_counter() < deadline and done(store) < min(count, 48):
        time.sleep(0.01)


def done(store):
    """How many trials a store holds."""
    if not store.exists():
        return 0
    try:
        return len(content(store)[0])
    except sqlite3.Error:
        return 0


def test_trials_of_the_script_have_the_ids_of_their_content(whole):
    for key, text, state, _ in whole[0]:
        trial = Trial.from_json(json.loads(text))
        assert trial.id == key
        assert replace(trial, seed=trial.seed + 1).id != key
        assert state == "done"
