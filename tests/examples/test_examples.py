"""The examples run on the embedded digits and show what they say."""

import os
import runpy
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[2] / "examples"


def _run(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    monkeypatch.setattr(sys, "argv", [name, *words])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    return capsys.readouterr().out.splitlines()


def _percent(line: str) -> float:
    return float(line.partition("%")[0].split()[-1])


def test_nielsen_is_no_longer_than_the_book_s() -> None:
    assert len((EXAMPLES / "nielsen.py").read_text().splitlines()) <= 74


@pytest.mark.parametrize(("start", "least", "most"), [("rand", 5, 15), ("randn", 70, 93), ("scaled", 87, 95)])
def test_nielsen(
    start: str, least: float, most: float, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _run("nielsen.py", monkeypatch, capsys, start)
    assert [line.split(":")[0] for line in lines] == [f"{start}, epoch {i}" for i in range(1, 6)]
    assert least < _percent(lines[-1]) < most


def test_zeros_are_the_best_start_of_a_single_layer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {
        line[:24].strip(): float(line.rstrip("%").split()[-1]) for line in _run("single_layer.py", monkeypatch, capsys)
    }
    assert max(found, key=lambda start: found[start]) == "zeros"
    assert found["zeros"] > 75 > 20 > found["rand"]


def test_the_notebook_runs_and_is_stored_without_outputs(tmp_path: Path) -> None:
    notebook = nbformat.read(EXAMPLES / "rand_beside_randn.ipynb", as_version=4)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    kernel_paths = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"PYTHONPATH": kernel_paths, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.create_kernel_manager()
    client.km.extra_env = environment
    client.execute(env=environment)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in shown)
    assert any("non-zero-mean" in output.get("data", {}).get("text/html", "") for output in shown)
