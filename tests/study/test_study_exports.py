"""A study for other programs, read back by them: csv, pandas, pyarrow, TensorBoard, and MLflow's own client."""

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from fanin.cli import run
from fanin.errors import FaninError, UnknownName
from fanin.study import compare, exports


@pytest.fixture(scope="module")
def document():
    found = compare("nielsen", init=["rand", "randn"], data="digits", epochs=2, seeds=2, lr=[0.3, 3.0], workers=1)
    return found.to_json()


def test_csv_has_a_row_per_trial_and_epoch(document):
    rows = list(csv.DictReader(io.StringIO(exports.encode(document, "csv").decode())))
    assert len(rows) == 2 * 2 * 2 * 3
    assert {row["init"] for row in rows} == {"rand", "randn"}
    last = document["arms"][1]["trials"][0]
    (mine,) = [row for row in rows if row["trial"] == last["id"] and row["epoch"] == "2"]
    assert float(mine["accuracy"]) == last["epochs"][2]["accuracy"]
    assert mine["chosen"] == str(last["lr"] == document["arms"][1]["lr"])


def test_a_formula_is_a_text(document):
    arms = [arm | {"init": "=1+1"} for arm in document["arms"]]
    assert b"'=1+1" in exports.encode(document | {"arms": arms}, "csv")


def test_json_and_parquet_say_the_same(document):
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = json.loads(exports.encode(document, "json"))
    table = parquet.read_table(io.BytesIO(exports.encode(document, "parquet")))
    assert table.to_pylist() == rows
    assert json.loads(table.schema.metadata[b"fanin.study/1"]) == document


def test_a_trial_that_waits_has_a_row(document):
    arms = [
        arm | {"trials": [t | {"epochs": [], "state": "pending"} for t in arm["trials"]]} for arm in document["arms"]
    ]
    rows = json.loads(exports.encode(document | {"arms": arms}, "json"))
    assert [row["state"] for row in rows] == ["pending"] * 8


def test_unknown_names(document):
    with pytest.raises(UnknownName, match="csv"):
        exports.encode(document, "cvs")
    with pytest.raises(UnknownName, match="mlflow"):
        exports.send(document, "mlfow", "here")


@pytest.mark.filterwarnings("ignore")  # TensorBoard's own
def test_tensorboard_reads_the_events_back_and_nothing_is_written_twice(document, tmp_path):
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    assert exports.send(document, "tensorboard", str(tmp_path)).startswith("8 trials")
    assert exports.send(document, "tensorboard", str(tmp_path)).startswith("0 trials")
    trial = document["arms"][0]["trials"][0]
    (folder,) = [path for path in tmp_path.iterdir() if path.name.endswith(trial["id"][:6])]
    found = events.EventAccumulator(str(folder)).Reload()
    assert [e.value for e in found.Scalars("loss")] == pytest.approx([e["loss"] for e in trial["epochs"]])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A real MLflow server on SQLite, on this machine alone."""
    pytest.importorskip("mlflow.server")
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    words += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--default-artifact-root", str(folder)]
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", *words], cwd=folder, stdout=log, stderr=log, start_new_session=True
    )
    try:
        for _ in range(900):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
        log.close()


@pytest.mark.filterwarnings("ignore")  # MLflow's own
def test_mlflows_own_client_reads_the_runs_back(document, server):
    import mlflow

    assert exports.send(document, "mlflow", server).startswith("8 runs sent")
    assert exports.send(document, "mlflow", server).startswith("0 runs sent")
    client = mlflow.MlflowClient(tracking_uri=server)
    experiment = client.get_experiment_by_name("fanin/nielsen")
    runs = {run.data.tags["fanin.trial"]: run for run in client.search_runs([experiment.experiment_id])}
    assert len(runs) == 8
    for arm in document["arms"]:
        for trial in arm["trials"]:
            run = runs[trial["id"]]
            assert (run.data.params["init"], run.data.params["seed"]) == (arm["init"], str(trial["seed"]))
            assert run.data.metrics["accuracy"] == trial["epochs"][-1]["accuracy"]
            history = client.get_metric_history(run.info.run_id, "loss")
            assert [m.value for m in history] == [e["loss"] for e in trial["epochs"]]
            assert run.info.status == "FINISHED"


@pytest.mark.filterwarnings("ignore")
def test_a_server_that_is_not_there_is_one_line(document):
    pytest.importorskip("mlflow")
    with pytest.raises(FaninError, match="MLflow at") as caught:
        exports.send(document, "mlflow", "http://127.0.0.1:9")
    assert "\n" not in str(caught.value)


def test_the_command_line_exports_and_lists_studies(tmp_path):
    def fanin(*words):
        return subprocess.run(
            [sys.executable, "-m", "fanin", *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    for init in ("rand", "zeros"):
        compare("single-layer", init=init, data="digits", epochs=1, seeds=1, store=tmp_path / "s.sqlite")
    found = fanin("report", "s.sqlite")
    assert "holds 2 studies" in found.stderr
    assert "zeros" in found.stdout
    assert "rand" in fanin("report", "s.sqlite", "--study", "1").stdout
    wrong = fanin("report", "s.sqlite", "--study", "3")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert fanin("report", "s.sqlite", "--export", "csv", "--out", "t.csv").returncode == 0
    assert (tmp_path / "t.csv").read_text().startswith("task,init")
    assert fanin("report", "s.sqlite", "--export", "csv").returncode == 2


def test_compare_sends_to_trackers_and_says_first_what_is_not_installed(tmp_path, monkeypatch, capsys):
    pytest.importorskip("tensorboard")
    monkeypatch.chdir(tmp_path)
    words = ["compare", "single-layer", "--init", "zeros", "--data", "digits", "--epochs", "1", "--seeds", "2"]
    assert run([*words, "--tensorboard", "events"]) == 0
    out, errors = capsys.readouterr()
    assert "2 trials written to events" in errors
    assert "zeros" in out
    assert len(list(Path("events").iterdir())) == 2
    assert run(["report", "fanin-single-layer.sqlite", "--tensorboard", "events"]) == 0
    assert capsys.readouterr() == ("", "fanin: 0 trials written to events\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run([*words, "--mlflow", "http://127.0.0.1:9", "--store", "other.sqlite"]) == 2
    assert "--mlflow needs mlflow-skinny; install it with: pip install 'fanin[mlflow]'" in capsys.readouterr().err
    assert not Path("other.sqlite").exists()  # nothing was trained for nothing
    Path("pyproject.toml").write_text('[tool.fanin.compare]\nmlflow = "http://127.0.0.1:9"\n')
    assert run(words) == 2
    assert "'mlflow' belongs on the command line" in capsys.readouterr().err
