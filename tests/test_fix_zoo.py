"""After `fix_`, every sick network of the zoo whose cause is in its weights passes the check."""

import pytest
import torch
from safetensors.torch import load_file

import fanin
from fanin.cli import run
from zoo import Entry, entries

SHAPELESS = {
    "twenty_sigmoids": "it is the activation",
    "attention_without_skips": "Skip connections around each attention",
    "narrow_and_deep": "Wider layers, fewer layers, or skip connections",
}
"""Networks that no weights can cure, and what the report says instead."""
LARGE = ("unscaled_residuals", "tied_embedding_of_randn", "transformer_of_std_one", "glorot_relu_fifty_deep")
"""Left to benchmarks/fixes.py, which fixes and trains all of them: each takes seconds."""
SICK = [entry for entry in entries("sick") if entry.name not in LARGE]
BATCH = 64


def visit(entry: Entry, dtype: torch.dtype = torch.float32) -> tuple[torch.nn.Module, fanin.Report, fanin.Report]:
    """(the model as it is after the fix, the report before, the report after)."""
    torch.manual_seed(0)
    model = entry.build().to(dtype)
    x, y = entry.data(BATCH)
    batch = tuple(part.to(dtype) if part.is_floating_point() else part for part in (x, y))
    report = fanin.check(model, batch, loss=entry.loss, **entry.options)
    return model, report, report.fix_(model)


def named(*names: str) -> list[Entry]:
    return [entry for entry in entries("sick") if entry.name in names]


@pytest.mark.parametrize("entry", SICK, ids=[entry.name for entry in SICK])
def test_what_the_weights_are_to_blame_for_passes(entry: Entry) -> None:
    _, report, after = visit(entry)
    assert not report.ok
    if entry.name in SHAPELESS:
        assert SHAPELESS[entry.name] in " ".join(str(after).split())
    else:
        assert after.ok, str(after)
        assert after.fixed is not None and after.fixed.parameters


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("entry", named("rand_tanh", "randn_lstm", "one_nan"), ids=lambda entry: entry.name)
def test_half_precision_passes(entry: Entry, dtype: torch.dtype) -> None:
    model, report, after = visit(entry, dtype)
    assert (report.ok, after.ok) == (False, True), str(after)
    assert {values.dtype for values in model.parameters()} == {dtype}


def test_a_healthy_layer_is_left_alone() -> None:
    model, _, after = visit(named("oversized_head_bias")[0])
    assert {one.parameter for one in after.fixed.parameters} == {"4.weight", "4.bias"}  # type: ignore[union-attr]
    assert bool((model[4].bias == 0).all())


MODEL = """
import torch
from torch import nn


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.inner, self.head = nn.Embedding(40, 256), nn.Linear(256, 256), nn.Linear(256, 40, bias=False)
        self.head.weight = self.table.weight

    def forward(self, ids):
        return self.head(self.table(ids) + torch.tanh(self.inner(self.table(ids))))


def build():
    return Tied(), (torch.arange(64).reshape(16, 4) % 40, torch.arange(64).reshape(16, 4) % 40)
"""


def test_what_is_written_makes_a_new_model_pass(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tied.py").write_text(MODEL)
    assert run(["check", "tied.py:build", "--loss", "cross_entropy"]) == 1
    assert run(["check", "tied.py:build", "--loss", "cross_entropy", "--fix", "w.safetensors"]) == 0
    assert "Drew 1 parameter anew" in capsys.readouterr().out
    space: dict = {}
    exec(MODEL, space)
    model, batch = space["build"]()
    missing = model.load_state_dict(load_file("w.safetensors"), strict=False)
    assert (missing.missing_keys, missing.unexpected_keys) == (["head.weight"], []), "tied ones are written once"
    assert model.head.weight is model.table.weight
    assert fanin.check(model, batch, loss="cross_entropy").ok
