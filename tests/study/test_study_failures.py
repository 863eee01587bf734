"""What can happen to a study on somebody's machine: a clear line, exit 2, and nothing that was done is lost."""

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from fanin.cli import run
from fanin.errors import InputError
from fanin.study import compare, read
from fanin.study.migration import VERSION
from fanin.study.store import Store

WORDS = [
    "compare",
    "nielsen",
    "--data",
    "digits",
    "--epochs",
    "2",
    "--init",
    "rand",
    "--init",
    "randn",
    "--workers",
    "1",
]
OLD = Path(__file__).parent / "version_2.sql"


def fanin(*words, folder, before=()):
    return subprocess.run(
        [*before, sys.executable, "-m", "fanin", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def content(path):
    with Store(path, write=False) as store:
        rows = store._connection.execute
        return rows("SELECT id, trial, state FROM trials ORDER BY id").fetchall(), (
            rows("SELECT trial, epoch, row FROM epochs ORDER BY trial, epoch").fetchall()
        )


def refused(found, *words):
    """Exit 2 and one line that names the store."""
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1), found.stderr
    assert "s.sqlite" in found.stderr
    assert any(word in found.stderr for word in words), found.stderr


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "s.sqlite"
    compare("nielsen", data="digits", epochs=2, init=["rand", "randn"], seeds=40, store=path, workers=1)
    return content(path)


SMALL_FILES = ("bash", "-c", 'ulimit -f 96; exec "$@"', "bash")
"""No file may grow beyond 96 KiB: as on a full disk, a write fails in the middle."""


def test_a_disk_that_takes_no_more_keeps_what_is_there_and_the_same_command_goes_on(tmp_path, whole):
    words = [*WORDS, "--seeds", "40", "--store", "s.sqlite", "--quiet"]
    assert fanin(*words, "--max-trials", "20", folder=tmp_path).returncode == 0
    found = fanin(*words, folder=tmp_path, before=SMALL_FILES)
    refused(found, "disk I/O error", "disk is full")
    kept = content(tmp_path / "s.sqlite")
    assert 20 <= len(kept[0]) < 80
    assert set(kept[0]) <= set(whole[0])
    assert set(kept[1]) <= set(whole[1])
    assert fanin(*words, folder=tmp_path).returncode == 0
    assert content(tmp_path / "s.sqlite") == whole


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 200 kB, where this user may mount one."""
    where = tmp_path / "disk"
    where.mkdir()
    mount = shutil.which("mount")
    words = [mount or "", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(where)]
    if mount is None or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield where
    subprocess.run(["umount", str(where)], check=True)


def test_a_disk_that_is_full(small_disk, tmp_path, whole):
    words = [*WORDS, "--seeds", "40", "--quiet"]
    refused(fanin(*words, "--store", "s.sqlite", folder=small_disk), "disk is full", "disk I/O error")
    shutil.copy(small_disk / "s.sqlite", tmp_path)  # to a larger one, with the log beside it
    for log in small_disk.glob("s.sqlite-wal"):
        shutil.copy(log, tmp_path)
    kept = content(tmp_path / "s.sqlite")
    assert set(kept[0]) <= set(whole[0])
    assert fanin(*words, "--store", "s.sqlite", folder=tmp_path).returncode == 0
    assert content(tmp_path / "s.sqlite") == whole


def test_two_drivers_on_one_store(tmp_path, whole):
    words = [sys.executable, "-m", "fanin", *WORDS, "--seeds", "40", "--store", "s.sqlite", "--quiet"]
    drivers = [
        subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ended = [(driver.communicate(timeout=120), driver.returncode) for driver in drivers]
    assert [code for _, code in ended if code] == [2] * sum(code != 0 for _, code in ended)
    for (_, errors), code in ended:
        assert code == 0 or "s.sqlite is in use by another process" in errors
    assert any(code == 0 for _, code in ended)
    assert content(tmp_path / "s.sqlite") == whole


def text(path):
    path.write_bytes(b"hello, I am text\n" * 100)


def cut(path):
    compare("single-layer", init="zeros", data="digits", epochs=1, seeds=1, store=path)
    path.write_bytes(path.read_bytes()[:9000])


def scribbled(path):
    compare("single-layer", init="zeros", data="digits", epochs=1, seeds=1, store=path)
    raw = bytearray(path.read_bytes())
    raw[4096:12288] = random.Random(0).randbytes(8192)
    path.write_bytes(raw)


def others(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()


def newer(path):
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


@pytest.mark.parametrize("make", [text, cut, scribbled, others, newer])
def test_what_is_no_store_of_ours_is_refused_and_left_as_it_is(tmp_path, monkeypatch, capsys, make):
    monkeypatch.chdir(tmp_path)
    make(Path("s.sqlite"))
    before = Path("s.sqlite").read_bytes()
    for words in ([*WORDS, "--seeds", "1", "--store", "s.sqlite"], ["report", "s.sqlite"]):
        capsys.readouterr()
        assert run(words) == 2
        out, errors = capsys.readouterr()
        assert out == ""
        assert errors.startswith("fanin: ")
        assert errors.count("\n") == 1
        assert "s.sqlite" in errors
        assert Path("s.sqlite").read_bytes() == before


def old_store(path):
    """What the version before this one wrote: `compare("single-layer", init=["zeros", "rand"], data="digits", ...)`."""
    with sqlite3.connect(path) as connection:
        connection.executescript(OLD.read_text())
        connection.executescript(f"PRAGMA application_id = {0x66616E69}; PRAGMA user_version = 2;")
    connection.close()
    return path


SAME = {"init": ["zeros", "rand"], "data": "digits", "epochs": 1, "seeds": 2, "workers": 1}


def test_a_store_of_an_older_version_is_read_and_goes_on(tmp_path, monkeypatch):
    path = old_store(tmp_path / "s.sqlite")
    before = path.read_bytes()
    found = read(path).to_json()
    assert path.read_bytes() == before  # to read changes nothing
    assert Counter(t["state"] for arm in found["arms"] for t in arm["trials"]) == {"done": 4}
    monkeypatch.setattr("fanin.study.dense.train", None)  # nothing is trained again
    again = compare("single-layer", **SAME, store=path).to_json()
    assert [arm["trials"] for arm in again["arms"]] == [arm["trials"] for arm in found["arms"]]
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()


def test_a_migration_that_is_cut_off_leaves_the_old_store_whole(tmp_path, monkeypatch):
    path = old_store(tmp_path / "s.sqlite")
    with sqlite3.connect(path) as connection:
        before = list(connection.iterdump())
    connection.close()

    def fails(trial):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("fanin.study.migration._text", fails)
        with pytest.raises(InputError, match="disk is full"):
            Store(path)
    with sqlite3.connect(path) as connection:
        assert list(connection.iterdump()) == before
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()


MODEL = """
from torch import nn
def build(): return nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
def digits():
    from fanin.study import datasets
    d = datasets.load("digits")
    return d.x_train.astype("f4"), d.y_train, d.x_test.astype("f4"), d.y_test
"""


def test_a_driver_of_models_that_is_killed_goes_on_to_the_bits_of_one_that_was_not(tmp_path):
    """Killed once trials are in the store; what was in flight is trained again, in other company."""
    (tmp_path / "net.py").write_text(MODEL)
    words = ["compare", "net.py:build", "--data", "net.py:digits", "--init", "torch", "--init", "signal"]
    words += ["--seeds", "20", "--epochs", "2", "--workers", "1", "--quiet"]
    assert fanin(*words, "--store", "whole.sqlite", folder=tmp_path).returncode == 0
    driver = subprocess.Popen(
        [sys.executable, "-m", "fanin", *words, "--store", "s.sqlite"], cwd=tmp_path, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while driver.poll() is None and time.monotonic() < deadline and not count(tmp_path / "s.sqlite"):
        time.sleep(0.01)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait(20)
    kept = count(tmp_path / "s.sqlite")
    assert kept > 0
    found = fanin(*words, "--store", "s.sqlite", "--workers", "2", folder=tmp_path)
    assert found.returncode == 0, found.stderr
    assert content(tmp_path / "s.sqlite") == content(tmp_path / "whole.sqlite")


def count(path):
    """Trials in a store that somebody may be making."""
    try:
        return len(content(path)[0])
    except InputError:
        return 0


SICK = """
import torch
from torch import nn

class Sick(nn.Module):
    def __init__(self, asks=False):
        super().__init__()
        self.layer, self.asks = nn.Linear(64, 10), asks
    def forward(self, x):
        if self.asks:  # of a stacked model nobody may
            x.sum().item()
        if len(x) == 20:  # the last batch of an epoch; what is tried before has others
            raise RuntimeError("sick\\nand more of it")
        return self.layer(x)

class Fine(nn.Linear): pass

def stacked(): return Sick()
def alone(): return Sick(asks=True)
def fine(): return Fine(64, 10)
def digits():
    from fanin.study import datasets
    d = datasets.load("digits")
    return d.x_train.astype("f4")[:200], d.y_train[:200], d.x_test.astype("f4"), d.y_test
def half(model, trial):
    if trial.init == "keep":
        raise RuntimeError("sick")
    yield {"accuracy": 0.9}
def own(model, trial):
    yield {"accuracy": 0.9}
    raise RuntimeError("sick")
"""
DATA = ["--data", "sick.py:digits", "--batch", "30"]


@pytest.fixture
def sick(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sick.py").write_text(SICK)
    return ["--epochs", "2", "--seeds", "2", "--store", "s.sqlite", "--quiet"]


def ended(capsys, *words):
    """The exit code, stdout and stderr of a study."""
    capsys.readouterr()
    return run(["compare", *words]), *capsys.readouterr()


@pytest.mark.parametrize(
    "words",
    [
        ["sick.py:stacked", *DATA, "--workers", "1"],
        ["sick.py:alone", *DATA, "--workers", "1"],
        ["sick.py:stacked", *DATA, "--workers", "2"],
        ["sick.py:fine", "--train", "sick.py:own", "--workers", "1"],
    ],
    ids=["stacked", "one by one", "in processes", "own training"],
)
def test_where_every_trial_fails_the_study_is_refused_and_its_store_says_why(sick, capsys, words):
    code, out, errors = ended(capsys, *words, *sick, "--out", "report.html")
    assert (code, out, errors.count("\n")) == (2, "", 1), errors
    assert re.fullmatch(
        r"fanin: no trial could be trained: 4 trials failed, the first with RuntimeError: sick \(sick\.py:\d+\); "
        r"fanin report s\.sqlite shows them, the same command tries them again\n",
        errors,
    )
    assert not Path("report.html").exists()
    document = read("s.sqlite").to_json()
    trials = [trial for arm in document["arms"] for trial in arm["trials"]]
    assert [(t["state"], t["error"].partition(" (")[0]) for t in trials] == [("failed", "RuntimeError: sick")] * 4
    one_by_one = any("one by one" in note for arm in document["arms"] for note in arm["notes"])
    assert one_by_one == (words[0] != "sick.py:stacked")
    assert run(["report", "s.sqlite"]) == 0


def test_where_some_trials_fail_the_others_are_reported(sick, capsys):
    code, out, _ = ended(capsys, "sick.py:fine", "--train", "sick.py:half", *sick, "--workers", "1")
    assert code == 0
    assert "signal (90.0 %)" in out
    assert "keep: 2 trials failed: RuntimeError: sick" in out


def test_trials_that_wait_do_not_speak_for_those_that_failed(sick, capsys):
    words = ["sick.py:fine", "--train", "sick.py:own", "--workers", "1", *sick]
    code, _, errors = ended(capsys, *words, "--max-trials", "1")
    assert code == 2
    assert "no trial could be trained: 1 trial failed, the first with RuntimeError: sick (sick.py:31); " in errors
