import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from safetensors import safe_open

from fanin.cli import run
from fanin.report import schema

MODEL = """
from torch import nn

def build():
    print("noise")
    return nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 3))

def picky():
    class Picky(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(12, 2)
            self.rate = nn.Parameter(nn.init.ones_(self.fc.bias.detach().clone()))
        def forward(self, x):
            return self.fc(x.reshape(len(x), 12)) * self.rate.exp()
    return Picky()

def broken():
    raise ValueError("no such thing")

def number():
    return 3

def bare():
    return nn.ReLU()
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(MODEL)
    return "net.py"


def test_the_plan_comes_first_and_the_file_is_whole(model: str, capsys: Any, tmp_path: Path) -> None:
    assert run(["init", f"{model}:build", "-o", "w.safetensors", "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("recipe signal, version 1: 4 tensors, 771 values\n")
    assert "w.safetensors: 4 tensors by signal, seed 3: sha256 " in out
    assert "running net.py" in err
    assert "noise" in err
    with safe_open(tmp_path / "w.safetensors", "numpy") as file:
        assert set(file.keys()) == {"0.weight", "0.bias", "2.weight", "2.bias"}
        assert file.metadata()["fanin"] in out
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"net.py", "w.safetensors"}


def test_the_same_seed_gives_the_same_file(model: str, capsys: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert run(["init", f"{model}:build", "-o", f"{name}.safetensors", "--quiet"]) == 0
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_json_documents_validate_and_a_plan_is_a_recipe(model: str, capsys: Any, tmp_path: Path) -> None:
    assert run(["init", f"{model}:build", "--recipe", "gpt2", "--dry-run", "--format", "json"]) == 0
    dry = json.loads(capsys.readouterr().out)
    jsonschema.validate(dry, schema("init"))
    assert (dry["receipt"], dry["out"]) == (None, None)
    (tmp_path / "plan.json").write_text(json.dumps(dry["plan"]))
    arguments = ["init", f"{model}:build", "--recipe", "plan.json", "--format", "json", "-o", "w.safetensors"]
    assert run(arguments) == 0
    wet = json.loads(capsys.readouterr().out)
    jsonschema.validate(wet, schema("init"))
    assert wet["plan"] == dry["plan"]
    assert wet["receipt"]["recipe"] == "gpt2"
    assert len(wet["receipt"]["tensors"]) == 4


def test_a_recipe_file_with_overrides(model: str, capsys: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('recipe = "bert"\n[overrides]\n"2.*" = "zeros"\n')
    assert run(["init", f"{model}:build", "--recipe", "mine.toml", "--dry-run"]) == 0
    assert "override '2.*'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["net.py:build"], "say -o OUT.safetensors, or --dry-run"),
        (["net.py:build", "-o", "w.npz"], "written as .safetensors"),
        (["net.py:build", "-o", "no/such/w.safetensors"], "no folder"),
        (["net.py:build", "--recipe", "nope", "--dry-run"], "unknown recipe 'nope'"),
        (["net.py:build", "--recipe", "nope.toml", "--dry-run"], "no such file"),
        (["net.py:build", "--input-shape", "7", "--dry-run"], "--input-shape"),
        (["net.py:picky", "--input-shape", "3x2x2", "--dry-run"], "does not decide 'rate'"),
        (["net.py:broken", "--dry-run"], "raised ValueError: no such thing"),
        (["net.py:number", "--dry-run"], "returned int"),
        (["net.py:bild", "--dry-run"], "did you mean build"),
        (["none.py:build", "--dry-run"], "no such file"),
        (["net.py:bare", "--dry-run"], "ReLU has no parameters, so that there is nothing to initialize"),
        (["net.py:build", "--recipe", "nosuch", "--dry-run"], "known are bert, deepnorm"),
        (["w.safetensors", "--dry-run"], "names no code"),
    ],
)
def test_bad_input_is_one_line(model: str, capsys: Any, arguments: list[str], words: str) -> None:
    assert run(["init", *arguments, "--quiet"]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err
    assert not list(Path.cwd().glob("*.safetensors"))
