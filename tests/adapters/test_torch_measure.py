"""What is measured of a torch model, beside NumPy's probe on the same arrays and beside the facts; nothing is left."""

import copy
import math
import random
import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fanin.adapters.numpy import Network
from fanin.adapters.torch import _symmetry, measure
from fanin.adapters.torch._build import build
from fanin.errors import FaninError, InputError
from fanin.probe import probe
from fanin.values import activation

MOMENTS = ("mean", "std", "min", "max", "zeros")
WIDTHS = (12, 40, 30, 5)


def mlp(*layers: nn.Module, widths: tuple[int, ...] = WIDTHS) -> nn.Sequential:
    """Dense layers with an activation between each two."""
    torch.manual_seed(0)
    found: list[nn.Module] = []
    for i, (inputs, units) in enumerate(pairwise(widths)):
        found += [nn.Linear(inputs, units), *([layers[i % len(layers)]] if i < len(widths) - 2 else [])]
    return nn.Sequential(*found)


def values(model: nn.Module, batch: object, **spec) -> dict[tuple[str, str], float]:
    """By layer and statistic; the moments of weights with "weight " before them."""
    found = measure(model, batch, **spec).trace.rows
    return {(row.layer, _called(row.direction, row.statistic)): row.value for row in found}


def _called(direction: str, statistic: str) -> str:
    return f"weight {statistic}" if direction == "weight" and statistic in MOMENTS else statistic


def rows(samples: int, features: int, seed: int = 0) -> Tensor:
    return torch.randn(samples, features, generator=torch.Generator().manual_seed(seed))


ACTIVATIONS = [("tanh", nn.Tanh()), ("relu", nn.ReLU(inplace=True)), ("sigmoid", nn.Sigmoid())]


@pytest.mark.parametrize(("name", "layer"), ACTIVATIONS)
def test_the_numbers_are_those_of_the_numpy_probe(name: str, layer: nn.Module) -> None:
    model, x, y = mlp(layer), rows(100, 12), torch.arange(100) % 5
    dense = [module for module in model if isinstance(module, nn.Linear)]
    network = Network(
        tuple(m.weight.detach().double().numpy() for m in dense),
        tuple(m.bias.detach().double().numpy() for m in dense),
        activation(name),
        activation("linear"),
    )
    ours = values(model, (x, y), loss="cross_entropy")
    theirs = probe(network, x.double().numpy(), target=np.eye(5)[y], loss="cross_entropy")
    nodes = {"input": "input", "1": "0", "2": "2", "3": "4"}
    compared = 0
    for row in theirs.rows:
        is_of_no_activation = row.layer == "3" and row.statistic in ("saturated", "dead")
        if row.statistic not in ("gradient", "loss") and not is_of_no_activation:  # the noise is another
            assert ours[nodes[row.layer], _called(row.direction, row.statistic)] == pytest.approx(
                row.value, rel=2e-4, abs=1e-6
            ), row
            compared += 1
    assert compared > 60
    assert ours["4", "loss"] == pytest.approx(theirs.value("3", "forward", "loss"), rel=1e-5)
    assert ours["4", "loss_reference"] == pytest.approx(math.log(5))
    for mine, other in (("0", "1"), ("2", "2")):  # 40 or 30 units: the rms is good to about 15 %
        assert ours[mine, "gradient"] == pytest.approx(theirs.value(other, "backward", "gradient"), rel=0.15)


def test_weight_gradients_are_those_of_the_loss() -> None:
    model, x, y = mlp(nn.ReLU()), rows(50, 12), rows(50, 5, 1)
    found = values(model, (x, y), loss="mse")
    nn.functional.mse_loss(model(x), y).backward()
    assert found["0", "weight_gradient"] == pytest.approx(float(model[0].weight.grad.square().mean().sqrt()), rel=1e-5)
    assert found["4", "loss_reference"] == pytest.approx(float(y.var(0, correction=0).mean()), rel=1e-5)
    assert found["target", "std"] == pytest.approx(float(y.std(correction=0)), rel=1e-5)


class Woven(nn.Module):
    """A sparse table, a tied weight, a weight made of two parameters, one that is frozen, one that is not used."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 12, sparse=True)
        self.first, self.second, self.frozen = (nn.Linear(12, 12) for _ in range(3))
        self.second.weight = self.first.weight
        self.frozen.requires_grad_(False)
        self.made = nn.utils.parametrizations.weight_norm(nn.Linear(12, 5))
        self.spare = nn.Parameter(torch.ones(3))

    def forward(self, ids: Tensor) -> Tensor:
        hidden = self.second(self.first(self.table(ids)).tanh()).tanh()
        return self.made(self.frozen(hidden).tanh())


def test_gradients_are_read_as_they_pass_and_not_kept() -> None:
    torch.manual_seed(0)
    model, ids, y = Woven(), torch.arange(40) % 9, torch.arange(40) % 5
    kept = []
    model.first.weight.register_post_accumulate_grad_hook(kept.append)  # as an optimizer inside the backward pass
    found = values(model, (ids, y), loss="cross_entropy")
    assert kept == []
    assert not any(parameter._backward_hooks for parameter in model.parameters())
    weight = model.made.weight
    weight.retain_grad()
    hidden = model.second(model.first(model.table(ids)).tanh()).tanh()
    logits = nn.functional.linear(model.frozen(hidden).tanh(), weight, model.made.bias)
    nn.functional.cross_entropy(logits, y).backward()
    for name, tensor in {"table": model.table.weight, "first": model.first.weight, "made": weight}.items():
        rms = float(tensor.grad.to_dense().square().mean().sqrt())
        assert found[name, "weight_gradient"] == pytest.approx(rms, rel=1e-5)
    assert ("spare", "unlocks") not in found
    assert ("frozen", "weight_gradient") not in found


class Restless(nn.Module):
    """Changes in its forward pass whatever a module can change."""

    def __init__(self, fails: bool) -> None:
        super().__init__()
        self.table = nn.Embedding(6, 4, max_norm=0.5)
        self.recurrent = nn.LSTM(4, 5, batch_first=True)
        self.norm = nn.BatchNorm1d(5)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(5, 2)
        self.fails = fails

    def forward(self, ids: Tensor) -> Tensor:
        hidden = self.recurrent(self.table(ids))[0][:, -1]
        self.last = hidden
        self.head.weight.data.mul_(2)
        self.head.register_forward_hook(lambda *_: None)
        self.head.bias.requires_grad_(False)
        self.norm.eval()
        random.random(), np.random.rand(), torch.rand(2)
        if self.fails:
            raise ValueError("tired")
        return self.head(self.drop(self.norm(hidden)))


def _everything(model: nn.Module) -> object:
    state = {name: tensor.numpy().tobytes() for name, tensor in model.state_dict().items()}
    flags = [(m.training, len(m._forward_hooks), sorted(vars(m))) for m in model.modules()]
    grads = [(p.requires_grad, p.grad is None or p.grad.numpy().tobytes(), p.data_ptr()) for p in model.parameters()]
    draws = torch.get_rng_state().numpy().tobytes(), random.getstate(), np.random.get_state()[1].tobytes()
    return state, flags, grads, draws, torch.get_default_dtype()


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("trains", [False, True])
def test_the_model_is_left_as_it_was(fails: bool, trains: bool) -> None:
    torch.manual_seed(1)
    model = Restless(fails).train(trains)
    model.head.weight.grad = torch.ones(2, 5)
    gradient, before = model.head.weight.grad, _everything(model)
    ids = torch.arange(24).reshape(8, 3) % 6
    if fails:
        with pytest.raises(InputError, match="tired"):
            measure(model, ids)
    else:
        measure(model, ids)
    assert _everything(model) == before
    assert model.head.weight.grad is gradient


@pytest.mark.parametrize("in_place", [False, True])
def test_a_zero_is_told_from_a_lock(monkeypatch: pytest.MonkeyPatch, in_place: bool) -> None:
    x = rows(32, 12)
    model = mlp(nn.ReLU())
    nn.init.zeros_(model[4].weight)
    if in_place:
        monkeypatch.setattr(_symmetry, "_LARGE", 0)
    before = _everything(model)
    found = values(model, x)
    assert [found[node, "unlocks"] for node in ("0", "2", "4")] == [1, 1, 0]
    assert [found[node, "distinct_after"] for node in ("0", "2", "4")] == [1, 1, 1]
    assert found["0", "gradient"] > 0.1  # the noise starts below the zeros
    assert _everything(model) == before
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    found = values(model, x)
    assert [found[node, "unlocks"] for node in ("0", "2")] == [math.inf, math.inf]
    assert found["0", "distinct_after"] == 1 / 40


def test_what_the_whole_batch_opens_is_open_though_the_few_samples_of_a_step_do_not_meet_it() -> None:
    class Routed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right, self.head = nn.Linear(12, 5), nn.Linear(12, 5), nn.Linear(5, 5)
            self.spare = nn.Linear(12, 5)
            nn.init.zeros_(self.spare.weight)
            nn.init.zeros_(self.spare.bias)

        def forward(self, x: Tensor) -> Tensor:
            to_left = x[:, :1] > 0
            return self.head(torch.where(to_left, self.left(x), self.right(x))) * (1 + self.spare(x).square())

    torch.manual_seed(0)
    x = rows(32, 12)
    x = x[(-x[:, 0]).argsort()]  # the first samples all go left
    found = values(Routed(), x)
    assert (found["left", "unlocks"], found["right", "unlocks"]) == (0, 0)
    assert found["spare", "unlocks"] == math.inf


def test_copies_that_part_and_copies_that_stay() -> None:
    x = rows(64, 12)
    model = mlp(nn.Tanh())
    nn.init.constant_(model[0].weight, 0.1)
    nn.init.zeros_(model[0].bias)
    found = values(model, x)
    assert (found["0", "distinct_rows"], found["0", "distinct_after"]) == (1 / 40, 1)
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.1)
    found = values(model, x)
    assert (found["0", "distinct_after"], found["2", "distinct_after"]) == (1 / 40, 1 / 30)
    assert found["0", "unlocks"] == 0


def test_filters_and_models_that_refuse_double_precision() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv2d(2, 8, 3), nn.Linear(8, 4)

        def forward(self, x: Tensor) -> Tensor:
            x = self.conv(x).relu().mean((2, 3))
            if x.dtype != torch.float32:
                raise TypeError("float32 alone")
            return self.head(x)

    model = Half()
    nn.init.constant_(model.conv.weight, 0.1)
    nn.init.zeros_(model.conv.bias)
    found = values(model, torch.randn(16, 2, 8, 8))
    assert (found["conv", "distinct_rows"], found["conv", "distinct_after"]) == (1 / 8, 1)
    nn.init.constant_(model.head.weight, 0.1)
    assert values(model, torch.randn(16, 2, 8, 8))["conv", "distinct_after"] == 1 / 8


def test_train_mode_unless_the_modes_are_mixed() -> None:
    x = 5 + 3 * rows(64, 12)
    model = nn.Sequential(nn.BatchNorm1d(12), nn.Linear(12, 3))
    for part, std in (((True, True), 1.0), ((False, False), 1.0), ((False, True), 3.0)):
        for module, flag in zip(model, part, strict=True):
            module.training = flag
        model.training = any(part)
        assert values(model, x)["0", "std"] == pytest.approx(std, rel=0.25)


def test_dropout_is_off() -> None:
    model = nn.Sequential(nn.Linear(12, 50), nn.Dropout(0.9), nn.Linear(50, 3))
    assert values(model, rows(64, 12), seed=1)["2", "std"] == values(model, rows(64, 12), seed=2)["2", "std"]


def test_dead_units_are_those_off_for_every_sample_and_place() -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(4 * 100, 2))
    nn.init.zeros_(model[0].weight)
    model[0].bias.data = torch.tensor([-1.0, -1.0, 1.0, 0.0])
    x = torch.zeros(40, 1, 10, 10)
    x[7, 0, 3, 3] = 1.0  # one place of one sample
    model[0].weight.data[0] = 2.0
    assert values(model, x)["0", "dead"] == 0.5


def test_what_overflows_is_a_row_and_no_warning() -> None:
    model = mlp(nn.ReLU())
    nn.init.constant_(model[2].weight, 1e38)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = measure(model, rows(32, 12)).trace
    assert not math.isfinite(found.value("4", "forward", "rms"))
    nn.init.constant_(model[2].weight, math.nan)
    assert measure(model, rows(32, 12)).trace.value("2", "weight", "finite") == 0.0


def test_clones_are_equal_and_not_tied() -> None:
    layer = nn.Linear(12, 12)
    tied = nn.Linear(12, 12)
    tied.weight = layer.weight
    constant = [nn.Linear(12, 12, bias=False) for _ in range(2)]
    for each in constant:
        nn.init.eye_(each.weight)
    model = nn.Sequential(layer, copy.deepcopy(layer), tied, nn.Linear(12, 12), *constant)
    assert measure(model, rows(8, 12)).clones == (("0.weight", "1.weight"),)


def test_trained_models_are_recognised_and_fresh_ones_are_not() -> None:
    fresh = nn.Sequential(*[nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU()) for _ in range(4)])
    x = rows(64, 64)
    assert not measure(fresh, x).is_trained
    fresh(x)  # one batch in training mode
    assert not measure(fresh, x).is_trained
    for module in fresh.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.num_batches_tracked.fill_(1000)
    assert measure(fresh, x).is_trained
    heavy = nn.Sequential(*[nn.Linear(64, 64) for _ in range(4)])
    for layer in heavy:
        layer.weight.data = torch.distributions.StudentT(4.0).sample((64, 64)) * 0.1
    assert measure(heavy, x).is_trained


def _stepped(model: nn.Module, batch: Tensor, y: Tensor, steps: int) -> nn.Module:
    """Trained a little."""
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(batch), y).backward()
        optimizer.step()
    return model


def _normed(draw=None) -> nn.Module:
    """Three layers with norms, whose parameters are drawn by some function."""
    torch.manual_seed(0)
    model = nn.Sequential(*[nn.Sequential(nn.Linear(12, 12), nn.LayerNorm(12), nn.Tanh()) for _ in range(3)])
    for norm in (block[1] for block in model) if draw else ():
        draw(norm)
    return model


def test_norms_that_have_moved_are_told_from_norms_that_were_drawn() -> None:
    x, y = rows(64, 12), torch.arange(64) % 12
    assert not measure(_normed(), x).is_trained
    assert not measure(_stepped(_normed(), x, y, 1), x).is_trained
    assert measure(_stepped(_normed(), x, y, 60), x).is_trained
    for draw in (
        lambda norm: nn.init.normal_(norm.weight, 1.0, 0.02),  # as DCGAN draws them
        lambda norm: [nn.init.uniform_(parameter) for parameter in norm.parameters()],
        lambda norm: [nn.init.normal_(parameter) for parameter in norm.parameters()],
        lambda norm: nn.init.constant_(norm.weight, 0.3),
    ):
        assert not measure(_normed(draw), x).is_trained


def test_labels_that_are_known_were_learned() -> None:
    x, y = rows(64, 12), torch.arange(64) % 5
    model = _stepped(mlp(nn.ReLU()), x, y, 100)
    assert measure(model, (x, y), loss="cross_entropy").is_trained
    assert not measure(model, (x, y.roll(1)), loss="cross_entropy").is_trained
    assert not measure(mlp(nn.ReLU()), (x, y), loss="cross_entropy").is_trained
    same = nn.Linear(12, 12)
    nn.init.eye_(same.weight)
    assert not measure(same, (x, x), loss="mse").is_trained  # it knows its answers without having learned any


def test_memory_that_is_never_written_is_named() -> None:
    class Forgetful(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 3)
            self.forgotten = nn.Parameter(torch.empty(3, 3))
            self.legacy = nn.Parameter(torch.Tensor(3))
            self.register_buffer("mask", torch.empty(3).zero_())

    made, names = build(Forgetful, 0)
    assert names == (("forgotten", "legacy"), ())
    assert isinstance(made, Forgetful)
    assert not torch.are_deterministic_algorithms_enabled()
    assert build(lambda: nn.Linear(3, 3), 5)[1] == ((), ())
    assert torch.equal(build(lambda: nn.Linear(3, 3), 5)[0].weight, build(lambda: nn.Linear(3, 3), 5)[0].weight)


def test_dictionaries_and_a_loss_of_its_own() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.head = nn.Embedding(7, 8), nn.Linear(8, 7)

        def forward(self, input_ids: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
            logits = self.head(self.table(input_ids))
            if labels is None:
                return {"logits": logits}
            return {"loss": nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten()), "logits": logits}

    ids = torch.arange(40).reshape(8, 5) % 7
    found = values(Own(), {"input_ids": ids, "labels": ids})
    assert found["head", "loss"] == pytest.approx(math.log(7), rel=0.5)
    by_name = values(Own(), ({"input_ids": ids.numpy()}, ids.numpy()), loss="cross_entropy")
    assert by_name["head", "loss_reference"] == pytest.approx(math.log(7))
    assert ("input", "rms") not in by_name


@pytest.mark.parametrize(
    ("loss", "target", "reference"),
    [
        ("cross_entropy", torch.arange(32) % 5, math.log(5)),
        ("cross_entropy", torch.eye(5)[torch.arange(32) % 5], math.log(5)),
        ("nll", torch.arange(32)[:, None] % 5, math.log(5)),
        ("bce_with_logits", torch.eye(5)[torch.arange(32) % 5], math.log(2)),
        ("mse", rows(32, 5, 3), float(rows(32, 5, 3).var(0, correction=0).mean())),
    ],
)
def test_named_losses(loss: str, target: Tensor, reference: float) -> None:
    found = values(mlp(nn.Tanh()), (rows(32, 12), target), loss=loss)
    assert found["4", "loss_reference"] == pytest.approx(reference, rel=1e-5)
    assert found["4", "loss_growth"] == pytest.approx(1, rel=1e-4)
    total = values(mlp(nn.Tanh()), (rows(32, 12), rows(32, 5)), loss=lambda o, t: ((o - t) ** 2).sum())
    assert total["4", "loss_growth"] == pytest.approx(2, rel=1e-4)


@pytest.mark.parametrize(
    ("model", "batch"),
    [
        (nn.Linear(3, 3), torch.ones(3)),
        (nn.Linear(3, 3), torch.ones(1, 3)),
        (nn.Linear(3, 3).bfloat16(), rows(8, 3)),
        (nn.Linear(3, 3).double(), rows(8, 3)),
        (nn.Linear(3, 3, dtype=torch.complex64), rows(8, 3).to(torch.complex64)),
        (nn.Sequential(nn.Embedding(9, 4, sparse=True), nn.Linear(4, 3)), torch.arange(40).reshape(8, 5) % 9),
        (nn.Linear(3, 3).requires_grad_(False), rows(8, 3)),
        (nn.utils.parametrizations.weight_norm(nn.Linear(3, 3)), rows(8, 3)),
    ],
)
def test_odd_models_are_measured(model: nn.Module, batch: Tensor) -> None:
    trace = measure(model, batch).trace
    assert trace.series("forward", "rms")
    assert all(math.isfinite(row.value) for row in trace.rows)


@pytest.mark.parametrize(
    ("model", "batch", "spec", "message"),
    [
        (nn.ReLU(), rows(4, 3), {}, "no parameters"),
        (nn.LazyLinear(2), rows(4, 3), {}, "lazy"),
        (nn.Linear(3, 2, device="meta"), rows(4, 3), {}, "'meta'"),
        (nn.Linear(3, 2), rows(4, 7), {}, "raised RuntimeError on inputs of shape \\(4, 7\\)"),
        (nn.Linear(3, 2), rows(4, 3) * math.nan, {}, "NaN"),
        (nn.Linear(3, 2), rows(4, 3)[:0], {}, "empty"),
        (nn.Linear(3, 2), "text", {}, "no tensor"),
        (nn.Linear(3, 2), np.array(["a"]), {}, "expected numbers"),
        (nn.Linear(3, 2), (rows(4, 3), torch.arange(4)), {"loss": "cross_entropy"}, "run from 0 to 3"),
        (nn.Linear(3, 2), (rows(4, 3), torch.arange(3)), {"loss": "mse"}, "needs one per entry"),
        (nn.Linear(3, 2), (rows(4, 3), torch.arange(3)), {"loss": "cross_entropy"}, "expected one class per"),
        (nn.Linear(3, 2), (rows(4, 3), torch.arange(4)), {"loss": "foo"}, "unknown loss 'foo'"),
        (nn.Linear(3, 2), (rows(4, 3), rows(4, 2)), {"loss": lambda o, t: o}, "expected one number"),
        (nn.Linear(3, 2), (rows(4, 3), rows(4, 2)), {"loss": lambda o, t: o.foo}, "raised AttributeError"),
    ],
)
def test_what_cannot_be_measured_is_one_line(model, batch, spec, message) -> None:
    with pytest.raises(FaninError, match=message) as caught:
        measure(model, batch, **spec)
    assert "\n" not in str(caught.value)
