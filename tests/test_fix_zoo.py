"""After `fix_`, every sick network of the zoo whose cause is in its weights passes the check."""

import pytest
import torch
from safetensors.torch import load_file

import fanin
from fanin.cli import run
from zoo import Entry, entries
from zoo._models import Residual, fill, mlp

SMALL = (
    "rand_sigmoid", "rand_tanh", "absolute_he", "zeros_relu", "constant_relu", "ones_tanh", "constant_convolutions",
    "zero_lstm", "constant_gru", "zero_unet", "copied_units", "lora_of_zeros", "shut_gate", "randn_tanh", "randn_relu",
    "multiplied_by_the_root", "gain_of_five", "oversized_head", "rnn_of_gain_five", "siren_without_omega",
    "generator_of_randn", "autoencoder_of_randn", "small_tanh", "variance_as_std", "small_generator", "one_nan",
    "forgotten_weight", "dead_relu", "cloned_experts", "residual_mlp_of_randn", "vision_transformer_of_std_one",
)  # fmt: skip
"""Of each kind of fault; benchmarks/fixes.py fixes all, the large ones too, and trains them."""
NO_WEIGHTS_CURE = {
    "twenty_sigmoids": "it is the activation",
    "narrow_and_deep": "no initialization makes up for it",
}
BATCH = 64


pytestmark = pytest.mark.usefixtures("one_torch_thread")


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


@pytest.mark.parametrize("entry", named(*SMALL), ids=lambda entry: entry.name)
def test_what_the_weights_are_to_blame_for_passes(entry: Entry) -> None:
    _, report, after = visit(entry)
    assert (report.ok, after.ok) == (False, True), str(after)
    assert after.fixed is not None and after.fixed.parameters


@pytest.mark.parametrize("entry", named(*NO_WEIGHTS_CURE), ids=lambda entry: entry.name)
def test_what_no_weights_cure_is_said_and_left_alone(entry: Entry) -> None:
    _, _, after = visit(entry)
    assert not after.ok and after.fixed is not None and not after.fixed.parameters
    assert NO_WEIGHTS_CURE[entry.name] in " ".join(str(after).split())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("entry", named("rand_tanh", "zero_lstm", "one_nan"), ids=lambda entry: entry.name)
def test_half_precision_passes(entry: Entry, dtype: torch.dtype) -> None:
    model, report, after = visit(entry, dtype)
    assert (report.ok, after.ok) == (False, True), str(after)
    assert {values.dtype for values in model.parameters()} == {dtype}


def test_a_healthy_layer_is_left_alone() -> None:
    model, _, after = visit(named("oversized_head_bias")[0])
    assert {one.parameter for one in after.fixed.parameters} == {"4.weight", "4.bias"}  # type: ignore[union-attr]
    assert bool((model[4].bias == 0).all())


def test_small_ends_of_branches_are_no_slip() -> None:
    """At the ends of 18 branches of 36 units, the std sqrt(2 / (18 * 36)) equals He's variance 2/36, by chance."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(*(Residual(mlp([36, 36, 36])) for _ in range(18)), torch.nn.Linear(36, 10))
    fill(model, lambda weight: torch.nn.init.normal_(weight, 0.0, 1.0))
    after = fanin.check(model, input_shape=(36,)).fix_(model)
    assert after.ok, str(after)
    assert model[0].branch[2].weight.std().item() == pytest.approx(2 / 36, rel=0.1)


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
    ids = torch.arange(64).reshape(16, 4)
    return Tied(), (ids % 40, (7 * ids + 3) % 40)
"""


def test_what_is_written_makes_a_new_model_pass(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tied.py").write_text(MODEL)
    assert run(["check", "tied.py:build", "--loss", "cross_entropy", "--fix", "w.safetensors"]) == 0
    assert "Drew 1 parameter anew" in capsys.readouterr().out
    space: dict = {}
    exec(MODEL, space)
    model, batch = space["build"]()
    missing = model.load_state_dict(load_file("w.safetensors"), strict=False)
    assert (missing.missing_keys, missing.unexpected_keys) == (["head.weight"], []), "tied ones are written once"
    assert model.head.weight is model.table.weight
    assert fanin.check(model, batch, loss="cross_entropy").ok
