"""`fanin check` on code that a user names: what it finds, and one line for whatever is wrong with it."""

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from fanin.cli import run

MODEL = """\
import torch
from torch import nn

print("built by hand")


def good():
    torch.nn.init.kaiming_normal_
    model = nn.Sequential(nn.Linear(12, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 5))
    for layer in model[::2]:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.normal_(model[4].weight, std=0.05)
    return model


def bad():
    model = good()
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    return model


class Forgetful(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.forgotten = nn.Linear(12, 5), nn.Parameter(torch.empty(5, 5))

    def forward(self, x):
        return self.layer(x) @ self.forgotten


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(10, 4), nn.Linear(20, 4)

    def forward(self, x, z):
        return self.left(x) + self.right(z)


class Picky(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 5)

    def forward(self, images, words):
        if words.ndim != 3:
            raise ValueError("words must have\\nthree axes")
        return self.layer(images) + words.sum()


class Mute(nn.Linear):
    def forward(self, x):
        return "nothing"


def mute():
    return Mute(12, 5)


def empty():
    return nn.ReLU()


def text():
    return "a model"


def broken():
    raise ValueError("out of\\nideas")


def gone():
    raise SystemExit(3)


def nan():
    model = good()
    nn.init.constant_(model[2].weight, float("nan"))
    return model


def meta():
    with torch.device("meta"):
        return good()


def with_batch():
    return good(), torch.randn(20, 12)


def batch():
    torch.manual_seed(0)
    return torch.randn(64, 12), torch.randint(0, 5, (64,))


def words():
    return torch.randn(8, 12), torch.randn(8, 2)


def squared(output, target):
    return ((output - torch.nn.functional.one_hot(target, 5)) ** 2).mean()


def no_number(output, target):
    return output


ready = good()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(MODEL)
    (tmp_path / "syntax.py").write_text("def build(:\n    pass\n")
    (tmp_path / "imports.py").write_text("import fanin\n\nimport no_such_package\n")
    np.savez(tmp_path / "data.npz", x=np.random.default_rng(0).normal(size=(64, 12)), y=np.arange(64) % 5)
    np.savez(tmp_path / "named.npz", input=np.random.default_rng(0).normal(size=(64, 12)))
    np.savez(tmp_path / "other.npz", a=np.ones((64, 12)), b=np.arange(64))
    np.savez(tmp_path / "pixels.npz", x=np.random.default_rng(0).integers(0, 256, (64, 12), np.uint8))
    np.savez(tmp_path / "wide.npz", x=np.ones((64, 7)))
    np.savez(tmp_path / "nan.npz", x=np.full((64, 12), np.nan))
    (tmp_path / "text.npz").write_text("no arrays")
    (tmp_path / "model.pt").write_bytes(b"\x80\x02")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("net", "syntax", "imports"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(tmp_path) in str(getattr(module, "__file__", "")):
            del sys.modules[name]


def check(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> dict:
    assert run(["check", *arguments, "--format", "json"]) == code
    out, err = capsys.readouterr()
    assert err.startswith("fanin: running net")
    document = json.loads(out)
    jsonschema.validate(
        document, json.loads(resources.files("fanin.report").joinpath("schemas/check.json").read_text())
    )
    return document


@pytest.mark.usefixtures("folder")
class TestVerdicts:
    def test_a_good_and_a_bad_network(self, capsys) -> None:
        good = check(capsys, "net.py:good", code=0)
        assert (good["target"], good["framework"], good["cause"]) == ("net.py:good", "torch", None)
        assert good["data"] == "64 standard-normal inputs (12)"
        assert good["source"] == {"file": "net.py", "line": 7}
        layer = good["layers"][0]
        assert (layer["name"], layer["op"], layer["shape"], layer["activation"]) == ("0", "dense", [40, 12], "relu")
        assert layer["forward"]["std"] == pytest.approx(layer["predicted"]["forward"]["std"], rel=0.3)
        bad = check(capsys, "net.py:bad", code=1)
        assert bad["cause"] == "FAN102"
        assert bad["findings"][0]["confidence"] == 1.0

    def test_data_loss_optimizer_in_all_their_forms(self, capsys) -> None:
        by_file = check(capsys, "net.py:good", "--data", "data.npz", "--loss", "cross_entropy", code=0)
        training = ["--loss", "cross_entropy", "--optimizer", "adam", "--lr", "0.001"]
        by_code = check(capsys, "net.py:good", "--data", "net.py:batch", *training, code=0)
        for document in (by_file, by_code):
            assert document["layers"][-1]["forward"]["loss_reference"] == pytest.approx(np.log(5))
        own = check(capsys, "net.py:good", "--data", "net.py:batch", "--loss", "net.py:squared", code=0)
        assert own["layers"][-1]["forward"]["loss"] > 0
        assert check(capsys, "net.py:good", "--data", "named.npz", code=0)["data"] == "64 inputs"
        assert check(capsys, "net.py:with_batch", code=0)["data"] == "20 inputs"
        assert check(capsys, "net:ready", "--input-shape", "12", code=0)["framework"] == "torch"

    def test_pixels_are_numbers(self, capsys) -> None:
        assert check(capsys, "net.py:good", "--data", "pixels.npz", code=1)["cause"] == "FAN501"

    def test_a_file_is_said_to_run_once(self, capsys) -> None:
        assert run(["check", "net.py:good", "--data", "net.py:batch", "--loss", "net.py:squared"]) == 0
        assert capsys.readouterr().err.count("fanin: running net.py") == 1

    def test_a_forgotten_parameter_is_named(self, capsys) -> None:
        document = check(capsys, "net.py:Forgetful", code=1)
        assert "FAN105" in [finding["code"] for finding in document["findings"]]
        assert check(capsys, "net.py:nan", code=1)["cause"] == "FAN101"

    def test_the_seed_is_that_of_the_model(self, capsys) -> None:
        first, again, other = (check(capsys, "net.py:good", "--seed", seed, code=0)["layers"] for seed in "001")
        assert first == again != other


BAD_INPUTS = [
    (["net.py"], "net.py:good"),
    (["net.py:"], "which name"),
    (["net.py:godo"], "did you mean good"),
    (
        ["net.py:zzz"],
        "known are bad, batch, broken, empty, gone, good, meta, mute, nan, no_number, squared, text, with_",
    ),
    (["nowhere.py:good"], "no such file"),
    (["no_such_module:good"], "no module is called 'no_such_module'"),
    (["no-module:good"], "neither a Python file nor the name of a module"),
    (["syntax.py:build"], "syntax.py:1"),
    (["imports.py:build"], "imports.py:3"),
    (["model.pt"], "expected a file of arrays"),
    (["net.py:broken"], "broken() raised ValueError: out of ideas ("),
    (["net.py:gone"], "gone() raised SystemExit"),
    (["net.py:text"], "returned str; expected a model"),
    (["net.py:empty"], "no parameters"),
    (["net.py:meta"], "'meta'"),
    (["net.py:mute"], "the model returned str"),
    (["net.py:Picky", "--data", "net.py:words"], "words must have three axes (net.py:"),
    (["net.py:good", "--data", "wide.npz"], "mat1 and mat2 shapes cannot be multiplied"),
    (["net.py:good", "--data", "wide.npz"], "linear.py:"),
    (["net.py:good", "--data", "other.npz"], "the data hold a, b; expected x, and y for the targets"),
    (["net.py:good", "--data", "nan.npz"], "NaN"),
    (["net.py:Two"], "a shape for each of x, z, such as --input-shape 10 --input-shape 20"),
    (["net.py:good", "--data", "none.npz"], "no such file"),
    (["net.py:good", "--data", "text.npz"], "text.npz"),
    (["net.py:good", "--data", "net.py:text"], "no tensor"),
    (["net.py:good", "--input-shape", "3x4"], "runs with none"),
    (["net.py:good", "--input-shape", "3xy"], "no shape of one sample"),
    (["net.py:good", "--loss", "focal", "--data", "data.npz"], "unknown loss 'focal'"),
    (["net.py:good", "--loss", "net.py:no_number", "--data", "data.npz"], "expected one number"),
    (["net.py:good", "--loss", "mse", "--data", "data.npz"], "needs one per entry"),
    (["net.py:good", "--lr", "-1"], "positive"),
    (["net.py:good", "--optimizer", "adagradient"], "unknown optimizer 'adagradient'; did you mean adagrad?"),
    (["net.py:good", "--activation", "relu"], "--activation is for a file of arrays"),
    (["data.npz", "--input-shape", "3"], "--input-shape is for a model"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("arguments", "message"), BAD_INPUTS, ids=[" ".join(given) for given, _ in BAD_INPUTS])
@pytest.mark.filterwarnings("ignore")
def test_what_is_wrong_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", *arguments, "--quiet"]) == 2
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line != "built by hand"]
    assert out == ""
    assert len(lines) == 1, err
    assert lines[0].startswith("fanin: ")
    assert message in lines[0].replace(str(Path.cwd()) + "/", "")


def test_as_a_process(folder: Path) -> None:
    """Nothing of ours has imported torch; results and what the code prints stay apart."""
    command = [sys.executable, "-m", "fanin", "check", "net.py:bad", "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["cause"] == "FAN102"
    assert done.stderr.splitlines()[:2] == ["fanin: running net.py", "built by hand"]
    done = subprocess.run([*command[:4], "imports.py:build"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no_such_package" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_two_gigabytes(folder: Path) -> None:
    """A model of 2 GB is checked like any other."""
    (folder / "big.py").write_text(
        "from torch import nn\ndef build():\n    return nn.Linear(16384, 32768, bias=False)\n"
    )
    command = [sys.executable, "-m", "fanin", "check", "big.py:build"]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode in (0, 1)


def test_a_check_does_not_import_the_compiler_or_scipy(folder: Path) -> None:
    """Each takes a second or more: the compiler, sharded tensors, and what the theory of a plain chain needs."""
    code = (
        "import sys; from fanin.cli import run; "
        "run(['check', 'net.py:Two', '--input-shape', '10', '--input-shape', '20', '--quiet']); "
        "print(sorted({'torch._inductor', 'torch._dynamo', 'torch.distributed.tensor', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


GRAPH = """\
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()


class Graph(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(12, 30), nn.Linear(30, 5)

    def forward(self, x, adjacency):
        return self.b((adjacency @ self.a(x)).relu())


def needs(n):
    return Block(n)


def build(k=1):
    return Graph()


def batch():
    return (torch.randn(32, 12), torch.eye(32)), torch.randint(0, 5, (32,))


def one():
    return torch.randn(1, 12)


class Bad(Graph):
    def forward(self, x):
        raise ValueError("no way")
"""


@pytest.fixture
def graph(folder: Path) -> Path:
    (folder / "graph.py").write_text(GRAPH)
    return folder


@pytest.mark.usefixtures("graph")
class TestWhatANewUserTypes:
    def test_several_inputs_and_targets_need_no_loss(self) -> None:
        assert run(["check", "graph.py:build", "--data", "graph.py:batch", "--select", "FAN102"]) == 0

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--loss", "crossentropy"], "unknown loss 'crossentropy'; did you mean cross_entropy?"),
            (["--optimizer", "adamm"], "unknown optimizer 'adamm'; did you mean"),
            (["--select", "FAN9x9"], "unknown rule 'FAN9x9'; known are FAN101"),
            (["--ignore", "a.*:bias-missing-at-all"], "unknown rule"),
            (["--out", "x.pdf"], "no format has the ending '.pdf'"),
            (["--out", "nowhere/x.json"], "there is no folder"),
        ],
    )
    def test_bad_words_are_found_before_anything_runs(self, arguments: list[str], words: str, capsys) -> None:
        assert run(["check", "net.py:good", *arguments]) == 2
        err = capsys.readouterr().err
        assert words in err
        assert "running" not in err

    def test_an_unknown_rule_is_near_a_slug_and_only_codes_are_counted(self, capsys) -> None:
        from fanin.doctor import all_rules

        run(["check", "net.py:good", "--select", "FAN9x9"])
        assert f"and {len(all_rules()) - 5} more" in capsys.readouterr().err
        run(["check", "net.py:good", "--select", all_rules()[0].slug + "x"])
        assert f"did you mean {all_rules()[0].slug}" in capsys.readouterr().err

    def test_what_could_not_be_used_is_said(self, capsys) -> None:
        assert run(["check", "net.py:good", "--loss", "cross_entropy", "--lr", "0.1"]) == 0
        err = capsys.readouterr().err
        assert "fanin: no targets: the loss cross_entropy was not used" in err
        assert "fanin: no optimizer: the learning rate was not used" in err
        assert run(["check", "net.py:good", "--data", "net.py:batch", "--loss", "cross_entropy"]) in (0, 1)
        assert "not used" not in capsys.readouterr().err

    def test_a_forward_that_raises_is_shown_with_its_place(self, capsys) -> None:
        assert run(["check", "graph.py:Bad", "--input-shape", "12"]) == 2
        err = capsys.readouterr().err
        line = 1 + GRAPH.splitlines().index('        raise ValueError("no way")')
        assert f"graph.py:{line})" in err
        assert err.endswith("mend that, or give another --input-shape, or --data\n")

    def test_a_function_that_needs_an_argument_has_no_empty_place(self, capsys) -> None:
        assert run(["check", "graph.py:needs"]) == 2
        assert "()" not in capsys.readouterr().err.replace("needs()", "")

    def test_the_name_that_is_suggested_can_be_called(self, capsys) -> None:
        assert run(["check", "graph.py"]) == 2
        assert capsys.readouterr().err.endswith("graph.py:build\n")

    def test_a_missing_file_is_not_said_to_run(self, capsys) -> None:
        assert run(["check", "nofile.py:x"]) == 2
        assert capsys.readouterr().err == "fanin: 'nofile.py': no such file\n"

    def test_one_input_is_one(self, capsys) -> None:
        run(["check", "net.py:good", "--data", "graph.py:one"])
        assert "on 1 input " in capsys.readouterr().out

    def test_nothing_to_fix(self, graph: Path, capsys) -> None:
        assert run(["check", "net.py:good", "--fix", "out.safetensors"]) == 0
        out, err = capsys.readouterr()
        assert out.startswith("Nothing to fix.")
        assert "nothing to fix; out.safetensors was not written" in err
        assert not (graph / "out.safetensors").exists()
