"""Engines: a Ray cluster whose node dies, Dask whose worker dies, anybody's executor; always the bits of this one."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from fanin.errors import FaninError, UnknownName
from fanin.study import compare, engines
from fanin.study.dense import DenseWork
from fanin.study.engines import _attempt
from fanin.study.grid import grid, trials
from fanin.study.runner import run
from fanin.study.store import Store
from fanin.study.task import task
from fanin.study.work import Settings

STUDY = {"data": "digits", "epochs": 2, "init": ["rand", "randn", "randn/sqrt(fan_in)", "zeros"], "seeds": 50}
TRIALS = 200


def content(path):
    """What a store says of each trial; without seconds."""
    with Store(path, write=False) as store:
        return store._connection.execute("SELECT id, trial, state FROM trials ORDER BY id").fetchall(), (
            store._connection.execute("SELECT trial, epoch, row FROM epochs ORDER BY trial, epoch").fetchall()
        )


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    path = tmp_path_factory.mktemp("local") / "s.sqlite"
    compare("nielsen", **STUDY, store=path, workers=1)
    return content(path)


def killing(kill, after):
    """A progress that kills something once, when so many trial-epochs are done: the driver waits until it is dead."""
    killed = []

    def progress(done, total, text):
        if not killed and done >= after:
            assert done < total
            kill()
            killed.append(done)

    return progress, killed


@pytest.fixture
def small_stacks(monkeypatch):
    """Many chunks, so that some are in flight when the node dies."""
    monkeypatch.setattr("fanin.study.dense.STACK", 4)


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_ray_node_is_lost_in_the_middle_and_every_trial_is_there_once(tmp_path, local, monkeypatch, small_stacks):
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray = pytest.importorskip("ray")
    from ray._private import ray_constants
    from ray.cluster_utils import Cluster

    monkeypatch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", False)
    node = {"node_ip_address": "127.0.0.1", "num_cpus": 1, "object_store_memory": 100 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    try:
        others = [cluster.add_node(**node) for _ in range(2)]
        ray.init(address=cluster.address, log_to_driver=False, _node_ip_address="127.0.0.1")
        assert sum(n["Alive"] for n in ray.nodes()) == 3
        progress, killed = killing(lambda: cluster.remove_node(others[0], allow_graceful=False), TRIALS // 4)
        compare("nielsen", **STUDY, store=tmp_path / "s.sqlite", engine="ray", progress=progress)
        assert killed
        until = time.monotonic() + 60  # the cluster hears of it in its own time
        while sum(n["Alive"] for n in ray.nodes()) != 2 and time.monotonic() < until:
            time.sleep(0.2)
        assert sum(n["Alive"] for n in ray.nodes()) == 2
    finally:
        ray.shutdown()
        cluster.shutdown()
    assert content(tmp_path / "s.sqlite") == local
    assert len(local[0]) == TRIALS


@pytest.mark.filterwarnings("ignore")  # Dask's own
def test_a_dask_worker_is_killed_in_the_middle_and_every_trial_is_there_once(tmp_path, local, small_stacks):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=3, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        pid = next(iter(cluster.workers.values())).pid
        progress, killed = killing(lambda: os.kill(pid, signal.SIGKILL), TRIALS // 4)
        address = cluster.scheduler_address
        compare("nielsen", **STUDY, store=tmp_path / "s.sqlite", engine="dask", address=address, progress=progress)
        assert killed
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert content(tmp_path / "s.sqlite") == local
    assert len(local[0]) == TRIALS


def test_anybodys_executor_gives_the_same(tmp_path, local):
    with ThreadPoolExecutor(2) as executor:
        compare("nielsen", **(STUDY | {"seeds": 5}), store=tmp_path / "s.sqlite", executor=executor)
        assert executor.submit(int).result() == 0  # it stays its owner's
    rows = set(local[0])
    assert len(content(tmp_path / "s.sqlite")[0]) == 20
    assert set(content(tmp_path / "s.sqlite")[0]) <= rows


class Lossy:
    """An engine whose first answers are lost."""

    slots = 2
    lost = (ConnectionError,)

    def __init__(self, work, times):
        self.work, self.times, self.asked = work, times, 0

    def submit(self, stack):
        from concurrent.futures import Future

        self.asked += 1
        future = Future()
        if self.asked <= self.times:
            future.set_exception(ConnectionError("gone"))
        else:
            future.set_result(_attempt.attempt(self.work, stack))
        return future

    def poll(self):
        pass


@pytest.mark.parametrize(("times", "states"), [(3, {"done"}), (99, {"failed"})])
def test_lost_stacks_are_run_again_but_not_for_ever(digits, times, states):
    from fanin.study.runner import _drive

    work = DenseWork(task("nielsen"), digits)
    planned = trials(work, grid(inits=["rand"], seeds=1), Settings(epochs=1))
    found = list(_drive(Lossy(work, times), [planned], lambda: True, None))
    assert {o.state for stack in found for o in stack} == states
    assert all(o.error is None or "gone" in o.error for stack in found for o in stack)


def test_a_budget_begins_no_more(digits):
    work = DenseWork(task("nielsen"), digits)
    planned = trials(work, grid(inits=["rand"], seeds=30), Settings(epochs=1))
    left = iter([True, False, False, False, False])
    found = [o for stack in run(work, planned, workers=1, go_on=lambda: next(left)) for o in stack]
    assert 0 < len(found) < 30


def test_what_is_missing_or_unknown_is_one_line(monkeypatch):
    with pytest.raises(UnknownName, match="local"):
        compare("nielsen", **(STUDY | {"seeds": 1}), engine="locl", workers=2)
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(FaninError, match=r"pip install 'fanin\[dask\]'"):
        compare("nielsen", **(STUDY | {"seeds": 1}), engine="dask", workers=2)
    assert engines.names() == ("dask", "local", "ray")


def test_budgets_and_halving_end_like_a_study_without(tmp_path):
    small = {"data": "digits", "init": ["randn", "zeros"], "lr": [0.1, 1.0, 3.0], "seeds": 2, "epochs": 3, "workers": 1}
    parts = tmp_path / "parts.sqlite"
    pending = 12
    while pending:
        document = compare("nielsen", **small, store=parts, max_trials=5).to_json()
        now = sum(t["state"] == "pending" for arm in document["arms"] for t in arm["trials"])
        assert now < pending
        pending = now
    compare("nielsen", **small, store=tmp_path / "whole.sqlite")
    assert content(parts) == content(tmp_path / "whole.sqlite")
    halved = compare("nielsen", **small, halving=True).to_json()
    full = {arm["init"]: arm for arm in compare("nielsen", **small).to_json()["arms"]}
    for arm in halved["arms"]:
        assert {t["planned"] for t in arm["trials"]} == {1, 3}
        assert sum(t["planned"] == 3 for t in arm["trials"]) == 2  # one rate of three goes on, under both seeds
        same = {t["id"]: t["epochs"] for t in full[arm["init"]]["trials"]}
        assert all(same[t["id"]] == t["epochs"] for t in arm["trials"] if t["planned"] == 3)


def test_a_packed_work_trains_like_the_one_it_was(digits):
    work = DenseWork(task("nielsen"), digits)
    planned = trials(work, grid(inits=["rand"], seeds=2), Settings(epochs=1))
    sent = _attempt.attempt_packed(_attempt.pack(work), planned)
    assert [replace(o, seconds=0) for o in sent] == [replace(o, seconds=0) for o in _attempt.attempt(work, planned)]
