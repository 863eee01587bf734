"""`fanin.check` on torch models: all that may be handed in, and what the report says of it."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import fanin
from fanin.checkup import build, check
from fanin.doctor.rules import locked_parameters
from fanin.errors import InputError


def plain() -> nn.Module:
    """Three layers of He's."""
    model = nn.Sequential(nn.Linear(12, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 5))
    for layer in model[:4:2]:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.normal_(model[4].weight, std=0.05)
    return model


def constant() -> nn.Module:
    """The same with one number everywhere."""
    model = plain()
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.01)
    return model


X, Y = torch.randn(64, 12, generator=torch.Generator().manual_seed(0)), torch.arange(64) % 5


def test_a_batch_in_all_its_forms_is_one() -> None:
    torch.manual_seed(0)
    model = plain()
    batches = [(X, Y), [X, Y], (X.numpy(), Y.numpy()), (X.double(), Y), ((X,), Y), ({"input": X}, Y)]
    batches.append(DataLoader(TensorDataset(X, Y), 64))
    traces = {check(model, batch, loss="cross_entropy").case.measured for batch in batches}
    assert len(traces) == 1
    case = check(model, (X, Y), loss="cross_entropy").case
    assert (case.loss, case.batch, case.value("4", "forward", "loss_reference")) == ("cross_entropy", 64, np.log(5))


@pytest.mark.parametrize(("scale", "factor"), [(1.0, 5000.0), (0.1, 40.0)])
def test_a_feature_that_drowns_the_others_is_named(scale: float, factor: float) -> None:
    x = scale * X
    x[:, 3] *= factor
    weights = ([np.eye(12), np.full((5, 12), 0.1)], [np.zeros(12), np.zeros(5)])
    for found in (check(plain(), (x, Y), loss="cross_entropy"), check(weights, x.numpy(), activation="relu")):
        (finding,) = [finding for finding in found.findings if finding.code == "FAN502"]
        assert finding.message.startswith("Feature 3 alone")
        assert finding.severity == "error"


@pytest.mark.parametrize(
    "x",
    [
        X,
        nn.functional.one_hot(torch.zeros(64, dtype=torch.long).index_fill(0, torch.tensor([3]), 1), 12).float(),
        (torch.rand(64, 12, generator=torch.Generator().manual_seed(0)) < 0.02).float(),
        torch.cat([X[:, :2] * torch.tensor([100.0, 1.0]), torch.zeros(64, 10)], 1),
    ],
    ids=["normal", "one-hot", "sparse", "constant"],
)
def test_no_feature_drowns_the_others(x: torch.Tensor) -> None:
    assert "FAN502" not in {finding.code for finding in check(plain(), (x, Y), loss="cross_entropy").findings}


class Cut(nn.Module):
    """Three layers, of which the way back to two may be cut, and a head whose output a loss may leave."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.a, self.b, self.c, self.head = nn.Linear(12, 32), nn.Linear(32, 32), nn.Linear(32, 5), nn.Linear(32, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        with torch.set_grad_enabled(self.how != "no_grad"):
            h = torch.relu(self.b(torch.relu(self.a(x))))
        if self.how == "detach":
            h = h.detach()
        if self.how == "data":
            h = h.data
        if self.how == "numpy":
            h = torch.from_numpy(h.detach().numpy())
        return (self.c(h), self.head(h)) if self.how == "two outputs" else self.c(h)


@pytest.mark.parametrize("loss", ["cross_entropy", None])
@pytest.mark.parametrize("how", ["detach", "no_grad", "data", "numpy"])
def test_layers_that_are_cut_off_from_the_output_are_named(how: str, loss: str | None) -> None:
    (finding,) = check(lambda: Cut(how), (X, Y), loss=loss).findings
    assert (finding.code, finding.severity, finding.layer) == ("FAN303", "warning", "b")
    assert "no gradient can reach its weights, nor those of the one before it" in finding.message


def test_a_frozen_part_is_meant_to_get_no_gradient() -> None:
    model = Cut("detach")
    model.a.requires_grad_(False)
    model.b.requires_grad_(False)
    assert check(model, (X, Y), loss="cross_entropy").ok


@pytest.mark.parametrize("loss", ["cross_entropy", None])
@pytest.mark.parametrize("how", ["nothing", "two outputs"])
def test_an_output_that_the_loss_leaves_is_no_fault(how: str, loss: str | None) -> None:
    report = check(lambda: Cut(how), (X, Y), loss=loss)
    assert report.ok
    said = [finding for finding in locked_parameters.check(report.case) if finding.severity == "info"]
    assert [finding.layer for finding in said] == ["head"] * (how == "two outputs" and loss is not None)
    assert all("the loss does not use what it makes" in finding.message for finding in said)


def test_two_inputs_without_targets() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = nn.Linear(12, 4), nn.Linear(5, 4)

        def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            return self.left(a) + self.right(b)

    other = torch.randn(64, 5)
    assert check(Two(), (X, other)).case.measured.row("target", "forward", "mean") is None
    assert check(Two(), ((X, other), Y % 4), loss="cross_entropy").case.measured.row("target", "forward", "mean")


def test_a_function_that_builds_the_model() -> None:
    draws = torch.get_rng_state(), np.random.get_state()[1].tolist()
    report = check(constant, (X, Y), loss="cross_entropy")
    assert report.cause == "FAN102"
    assert report.confidence["FAN102"] == 1.0
    assert report.to_json()["findings"][0]["confidence"] == 1.0
    assert check(plain, seed=3).case.measured == check(plain, seed=3).case.measured
    assert check(plain, seed=3).case.measured != check(plain, seed=4).case.measured
    assert check(lambda: (plain(), X)).data == "64 inputs"
    assert build(plain, 0).uninitialized == ()
    assert torch.equal(draws[0], torch.get_rng_state())
    assert draws[1] == np.random.get_state()[1].tolist()
    with pytest.raises(InputError, match="returned int"):
        check(lambda: 3)


class Promising(nn.Module):
    """As models of transformers promise it: `init_weights` writes every parameter, once."""

    config = None

    def __init__(self) -> None:
        super().__init__()
        self.body, self.scale = plain(), nn.Parameter(torch.tensor(2.6592))
        self.init_weights()

    def init_weights(self) -> None:
        for module in self.modules():
            if not hasattr(module, "_is_hf_initialized"):
                self._init_weights(module)
                module._is_hf_initialized = True

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight)
            nn.init.zeros_(module.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) * self.scale.exp() / 10


class Thorough(Promising):
    """Keeps the promise."""

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if module is self:
            nn.init.constant_(self.scale, 2.6592)


class Wrapped(Thorough):
    """What is written to a weight that is computed is lost."""

    def __init__(self) -> None:
        super().__init__()
        nn.utils.parametrizations.weight_norm(self.body[2])


class Once(Promising):
    """Its method can't be called again."""

    def init_weights(self) -> None:
        assert not hasattr(self, "_is_hf_initialized"), "once"
        self._is_hf_initialized = True
        self.register_parameter("more", nn.Parameter(torch.ones(2)))
        if hasattr(self, "done"):
            raise RuntimeError("once")
        self.done = True


def test_what_the_models_own_method_leaves_out_is_named() -> None:
    for factory, names in ((Promising, ["scale"]), (Thorough, []), (Once, []), (plain, [])):
        report = check(factory, X)
        assert [finding.parameter for finding in report.findings if finding.code == "FAN801"] == names, factory
        assert report.ok == (not names)
    found = [finding.parameter for finding in check(Wrapped, X, select="FAN801").findings]
    assert found == ["body.2.weight.original0", "body.2.weight.original1"]
    assert check(Promising(), X).ok  # a model that is there is not written to


def test_looking_for_what_is_left_out_leaves_all_as_it_was() -> None:
    torch.manual_seed(3)
    alone = Promising()
    alone.scale._is_hf_initialized = True

    def seeded() -> nn.Module:
        torch.manual_seed(3)
        model = Promising()
        model.scale._is_hf_initialized = True
        return model

    model = build(seeded, 0).model
    assert all(torch.equal(a, b) for a, b in zip(alone.parameters(), model.parameters(), strict=True))
    assert model.scale._is_hf_initialized
    assert [vars(module).keys() for module in alone.modules()] == [vars(module).keys() for module in model.modules()]


def test_a_model_from_meta_is_asked_for_what_its_memory_holds() -> None:
    def materialised() -> nn.Module:
        with torch.device("meta"):
            model = nn.Sequential(nn.Linear(12, 40), nn.ReLU(), nn.Linear(40, 5), nn.PReLU())
            model.register_parameter("spare", nn.Parameter(torch.ones(3)))
        model.to_empty(device="cpu")
        for module in (model[0], model[2], model[3]):
            module.reset_parameters()
        return model

    found = [finding for finding in check(materialised, X).findings if finding.code == "FAN105"]
    assert [(finding.parameter, finding.severity) for finding in found] == [("spare", "error")]


def test_an_optimizer_knows_its_rate() -> None:
    model = plain()
    case = check(model, X, optimizer=torch.optim.AdamW(model.parameters(), lr=0.25)).case
    assert (case.optimizer, case.lr) == ("adamw", 0.25)
    case = check(model, X, optimizer="SGD", lr=0.1).case
    assert (case.optimizer, case.lr) == ("sgd", 0.1)
    for wrong in ({"optimizer": 3}, {"lr": -1.0}, {"lr": float("inf")}, {"loss": 7}):
        with pytest.raises(InputError):
            check(model, X, **wrong)


def test_shapes_of_made_up_inputs() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
    for shape in ((3, 20, 20), [(3, 20, 20)]):
        assert "3x20x20" in check(model, input_shape=shape).data
    with pytest.raises(InputError):
        check(model, input_shape=(4, 20, 20))


def test_the_report_is_that_of_a_torch_model() -> None:
    report = fanin.check(constant(), (X, Y), loss="cross_entropy")
    document = report.to_json()
    assert (document["target"], document["framework"], document["data"]) == ("Sequential", "torch", "64 inputs")
    assert [layer["op"] for layer in document["layers"]] == ["dense"] * 3
    assert report.confidence == {}
    assert "FAN102" in str(report)


def test_a_tied_head_at_fault_bears_its_own_name_and_stands_in_the_table() -> None:
    table, head = nn.Embedding(50, 64), nn.Linear(64, 50, bias=False)
    head.weight = table.weight
    model = nn.Sequential(table, nn.Linear(64, 64), nn.LayerNorm(64), head)
    ids = torch.randint(0, 50, (64, 8))
    report = check(model, (ids, ids), loss="cross_entropy")
    assert (report.cause, report.findings[0].layer) == ("FAN401", "3")
    assert [layer["name"] for layer in report.to_json()["layers"]] == ["1", "3"]
