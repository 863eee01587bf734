"""fanin schemes NAME: how the same name differs between frameworks, with numbers."""

import json
import math
from itertools import groupby

import pytest

from fanin.cli import run
from fanin.schemes import elsewhere, find


def _rows(name: str) -> dict[tuple[str, str], tuple[float, float, float]]:
    return {(row.param.split()[0], row.scheme): (row.std, row.low, row.high) for row in elsewhere(find(name))}


def test_normal() -> None:
    stds = {scheme: row[0] for (_, scheme), row in _rows("normal").items()}
    assert stds == {"normal": 1.0, "jax:normal": 0.01, "keras:random_normal": 0.05}


def test_he_normal_is_truncated_in_keras_and_jax() -> None:
    rows = _rows("he_normal")
    assert (
        rows["dense", "torch:kaiming_normal_"]
        == rows["dense", "he_normal"]
        == (math.sqrt(2 / 256), -math.inf, math.inf)
    )
    for theirs in ("keras:he_normal", "jax:he_normal"):
        std, _, high = rows["dense", theirs]
        assert std == pytest.approx(math.sqrt(2 / 256))
        assert high == pytest.approx(2 * std / 0.8796256610342398)
    assert rows["depthwise", "keras:he_normal"][0] == pytest.approx(rows["depthwise", "he_normal"][0] / 8)


def test_trunc_normal() -> None:
    rows = _rows("trunc_normal_")
    assert rows["dense", "torch:trunc_normal_"][1:] == (-2, 2)
    assert rows["dense", "keras:truncated_normal"][1:] == (-0.1, 0.1)


def test_xavier_differs_on_grouped_transposed_and_fused_alone() -> None:
    rows = _rows("xavier_uniform")
    assert {param for param, _ in rows} == {"conv", "depthwise", "transposed", "fused"}
    assert rows["fused", "torch:xavier_uniform_"][0] ** 2 == pytest.approx(rows["fused", "glorot_uniform"][0] ** 2 / 2)


def test_uniform() -> None:
    rows = _rows("keras:uniform")
    assert rows["dense", "keras:random_uniform"][1:] == (-0.05, 0.05)
    assert rows["dense", "jax:uniform"][1:] == (0.0, 0.01)


@pytest.mark.parametrize("name", ["lecun_uniform", "siren_hidden", "zeros", "chrono"])
def test_names_that_mean_one_thing_on_a_dense_layer(name: str) -> None:
    assert not [param for param, _ in _rows(name) if param == "dense"]


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schemes", "he_normal"]) == 0
    assert "the same name elsewhere:\n  dense 256 -> 512\n    he_normal" in capsys.readouterr().out
    assert run(["schemes", "siren_first"]) == 0
    assert "elsewhere:" not in capsys.readouterr().out
    assert run(["schemes", "normal", "--format", "json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["schemes"]
    assert record["elsewhere"][1] == {
        "param": "dense 256 -> 512", "scheme": "jax:normal", "std": 0.01, "low": "-inf", "high": "inf",
    }  # fmt: skip


def test_the_list_begins_with_what_is_most_common_family_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schemes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split("(")[0].split()[0] for line in lines if line.startswith("  ")]
    assert names[:3] == ["he_normal", "he_uniform", "he_truncated"]
    common = ("he_normal", "glorot_normal", "lecun_normal", "rand", "randn", "zeros", "torch_default")
    less = ("orthogonal", "truncated_normal", "variance_scaling", "gpt2", "forget_gate", "lora_a", "dirac")
    places = [names.index(name) for name in (*common, *less, "icnr", "nielsen_old")]
    assert places == sorted(places)
    files = [find(name).build.__module__ for name in names[: names.index("icnr")]]
    assert len(list(groupby(files))) == len(set(files)), "a family stands together"
    assert [line for line in lines if line and not line.startswith(" ")][:5] == [
        "To begin with",
        "Established",
        "Recent",
        "Historical",
        "As PyTorch has it, faults included",
    ]
    assert run(["schemes", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["schemes"]) == len(names)


def test_a_page_says_what_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schemes", "rand"]) == 0
    page = capsys.readouterr().out
    assert "value: 0.5 + 0.5 * z\n    z: Uniform on [-1, 1).\nclaims: mean 1/2, mean square 1/3\n" in page
    assert page.index("  torch ") < page.index("  keras ") < page.index("  jax ")
    assert run(["schemes", "zeros"]) == 0
    assert "value: 0\n" in capsys.readouterr().out
