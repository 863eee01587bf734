"""The command line as other programs call it: a few real processes, the rest in this one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from fanin import report
from fanin.cli import run

HELD = (0, "")


def fanin(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fanin", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload, no-any-return]


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, object]:
    assert run([*arguments, "--format", "json"]) == code
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, report.schema(document["schema"]))
    return document  # type: ignore[no-any-return]


def test_version_and_light_import() -> None:
    assert fanin("--version").stdout.startswith("fanin, version 0.")
    heavy = "{'numpy', 'scipy', 'numba', 'matplotlib', 'rich', 'click', 'torch', 'jinja2', 'safetensors'}"
    code = f"import sys, fanin; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split() == ["[]"]


@pytest.mark.parametrize("verb", ["explain", "sample", "propagate", "check", "compare", "report", "schemes", "rule"])
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, "--help"]) == 0
    text = capsys.readouterr().out
    assert all(option in text for option in ("--format", "--out", "--seed", "--quiet"))


@pytest.mark.parametrize(
    ("expression", "options", "verdict"),
    [
        ("rand", [], "bad"),
        ("np.random.rand(30, 784)", [], "bad"),
        ("randn", [], "bad"),
        ("randn/sqrt(n_in)", [], "good"),
        ("randn / sqrt(1/n)", [], "bad"),
        ("0.01*np.random.randn(n_in, n_out)", ["--shape", "30x784"], "weak"),
        ("np.random.randn(N, NL) * np.sqrt(2/NL)", ["--activation", "relu"], "good"),
        ("np.random.uniform(low=-0.2, high=0.2, size=(768, 10))", ["--layout", "io"], "weak"),
        ("np.random.normal(0.0, 0.2, size=(768, 10))", ["--layout", "io"], "weak"),
        ("truncated_normal(0, 1)", [], "bad"),
        ("he_normal(mode='fan_out')", ["--activation", "relu", "--shape", "256x256"], "good"),
        ("zeros", [], "bad"),
        ("glorot_uniform", ["--activation", "tanh"], "good"),
        ("torch_default", ["--activation", "relu", "--shape", "128x128"], "weak"),
    ],
)
def test_explain_verdicts(
    expression: str, options: list[str], verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(capsys, "explain", expression, *options)["verdict"] == verdict


def test_the_division_that_multiplies_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "randn / sqrt(1/n)"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "multiplies by sqrt(n) = 28" in text
    assert "`* sqrt(1/n)`" in text and "surely meant" in text


def test_sample_and_propagate(capsys: pytest.CaptureFixture[str]) -> None:
    samples = answer(capsys, "sample", "rand", "randn", "--count", "2000", "--converge")["samples"]
    assert [s["count"] for s in samples] == [2000, 2000]  # type: ignore[attr-defined]
    arms = answer(capsys, "propagate", "randn/sqrt(n_in)", "--depth", "3", "--width", "40", "--batch", "50")["arms"]
    assert [layer["layer"] for layer in arms[0]["layers"]] == [1, 2, 3]  # type: ignore[index]
    biased = answer(capsys, "propagate", "zeros", "--bias", "0.5*ones", "--depth", "2", "--width", "9", "--batch", "8")
    assert biased["bias"] == "0.5*ones"
    assert biased["arms"][0]["layers"][1]["measured"]["mean"] == pytest.approx(np.tanh(0.5))  # type: ignore[index]
    assert run(["propagate", "zeros", "--bias", "0.5*ones", "--depth", "2", "--width", "9", "--batch", "8"]) == 0
    assert "biases 0.5*ones" in capsys.readouterr().out


def test_check_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    x = rng.random((200, 784)) * (rng.random((200, 784)) < 0.2)
    np.savez(tmp_path / "data.npz", x=x, y=np.arange(200) % 10)
    for scale, code in ((1 / 28, 0), (1.0, 1)):
        weights = rng.standard_normal((30, 784)) * scale, rng.standard_normal((10, 30)) / np.sqrt(30)
        np.savez(tmp_path / "net.npz", weights[0], np.zeros(30), weights[1], np.zeros(10))
        document = answer(capsys, "check", str(tmp_path / "net.npz"), "--data", str(tmp_path / "data.npz"), code=code)
        assert document["verdict"] == ("fail" if code else "pass")


def test_check_refuses_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "objects.npz", np.array([print], dtype=object))
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "broken.safetensors").write_bytes(b"\xff" * 64)
    (tmp_path / "model.pt").write_bytes(b"")
    np.savez(tmp_path / "words.npz", words=np.array(["a"]))
    for name in ("objects.npz", "broken.npz", "broken.safetensors", "model.pt", "none.npz", "words.npz"):
        assert run(["check", str(tmp_path / name)]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert name.removesuffix(".npz") in err


def test_damaged_bytes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.npz"
    np.savez_compressed(path, np.random.default_rng(0).random((5, 4)))
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(200):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 6):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged[: rng.integers(1, len(whole))] if rng.random() < 0.3 else damaged)
        code = run(["check", str(path)])
        out, err = capsys.readouterr()
        assert code in {0, 1} or (code, out, err.count("\n")) == (2, "", 1)
        assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explian"], "did you mean explain"),
        (["explain"], "Missing argument"),
        (["explain", "rand", "--shape", "30"], "OUTxIN"),
        (["explain", "rand", "--shape", "0x3"], "at least 1"),
        (["explain", "rand", "--activation", "rellu"], "relu"),
        (["explain", "rand", "--format", "yaml"], "yaml"),
        (["explain", "rand", "--seed", "-1"], "seed"),
        (["sample", "rand", "--count", "1"], "count"),
        (["propagate", "rand", "--depth", "0"], "depth"),
        (["compare", "nielson"], "nielsen"),
        (["rule", "FAN999"], "FAN999"),
        (["schemes", "he_norml"], "he_normal"),
        (["report", "none.sqlite"], "none.sqlite"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert message in err
    assert not list(tmp_path.iterdir())


def test_out_is_written_whole_or_not_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for ending in ("json", "html", "txt"):
        assert run(["explain", "rand", "--out", str(tmp_path / f"a.{ending}")]) == 0
    assert json.loads((tmp_path / "a.json").read_text())["schema"] == "fanin.explain/1"
    assert "<html" in (tmp_path / "a.html").read_text()
    for ending, magic in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        assert run(["sample", "rand", "--out", str(tmp_path / f"b.{ending}")]) == 0
        assert (tmp_path / f"b.{ending}").read_bytes().startswith(magic)
    capsys.readouterr()
    assert run(["explain", "rand", "--out", str(tmp_path / "none" / "a.json")]) == 2
    assert "cannot write" in capsys.readouterr().err
    assert {p.name for p in tmp_path.iterdir()} == {"a.json", "a.html", "a.txt", "b.svg", "b.png"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "fanin", "explain", "rand"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = f"{sys.executable} -m fanin schemes | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == HELD


def test_plain_output_without_colour_and_in_ascii() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "NO_COLOR": "1"}
    done = fanin("sample", "rand", env=environment)
    assert done.returncode == 0
    assert done.stdout.isascii() and "\x1b" not in done.stdout


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "pyproject.toml"


def test_configuration_gives_defaults_and_the_command_line_wins(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write_text('[tool.fanin]\nseed = 7\n[tool.fanin.explain]\nactivation = "relu"\nformat = "json"\n')
    assert run(["explain", "rand"]) == 0
    assert json.loads(capsys.readouterr().out)["activation"] == "relu"
    assert run(["explain", "rand", "--activation", "tanh"]) == 0
    assert json.loads(capsys.readouterr().out)["activation"] == "tanh"
    project.write_text('[tool.fanin.compare]\ninit = ["rand", "randn"]\nepochs = 1\nseeds = 1\ndata = "digits"\n')
    assert [arm["init"] for arm in answer(capsys, "compare", "nielsen")["arms"]] == ["rand", "randn"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.fanin\n", "pyproject.toml"),
        ("[tool]\nfanin = 3\n", "expected a table"),
        ("[tool.fanin.explain]\nbogus = 1\n", "bogus"),
        ("[tool.fanin]\nbogus = 1\n", "bogus"),
        ("[tool.fanin.explian]\nformat = 'json'\n", "explain"),
        ("[tool.fanin]\nout = 'here.txt'\n", "command line"),
        ("[tool.fanin.explain]\nout = 'here.txt'\n", "command line"),
    ],
)
def test_configuration_that_is_wrong_or_writes_files_is_refused(
    text: str, message: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write_text(text)
    assert run(["explain", "rand"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
    assert [path.name for path in project.parent.iterdir()] == ["pyproject.toml"]


def test_out_follows_links_and_writes_into_devices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    assert run(["explain", "rand", "--out", str(tmp_path / "link.json")]) == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["scheme"] == "rand"
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", str(tmp_path / "pipe")], stdout=subprocess.PIPE, text=True)
    assert run(["explain", "rand", "--out", str(tmp_path / "pipe")]) == 0
    assert "bad start" in reader.communicate(timeout=10)[0]
    assert (tmp_path / "pipe").is_fifo()
    assert run(["explain", "rand", "--out", str(tmp_path / "a.pdf")]) == 2
    assert ".pdf" in capsys.readouterr().err


def test_compare_resumes_and_report_reads(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["nielsen", "--init", "rand", "--data", "digits", "--epochs", "1", "--seeds", "2"]
    first = answer(capsys, "compare", *arguments)
    assert (project.parent / "fanin-nielsen.sqlite").is_file()
    again = answer(capsys, "compare", *arguments)
    assert again == first  # the seconds too: nothing was trained again
    assert answer(capsys, "report", "fanin-nielsen.sqlite") == first
    assert run(["compare", *arguments, "--out", "report.html"]) == 0
    assert "0 of 2" in capsys.readouterr().out
    assert "<html" in (project.parent / "report.html").read_text()
    assert run(["compare", *arguments, "--out", "none/report.html"]) == 2
    capsys.readouterr()
    assert answer(capsys, "compare", *arguments, "--seed", "5")["arms"][0]["trials"][0]["seed"] == 5  # type: ignore[index]


def test_check_select_ignore_loss_and_safetensors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from safetensors.numpy import save_file

    rng = np.random.default_rng(0)
    save_file(
        {
            "0.weight": rng.random((30, 784)),
            "0.bias": np.zeros(30),
            "1.weight": rng.random((10, 30)),
            "1.bias": np.zeros(10),
        },
        tmp_path / "net.safetensors",
    )
    target = str(tmp_path / "net.safetensors")
    assert answer(capsys, "check", target, "--loss", "cross_entropy", code=1)["cause"] == "FAN103"
    assert answer(capsys, "check", target, "--select", "FAN2", code=1)["cause"] == "FAN201"
    assert answer(capsys, "check", target, "--ignore", "FAN1,FAN2")["verdict"] == "pass"
    assert run(["check", target, "--select", "FAN9"]) == 2
    assert "FAN9" in capsys.readouterr().err


def test_catalogue_and_rules(capsys: pytest.CaptureFixture[str]) -> None:
    names = {item["name"] for item in answer(capsys, "schemes")["schemes"]}  # type: ignore[attr-defined]
    assert {"rand", "he_normal", "orthogonal", "sparse"} <= names
    assert len(answer(capsys, "rule", "--all")["rules"]) > 10  # type: ignore[arg-type]
    assert run(["schemes", "kaiming_normal_"]) == 0
    assert "arXiv:1502.01852" in capsys.readouterr().out
    assert run(["rule"]) == 0
    first = capsys.readouterr().out.split()[1]
    assert run(["rule", first]) == 0
    assert "Why is this bad?" in capsys.readouterr().out
