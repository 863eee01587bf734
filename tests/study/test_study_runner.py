"""Processes: the same bits as here, failures recorded, progress counted, nothing left behind."""

import os
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from fanin.errors import FaninError
from fanin.study import runner
from fanin.study.dense import DenseWork
from fanin.study.runner import run
from fanin.study.task import task


def collect(trials, data, **kwargs):
    outcomes = [outcome for stack in run(DenseWork(task("nielsen"), data), trials, **kwargs) for outcome in stack]
    return {o.trial.id: replace(o, seconds=0.0) for o in outcomes}


def test_processes_give_the_bits_of_this_one_and_count_the_same(digits, make_trial):
    trials = [make_trial(seed=seed) for seed in range(3)]
    counts = {1: [], 2: []}
    found = {
        workers: collect(trials, digits, workers=workers, progress=lambda *a, w=workers: counts[w].append(a))
        for workers in counts
    }
    assert found[1] == found[2]
    assert set(found[1]) == {trial.id for trial in trials}
    for seen in counts.values():
        assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
        assert seen[-1][:2] == (6, 6)


def test_little_work_stays_here_and_no_work_gives_nothing(digits, make_trial, monkeypatch):
    monkeypatch.setattr(runner, "_opened", None)
    assert len(collect([make_trial(), make_trial(seed=1)], digits)) == 2
    assert collect([], digits) == {}


def test_a_trial_that_fails_is_recorded_and_the_others_go_on(digits, make_trial):
    trials = [make_trial(init=init) for init in ("randn", "identity(", "rand")]
    found = collect(trials, digits, workers=1)
    states = [found[trial.id].state for trial in trials]
    assert states == ["done", "failed", "done"]
    assert found[trials[1].id].error.startswith("ExpressionError: ")
    assert found[trials[0].id] == collect(trials[:1], digits, workers=1)[trials[0].id]


SCRIPT = """
from fanin.study import compare
found = compare("nielsen", init=["randn", "rand"], data="digits", epochs=1, seeds=1, workers=2)
print([trial["state"] for arm in found.to_json()["arms"] for trial in arm["trials"]])
"""


@pytest.mark.parametrize("how", ["from a pipe", "from a file without a guard"])
def test_workers_do_not_run_the_script_that_starts_them(tmp_path, how):
    (tmp_path / "script.py").write_text(SCRIPT)
    where, given = ("-", SCRIPT) if how == "from a pipe" else ("script.py", None)
    found = subprocess.run(
        [sys.executable, where], input=given, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (found.stdout, found.stderr) == ("['done', 'done']\n", "")


def test_no_more_processes_than_cores_that_this_one_may_use(digits, make_trial, monkeypatch):
    asked = []
    monkeypatch.setattr(runner, "_SMALL", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5}, raising=False)
    monkeypatch.setattr(runner, "_opened", lambda work, engine, workers, *_: nullcontext(asked.append(workers)))
    monkeypatch.setattr(runner, "_drive", lambda *_: ())
    trials = [make_trial(seed=seed) for seed in range(3)]
    collect(trials, digits)
    collect(trials, digits, workers=np.int64(3))
    assert asked == [2, 3]


class Deadly:
    """Data that end the process which receives them."""

    def __reduce__(self):
        return os._exit, (9,)


def test_a_worker_that_dies_is_said(make_trial):
    with pytest.raises(FaninError, match="a worker process died"):
        collect([make_trial(), make_trial(seed=1)], Deadly(), workers=2)
