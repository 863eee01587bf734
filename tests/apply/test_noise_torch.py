"""What a forward pass draws itself has a size, which the weights behind it are planned for."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import fanin

WAYS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "randn_like": lambda mu, lv: mu + torch.randn_like(mu) * (0.5 * lv).exp(),
    "randn": lambda mu, lv: (0.5 * lv).exp() * torch.randn(mu.shape) + mu,
    "normal_": lambda mu, lv: mu + torch.empty_like(mu).normal_() * (0.5 * lv).exp(),
    "new": lambda mu, lv: mu + mu.data.new(mu.size()).normal_().mul((0.5 * lv).exp()),
    "rsample": lambda mu, lv: torch.distributions.Normal(mu, (0.5 * lv).exp()).rsample(),
    "softplus": lambda mu, lv: mu + torch.randn_like(mu) * nn.functional.softplus(lv),
    "uniform": lambda mu, lv: mu + torch.rand_like(mu) * (0.5 * lv).exp(),
    "of one size": lambda mu, lv: mu + torch.randn_like(mu),
    "half": lambda mu, lv: mu + 0.5 * torch.randn_like(mu),
    "little": lambda mu, lv: mu + 0.01 * torch.randn_like(mu),
    "dropout": lambda mu, lv: mu * (torch.rand_like(mu) > 0.5) * 2**0.5,
}


class VAE(nn.Module):
    """With one layer for both answers, or one for each."""

    def __init__(self, way: str, together: bool) -> None:
        super().__init__()
        self.way, self.together = way, together
        self.encoder = nn.Sequential(nn.Linear(64, 256), nn.ReLU())
        self.mu, self.lv, self.both = nn.Linear(256, 64), nn.Linear(256, 64), nn.Linear(256, 128)
        self.decoder = nn.Linear(64, 256)
        self.out = nn.Linear(256, 64)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = self.encoder(x)
        mu, lv = self.both(h).chunk(2, -1) if self.together else (self.mu(h), self.lv(h))
        self.hidden = self.decoder(WAYS[self.way](mu, lv))
        return self.out(self.hidden.relu()), mu, lv


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_noise_in_a_forward_pass_has_a_size(way: str, together: bool) -> None:
    model, x = VAE(way, together), torch.randn(256, 64)
    fanin.init_(model, input_shape=(64,))
    with torch.no_grad():
        model(x)
    assert 0.5 < float(model.hidden.square().mean()) < 2
