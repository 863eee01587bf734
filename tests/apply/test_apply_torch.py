"""Weights written into PyTorch models: the same whatever stands around them, checked, receipted, nothing half-done."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import fanin
from fanin import schemes
from fanin.apply import apply_, save
from fanin.errors import FaninError, InputError
from fanin.values.plan import Plan


class Tied(nn.Module):
    """A table that is the output layer too, and a buffer that its module can compute again."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.table = nn.Embedding(50, width)
        self.inner = nn.Sequential(Angles(width), nn.Linear(width, width), nn.BatchNorm1d(9), nn.ReLU())
        self.head = nn.Linear(width, 50, bias=False)
        self.head.weight = self.table.weight

    def forward(self, ids: torch.Tensor) -> Any:
        return self.head(self.inner(self.table(ids)))


class Angles(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.register_buffer("angles", torch.linspace(0, 1, width), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.angles


IDS = torch.zeros(2, 9, dtype=torch.long)


def mlp(depth: int = 2) -> nn.Sequential:
    layers = [nn.Sequential(nn.Linear(20, 20), nn.ReLU()) for _ in range(depth)]
    return nn.Sequential(*layers, nn.Linear(20, 3))


def hashes(receipt: fanin.Receipt) -> dict[str, str]:
    return {each.path: each.sha256 for each in receipt.tensors}


def test_values_are_those_of_the_stream() -> None:
    model = mlp()
    receipt = fanin.init_(model, seed=7)
    for each in fanin.plan(model).assignments:
        expected = schemes.sample(each.scheme, each.param, seed=7, path=each.param.path)
        found = model.get_parameter(each.param.path).detach().numpy()
        assert np.array_equal(found, expected), each.param.path
    assert receipt.seed == 7
    assert all(row.claimed_std is not None and abs(row.std - row.claimed_std) < 0.1 for row in receipt.tensors)


def test_the_seed_decides_and_torchs_generator_is_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, second, other = (fanin.init_(mlp(), seed=seed).sha256 for seed in (0, 0, 1))
    torch.manual_seed(1)
    assert torch.equal(before, torch.get_rng_state())
    assert first == second != other


@pytest.mark.parametrize("recipe", ["torch", "signal"])
def test_adding_a_layer_changes_no_other(recipe: str) -> None:
    small, large = (hashes(fanin.init_(mlp(depth), recipe)) for depth in (4, 5))
    common = [path for path in small if not path.startswith("4")]  # the fourth was the head
    assert len(common) == 8
    assert all(small[path] == large[path] for path in common)


def test_wrapped_models_start_as_the_plain_one() -> None:
    plain = hashes(fanin.init_(mlp()))
    assert hashes(fanin.init_(nn.DataParallel(mlp()))) == plain
    assert hashes(fanin.init_(torch.compile(mlp(), backend="eager"))) == plain


def test_on_meta_and_tied() -> None:
    expected = Tied()
    receipt = fanin.init_(expected, inputs=IDS)
    with torch.device("meta"):
        model = Tied()
    assert hashes(fanin.init_(model, inputs=IDS.to("meta"))) == hashes(receipt)
    assert model.head.weight is model.table.weight
    assert not any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers()))
    assert torch.equal(model.inner[0].angles, expected.inner[0].angles)
    assert torch.equal(model(IDS), expected(IDS))
    assert isinstance(model.table.weight, nn.Parameter)


def test_parameters_keep_what_their_author_hung_on_them() -> None:
    with torch.device("meta"):
        model = mlp()
    model[0][0].weight.no_decay = True
    model[0][0].bias.requires_grad_(False)
    fanin.init_(model, inputs=torch.zeros(2, 20, device="meta"))
    assert model[0][0].weight.no_decay
    assert not model[0][0].bias.requires_grad


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_precisions_are_the_float32_values_to_their_digits(dtype: torch.dtype) -> None:
    reference, model = mlp(), mlp().to(dtype)
    fanin.init_(reference)
    receipt = fanin.init_(model, inputs=torch.zeros(2, 20, dtype=dtype))
    digits = {torch.float64: 1e-6, torch.float16: 1e-3, torch.bfloat16: 1e-2}[dtype]
    for name, tensor in model.named_parameters():
        assert torch.allclose(tensor.float(), reference.get_parameter(name), rtol=digits, atol=1e-6), name
        assert tensor.dtype == dtype
    assert {row.dtype for row in receipt.tensors} == {str(dtype).removeprefix("torch.")}


def test_tensors_that_are_not_contiguous() -> None:
    model, plain = mlp(), mlp()
    model[0][0].weight = nn.Parameter(torch.empty(20, 20).T)
    assert hashes(fanin.init_(model)) == hashes(fanin.init_(plain))
    assert torch.equal(model[0][0].weight, plain[0][0].weight)


@contextlib.contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    yield
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_nothing_is_written_when_something_is_wrong() -> None:
    model = mlp()
    plan = fanin.plan(model)
    with untouched(model):
        with pytest.raises(InputError, match="matches no parameter"):
            fanin.init_(model, overrides={"nope": "zeros"})
        with pytest.raises(InputError, match=r"does not decide '2\.bias'"):
            apply_(Plan("mine", 1, plan.assignments[:-1]), model)
        with pytest.raises(InputError, match=r"decides '3\.weight', which this model lacks"):
            apply_(fanin.plan(nn.Sequential(*model[:2], nn.Linear(20, 3), nn.Linear(3, 3))), model)
        with pytest.raises(InputError, match="whole number"):
            apply_(plan, model, seed=-1)
        wide = nn.Sequential(*mlp()[:2], nn.Linear(20, 4))
        with pytest.raises(InputError, match=r"'2\.weight' has shape \(3, 20\), the plan was made for \(4, 20\)"):
            apply_(fanin.plan(wide), model)


def test_what_holds_no_real_numbers_must_be_kept() -> None:
    model = mlp()
    plan = fanin.plan(model)
    model[2].bias = nn.Parameter(torch.zeros(3, dtype=torch.complex64))
    with pytest.raises(InputError, match=r"'2\.bias' holds complex64, expected float32"):
        apply_(plan, model)


def test_keep_leaves_a_tensor_and_needs_one() -> None:
    model = mlp()
    nn.init.constant_(model[2].bias, 5.0)
    receipt = fanin.init_(model, overrides={"2.bias": "keep"})
    assert torch.equal(model[2].bias, torch.full((3,), 5.0))
    assert receipt.tensors[-1].claimed_std is None
    with torch.device("meta"):
        empty = mlp()
    with pytest.raises(InputError, match=r"'2\.bias' is to be kept, and stands on meta"):
        fanin.init_(empty, inputs=torch.zeros(2, 20, device="meta"), overrides={"2.bias": "keep"})
    assert empty[0][0].weight.is_meta


def test_a_buffer_that_nobody_can_compute_is_named() -> None:
    class Places(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.register_buffer("places", torch.zeros(width))
            self.fc = nn.Linear(width, 2)

        def forward(self, x: torch.Tensor) -> Any:
            return self.fc(x + self.places)

    with torch.device("meta"):
        model = Places(4)
    with pytest.raises(
        InputError, match=r"buffer 'places' of Places is on meta: it does not keep its argument 'width'"
    ):
        fanin.init_(model, inputs=torch.zeros(2, 4, device="meta"))
    assert model.fc.weight.is_meta


def test_a_buffer_of_a_module_that_is_built_from_a_configuration() -> None:
    class Rotary(nn.Module):
        def __init__(self, config: dict[str, int]) -> None:
            super().__init__()
            self.register_buffer("inv_freq", 1.0 / 10000 ** (torch.arange(config["width"]) / 8), persistent=False)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * torch.cos(self.inv_freq)

    class Model(nn.Module):
        def __init__(self, config: dict[str, int]) -> None:
            super().__init__()
            self.config = config
            self.inner = nn.Sequential(nn.Linear(8, 8), Rotary(config))

        def forward(self, x: torch.Tensor) -> Any:
            return self.inner(x)

    expected = Model({"width": 8})
    with torch.device("meta"):
        model = Model({"width": 8})
    fanin.init_(model, inputs=torch.zeros(2, 8, device="meta"))
    assert torch.equal(model.inner[1].inv_freq, expected.inner[1].inv_freq)


def test_weight_normalised_layers_get_the_weights_that_plain_ones_would() -> None:
    normed = nn.Sequential(
        torch.nn.utils.parametrizations.weight_norm(nn.Linear(64, 256)), nn.ReLU(), nn.Linear(256, 3)
    )
    fanin.init_(normed)
    weight = normed[0].weight.detach()
    assert float(weight.std()) == pytest.approx(1 / 8, rel=0.02)  # LeCun's; 16384 entries: standard error 0.6 %
    assert torch.allclose(weight.norm(dim=1), torch.ones(256), atol=1e-5)


def test_a_tensor_that_is_not_what_its_scheme_claims_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = schemes.sample

    def wrong(*args: Any, **kwargs: Any) -> Any:
        values = real(*args, **kwargs)
        values *= 2
        return values

    monkeypatch.setattr("fanin.apply.schemes.sample", wrong)
    with pytest.raises(FaninError, match=r"'0\.0\.weight': second moment"):
        fanin.init_(mlp())


def test_every_recipe_that_fits_writes_what_it_claims() -> None:
    for recipe in ("signal", "torch", "keras", "flax", "timm", "bert", "gpt2", "llama", "siren", "mup(base=32)"):
        receipt = fanin.init_(mlp(), recipe)
        assert receipt.recipe == recipe
        assert len(receipt.tensors) == 6


def test_only_models() -> None:
    for other in ([1, 2], None, torch.zeros(3), nn.Linear):
        with pytest.raises(InputError, match=r"expected a torch\.nn\.Module"):
            fanin.plan(other)


def test_saved_weights_load(tmp_path: Any) -> None:
    model, again = Tied(), Tied()
    receipt = fanin.init_(model, inputs=IDS)
    save(model, tmp_path / "w.safetensors", receipt)
    missing, unexpected = again.load_state_dict(load_file(tmp_path / "w.safetensors"), strict=False)
    assert missing == ["head.weight"]  # which is the table
    assert unexpected == []
    assert torch.equal(again(IDS), model(IDS))


def test_by_input_shape() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 4))
    assert len(fanin.plan(model, input_shape=(3, 2, 2)).assignments) == 2
    with pytest.raises(InputError):
        fanin.plan(model, input_shape=(5, 5))
