import numpy as np
import pytest
import torch
from torch import nn

from fanin.calibrate import lsuv_
from fanin.errors import InputError


class Crossed(nn.Module):
    """Registered in another order than executed, one layer that never runs, one that is shared."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(32, 5)
        self.spare = nn.Linear(32, 32)
        self.first = nn.Conv1d(3, 32, 3)
        self.norm = nn.BatchNorm1d(32)
        self.middle = nn.Linear(32, 32)
        self.drop = nn.Dropout(0.5)
        for layer in (self.last, self.first, self.middle):
            nn.init.normal_(layer.weight, 0, 0.003)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.first(x)).mean(-1)
        x = torch.tanh(self.middle(x)) + torch.tanh(self.middle(x))
        return self.last(self.drop(self.norm(x)))


def batch(seed: int = 0) -> torch.Tensor:
    return torch.randn(64, 3, 10, generator=torch.Generator().manual_seed(seed))


def test_outputs_have_unit_std_in_order_of_execution() -> None:
    model = Crossed()
    found = lsuv_(model, batch())
    assert [each.layer for each in found.layers] == ["first", "middle", "last"]
    assert all(each.done and abs(each.after - 1) <= 0.1 for each in found.layers)
    assert all(each.before < 1 < each.factor for each in found.layers)
    assert found.unmet == ("spare.weight",)
    assert "spare.weight: not executed" in str(found)
    z = model.first(batch())
    assert float(z.detach().std()) == pytest.approx(1, abs=0.1)


def test_nothing_but_the_weights_changes() -> None:
    model = Crossed().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(3)
    state = torch.get_rng_state()
    lsuv_(model, batch())
    assert torch.equal(state, torch.get_rng_state())
    assert all(module.training for module in model.modules())
    changed = {name for name, value in model.state_dict().items() if not torch.equal(before[name], value)}
    assert changed == {"first.weight", "middle.weight", "last.weight"}
    assert all(parameter.grad is None for parameter in model.parameters())


def test_deep_plain_networks_come_to_life() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(*[layer for _ in range(8) for layer in (nn.Linear(32, 32), nn.GELU())], nn.Linear(32, 10))
    x = torch.randn(128, 32)
    dead = float(model(x).detach().std(0).mean())  # over samples: what of the output depends on the input
    found = lsuv_(model, x)
    assert dead < 1e-2
    assert all(each.done for each in found.layers)


def test_wanted_stds_by_name() -> None:
    model = Crossed()
    found = lsuv_(model, batch(), std={"last": 0.25}, tolerance=0.01)
    assert [each.layer for each in found.layers] == ["last"]
    assert found.layers[0].after == pytest.approx(0.25, rel=0.01)


def test_weight_normalised_layers_are_scaled_by_their_lengths() -> None:
    model = nn.Sequential(torch.nn.utils.parametrizations.weight_norm(nn.Linear(8, 16)), nn.Tanh(), nn.Linear(16, 2))
    with torch.no_grad():
        model[0].parametrizations.weight.original0.mul_(50)
    assert all(each.done for each in lsuv_(model, torch.randn(256, 8)).layers)


def test_what_cannot_be_scaled_says_so() -> None:
    model = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))
    nn.init.zeros_(model[2].weight)
    nn.init.zeros_(model[2].bias)
    found = lsuv_(model, torch.randn(64, 8))
    assert [each.done for each in found.layers] == [True, False]
    assert "not reached" in str(found)


def test_bad_input() -> None:
    model = nn.Sequential(nn.Linear(8, 4))
    with pytest.raises(InputError, match=r"expected a torch\.nn\.Module"):
        lsuv_(np.zeros(3), np.zeros(3))
    with pytest.raises(InputError, match="tolerance=2"):
        lsuv_(model, torch.randn(8, 8), tolerance=2)
    nn.init.constant_(model[0].weight, float("nan"))
    with pytest.raises(InputError, match="'0' aren't finite"):
        lsuv_(model, torch.randn(8, 8))
