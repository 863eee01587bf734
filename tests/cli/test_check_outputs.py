"""What `fanin check` writes for others, and what it mends."""

import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import numpy as np
import pytest

from fanin import report
from fanin.cli import run

MODEL = """
from torch import nn


def build():
    layers = [layer for _ in range(12) for layer in (nn.Linear(64, 64), nn.ReLU())]
    model = nn.Sequential(*layers, nn.Linear(64, 10))
    for param in model.parameters():
        nn.init.normal_(param) if param.ndim > 1 else nn.init.zeros_(param)
    return model
"""


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Arrays drawn by `rand`, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("net.npz", rng.random((30, 784)), np.zeros(30), rng.random((10, 30)), np.zeros(10))
    return "net.npz"


def test_every_format(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = {}
    for format in report.formats():
        assert run(["check", net, "--format", format]) == 1
        text[format] = capsys.readouterr().out
    rules = json.loads(text["sarif"])["runs"][0]["tool"]["driver"]["rules"]
    assert "## Why is this bad?" in next(rule for rule in rules if rule["id"] == "FAN103")["help"]["markdown"]
    assert text["github"].startswith("::error file=net.npz,title=FAN103 non-zero-mean")
    assert ElementTree.fromstring(text["junit"]).get("failures") == "2"
    assert "About this rule" in text["html"]


def test_the_ending_of_out_says_the_format(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.sarif", "a.xml"):
        assert run(["check", net, "--out", name]) == 1
    assert json.loads(Path("a.sarif").read_text())["version"] == "2.1.0"
    assert ElementTree.parse("a.xml").getroot().tag == "testsuites"
    assert run(["explain", "rand", "--out", "b.sarif"]) == 2
    assert "sarif shows a document of kind check" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["fixed.npz", "fixed.safetensors"])
def test_fix_writes_weights_that_pass(net: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path(net).read_bytes()
    assert run(["check", net, "--fix", name, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, report.schema("check"))
    assert document["fixed"]["cause"] == "FAN103"
    assert [one["parameter"] for one in document["fixed"]["parameters"]] == ["arr_0", "arr_2"]
    assert run(["check", name]) == 0
    assert "passes: nothing found" in " ".join(capsys.readouterr().out.split())
    assert Path(net).read_bytes() == before


def test_fix_of_a_model_gives_its_state(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    Path("model.py").write_text(MODEL)
    assert run(["check", "model.py:build", "--fix", "w.safetensors"]) == 0
    out, err = capsys.readouterr()
    assert err.splitlines()[-1] == "fanin: wrote w.safetensors, with 13 parameters drawn anew"
    assert out.startswith("Drew 13 parameters anew. Before: ") and "2…22.weight" in out
    from safetensors.torch import load_file

    state = load_file("w.safetensors")
    assert len(state) == 26
    assert torch.std(state["2.weight"]).item() == pytest.approx((2 / 64) ** 0.5, rel=0.05)
    assert run(["check", "model.py:build", "--format", "github"]) == 1
    assert "::error file=model.py,line=5,title=FAN204" in capsys.readouterr().out


def test_fix_writes_nothing_where_no_weight_is_at_fault(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("x.npz", x=255 * np.random.default_rng(0).random((100, 784)))
    assert run(["check", net, "--data", "x.npz", "--select", "FAN501", "--fix", "w.npz"]) == 1
    out, err = capsys.readouterr()
    assert err == "fanin: no finding has a fix that can be applied; w.npz was not written\n"
    assert "parameter  mean before" not in out
    assert not Path("w.npz").exists()


@pytest.mark.parametrize(
    ("path", "message"),
    [("w.pt", ".safetensors or .npz"), ("none/w.npz", "no folder"), ("w", "written as")],
)
def test_fix_complains_before_the_work(net: str, path: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", net, "--fix", path]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


def test_per_layer_ignores(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    config = Path("pyproject.toml")
    config.write_text('[tool.fanin]\nignore = ["FAN2"]\nper_layer_ignores = { "1" = ["FAN1"], "arr_2" = ["FAN103"] }\n')
    assert run(["check", net]) == 0
    assert "nothing found" in " ".join(capsys.readouterr().out.split())
    assert run(["check", net, "--ignore", "1:FAN103"]) == 1, "the command line wins"
    assert "FAN103 non-zero-mean, layer 2 (arr_2)" in capsys.readouterr().out
    assert run(["explain", "rand"]) == 0, "other verbs do not mind"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('ignore = "FAN1"', "expected a list of codes"),
        ("per-layer-ignores = 3", 'such as { "backbone.*" = ["FAN104"] }'),
        ('per-layer-ignores = { "a" = "FAN1" }', "expected a list of codes"),
        ('per-layer-ignores = { "a" = ["FAN999"] }', "unknown rule 'FAN999'"),
        ("per-layer-ignore = {}", "per-layer-ignore"),
        ('fix = "w.npz"', "belongs on the command line"),
    ],
)
def test_a_wrong_configuration_is_one_line(
    net: str, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pyproject.toml").write_text(f"[tool.fanin]\n{text}\n")
    assert run(["check", net]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in " ".join(err.split())


def test_the_list_of_rules_is_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Weights\n  FAN101  ")
    assert text.index("Signal\n  FAN201") < text.index("Gradients\n  FAN301") < text.index("Data\n  FAN501")
    assert text.rstrip().endswith("fanin rule CODE shows one with its measurement, its limits and its fix.")
