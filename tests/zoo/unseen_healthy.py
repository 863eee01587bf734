"""Healthy networks that the rules have never seen: what trains well in the literature, however odd its weights look."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo import _data, _models
from zoo._entry import entry
from zoo.unseen_sick import Bare, Heads, both, brains, flags, he, xavier


@entry(data=brains)
def bfloat16_mlp():
    return _models.mlp([64, 128, 128, 10]).bfloat16()


@entry()
def he_tanh_shallow():
    return he(_models.mlp([64, 128, 128, 10], nn.Tanh))


@entry()
def orthogonal_tanh_thirty_deep():
    return _models.drawn(_models.deep(30, 128, nn.Tanh), lambda w: nn.init.orthogonal_(w, 1.05))


@entry()
def selu_with_alpha_dropout():
    model = _models.deep(12, 128, nn.SELU)
    _models.drawn(model, lambda w: nn.init.kaiming_normal_(w, nonlinearity="linear"))
    return nn.Sequential(*model[:-1], nn.AlphaDropout(0.1), model[-1])


@entry(data=_data.images)
def spectrally_normed_discriminator():
    norm = nn.utils.parametrizations.spectral_norm
    return nn.Sequential(
        norm(nn.Conv2d(1, 32, 4, 2, 1)), nn.LeakyReLU(0.1), norm(nn.Conv2d(32, 64, 4, 2, 1)), nn.LeakyReLU(0.1),
        nn.Flatten(), norm(nn.Linear(1024, 10)),
    )  # fmt: skip


class Equalised(nn.Module):
    """Karras 2018: weights of N(0, 1), multiplied by He's constant whenever they are used."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(after, before)), nn.Parameter(torch.zeros(after))
        self.gain = math.sqrt(2 / before)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight * self.gain, self.bias)


@entry()
def equalised_rate():
    return nn.Sequential(
        Equalised(64, 128), nn.LeakyReLU(0.2), Equalised(128, 128), nn.LeakyReLU(0.2), Equalised(128, 10)
    )


@entry(data=_data.text)
def rezero_transformer():
    class ReZero(_models.Block):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)
            self.alpha = nn.Parameter(torch.zeros(()))

        def forward(self, x: Tensor) -> Tensor:
            x = x + self.alpha * self.attention(x)
            return x + self.alpha * self.down(functional.gelu(self.up(x)))

    model = _models.GPT(8, tied=False, block=ReZero)
    model.norm = nn.Identity()
    return model


class Dense(nn.Module):
    """A DenseNet layer: its channels are appended."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(width), nn.Conv2d(width, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.conv(functional.relu(self.norm(x)))], 1)


@entry(data=_data.images)
def densenet():
    body = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), *(Dense(16 + 8 * i, 8) for i in range(8)))
    return he(
        nn.Sequential(body, nn.BatchNorm2d(80), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(80, 10))
    )


@entry(data=_data.images)
def inverted_residuals():
    def block(width: int) -> nn.Module:
        wide = 4 * width
        return _models.Residual(nn.Sequential(
            nn.Conv2d(width, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(),
            nn.Conv2d(wide, wide, 3, padding=1, groups=wide, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(),
            nn.Conv2d(wide, width, 1, bias=False), nn.BatchNorm2d(width),
        ))  # fmt: skip

    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU6(), *(block(16) for _ in range(5)),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(16, 10),
    )  # fmt: skip
    return _models.drawn(model, lambda w: nn.init.kaiming_normal_(w, mode="fan_out"))


class ConvNeXtBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise, self.norm = nn.Conv2d(width, width, 7, padding=3, groups=width), nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.full((width,), 1e-6))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + (self.gamma * self.down(functional.gelu(self.up(y)))).permute(0, 3, 1, 2)


@entry(data=_data.images)
def convnext():
    model = nn.Sequential(
        nn.Conv2d(1, 32, 2, 2), nn.GroupNorm(1, 32), *(ConvNeXtBlock(32) for _ in range(6)),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(32), nn.Linear(32, 10),
    )  # fmt: skip
    return _models.drawn(model, lambda w: nn.init.trunc_normal_(w, std=0.02))


class MixerBlock(nn.Module):
    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.across, self.along = (_models.mlp([n, 2 * n, n], nn.GELU) for n in (tokens, width))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.across(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.along(self.norm2(x))


@entry(data=_data.rows)
def mixer():
    class Mixer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem, self.blocks = nn.Linear(16, 64), nn.Sequential(*(MixerBlock(16, 64) for _ in range(6)))
            self.norm, self.head = nn.LayerNorm(64), nn.Linear(64, 10)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.norm(self.blocks(self.stem(x))).mean(1))

    return Mixer()


@entry(data=_data.rows)
def irnn():
    """Le 2015: a ReLU network whose recurrent weights are the identity."""
    model = _models.Recurrent(nn.RNN, nonlinearity="relu")
    nn.init.eye_(model.rnn.weight_hh_l0)
    nn.init.normal_(model.rnn.weight_ih_l0, 0.0, 0.05)
    nn.init.zeros_(model.rnn.bias_hh_l0)
    nn.init.zeros_(model.rnn.bias_ih_l0)
    return model


@entry(data=_data.rows)
def orthogonal_gru():
    model = _models.Recurrent(nn.GRU, num_layers=2, bidirectional=False)
    for name, values in model.rnn.named_parameters():
        (
            nn.init.orthogonal_
            if "weight_hh" in name
            else nn.init.xavier_uniform_
            if "weight" in name
            else nn.init.zeros_
        )(values)
    return model


class Temporal(nn.Module):
    """A TCN block: dilated, weight-normed, causal, residual."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.pad = 2 * dilation
        self.conv1, self.conv2 = (
            nn.utils.parametrizations.weight_norm(nn.Conv1d(width, width, 3, dilation=dilation)) for _ in range(2)
        )

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.conv1(functional.pad(x, (self.pad, 0))))
        return functional.relu(x + functional.relu(self.conv2(functional.pad(y, (self.pad, 0)))))


@entry(data=_data.rows)
def temporal_convolutions():
    class TCN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv1d(16, 32, 1)
            self.body, self.head = nn.Sequential(*(Temporal(32, d) for d in (1, 2, 4))), nn.Linear(32, 10)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.body(self.stem(x.transpose(1, 2)))[:, :, -1])

    return TCN()


def elbo(outputs: tuple[Tensor, Tensor, Tensor], x: Tensor) -> Tensor:
    y, mean, log_var = outputs
    return functional.mse_loss(y, x) - 0.005 * (1 + log_var - mean.square() - log_var.exp()).mean()


@entry(data=_data.copies, loss=elbo)
def variational_autoencoder():
    class VAE(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.mean, self.log_var = nn.Linear(64, 128), nn.Linear(128, 8), nn.Linear(128, 8)
            self.decoder = _models.mlp([8, 128, 64])

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            h = functional.relu(self.body(x))
            mean, log_var = self.mean(h), self.log_var(h)
            return self.decoder(mean + torch.randn_like(mean) * (log_var / 2).exp()), mean, log_var

    return VAE()


def contrast(z: Tensor, y: Tensor) -> Tensor:
    """Supervised contrastive: those of one digit attract each other."""
    z = functional.normalize(z, dim=1)
    scores = (z @ z.T / 0.2).masked_fill(torch.eye(len(z), dtype=torch.bool, device=z.device), -1e9)
    same = (y[:, None] == y).float().fill_diagonal_(0)
    return -(same * scores.log_softmax(1)).sum() / same.sum().clamp(min=1)


@entry(loss=contrast)
def contrastive_encoder():
    return _models.mlp([64, 256, 256, 32])


def pictures(count: int) -> tuple[Tensor, Tensor]:
    x, _ = _data.images(count)
    return x + 0.3 * torch.randn(x.shape, generator=torch.Generator().manual_seed(0)), x


class Level(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(before, after, 3, padding=1), nn.GroupNorm(4, after)

    def forward(self, x: Tensor) -> Tensor:
        return functional.silu(self.norm(self.conv(x)))


@entry(data=pictures, loss="mse")
def denoising_unet():
    """As in diffusion models: the last convolution is zero."""

    class UNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = Level(1, 16), Level(16, 32), Level(32, 64)
            self.d, self.e, self.out = Level(96, 32), Level(48, 16), nn.Conv2d(16, 1, 3, padding=1)
            nn.init.zeros_(self.out.weight)
            nn.init.zeros_(self.out.bias)

        def forward(self, x: Tensor) -> Tensor:
            a = self.a(x)
            b = self.b(functional.avg_pool2d(a, 2))
            c = self.c(functional.avg_pool2d(b, 2))
            d = self.d(torch.cat([functional.interpolate(c, scale_factor=2.0), b], 1))
            return self.out(self.e(torch.cat([functional.interpolate(d, scale_factor=2.0), a], 1)))

    return UNet()


@entry()
def softmax_regression_of_zeros():
    return _models.drawn(nn.Sequential(nn.Linear(64, 10)), nn.init.zeros_)


class Sparse(nn.Module):
    """Top 2 of 8 experts."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.router = nn.Linear(64, 64), nn.Linear(64, 8, bias=False)
        self.experts, self.head = nn.ModuleList(_models.mlp([64, 32, 64]) for _ in range(8)), nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.stem(x))
        weight, chosen = self.router(x).topk(2)
        weight, out = weight.softmax(-1), torch.zeros_like(x)
        for i, expert in enumerate(self.experts):
            row, slot = torch.where(chosen == i)
            out = out.index_add(0, row, weight[row, slot, None] * expert(x[row]))
        return self.head(x + out)


@entry()
def sparse_experts():
    return Sparse()


@entry(loss=both)
def two_heads():
    return he(Heads())


@entry(data=_data.text)
def normless_transformer_of_small_branches():
    """Twelve blocks without a norm, whose branches are small: the stream hardly grows."""
    model = _models.GPT(12, tied=False, block=Bare)
    model.norm = nn.Identity()
    return _models.gpt2(model, 0.05)


@entry(data=_data.images)
def dirac_convolutions():
    model = _models.convnet(6)
    for module in model:
        if isinstance(module, nn.Conv2d) and module.in_channels > 1:
            nn.init.dirac_(module.weight)
    return model


@entry()
def highway():
    class Highway(nn.Module):
        """Srivastava 2015: gates of bias -2 carry the input on."""

        def __init__(self, width: int) -> None:
            super().__init__()
            self.gate, self.body = nn.Linear(width, width), nn.Linear(width, width)
            nn.init.constant_(self.gate.bias, -2.0)

        def forward(self, x: Tensor) -> Tensor:
            gate = torch.sigmoid(self.gate(x))
            return gate * functional.relu(self.body(x)) + (1 - gate) * x

    return nn.Sequential(nn.Linear(64, 64), *(Highway(64) for _ in range(10)), nn.Linear(64, 10))


@entry(data=_data.picture, loss="mse")
def physics_tanh():
    return xavier(_models.mlp([2, 50, 50, 50, 50, 1], nn.Tanh))


def points(count: int) -> tuple[Tensor, Tensor]:
    """Clouds of 64 points in a plane, squeezed along one axis or the other."""
    generator = torch.Generator().manual_seed(0)
    y = torch.arange(count) % 2
    x = torch.randn(count, 64, 2, generator=generator)
    return x * torch.where(y[:, None, None] == 1, torch.tensor([1.5, 0.5]), torch.tensor([0.5, 1.5])), y


@entry(data=points)
def pointnet():
    """Its transformer starts at the identity: weights zero, bias eye."""

    class PointNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.look, self.turn = _models.mlp([2, 32, 64]), nn.Linear(64, 4)
            self.body, self.head = _models.mlp([2, 64, 128]), _models.mlp([128, 64, 2])
            nn.init.zeros_(self.turn.weight)
            with torch.no_grad():
                self.turn.bias.copy_(torch.eye(2).flatten())

        def forward(self, x: Tensor) -> Tensor:
            turn = self.turn(self.look(x).max(1).values).view(-1, 2, 2)
            return self.head(self.body(x @ turn).max(1).values)

    return PointNet()


def rare(count: int) -> tuple[Tensor, Tensor]:
    x, y = _data.digits(count)
    return x, functional.one_hot(y, 10).float()


@entry(data=rare, loss="bce_with_logits")
def detector_with_prior():
    """Lin 2017: the last bias says that few are there."""
    model = he(_models.mlp([64, 128, 10]))
    nn.init.normal_(model[2].weight, 0.0, 0.01)
    nn.init.constant_(model[2].bias, -math.log(9))
    return model


def letters(count: int) -> tuple[Tensor, Tensor]:
    return _data.sentences(count)


@entry(data=letters)
def bag_of_embeddings():
    class Bag(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.head = nn.EmbeddingBag(48, 32), _models.mlp([32, 64, 2])

        def forward(self, ids: Tensor) -> Tensor:
            return self.head(self.embed(ids))

    return Bag()


@entry(data=_data.images)
def glorot_convolutions_shallow():
    """As Keras draws them."""
    return xavier(_models.convnet(4))


@entry(data=_data.digits)
def coupling_layers():
    """RealNVP blocks whose scales and shifts start at zero, and a head."""

    class Coupling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.out = nn.Linear(32, 64), nn.Linear(64, 64)
            nn.init.zeros_(self.out.weight)
            nn.init.zeros_(self.out.bias)

        def forward(self, x: Tensor) -> Tensor:
            a, b = x.chunk(2, 1)
            scale, shift = self.out(functional.relu(self.body(a))).chunk(2, 1)
            return torch.cat([b * scale.tanh().exp() + shift, a], 1)

    return nn.Sequential(*(Coupling() for _ in range(6)), nn.Linear(64, 10))


@entry(data=_data.images)
def squeeze_and_excite():
    class Gate(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.down, self.up = nn.Linear(width, 4), nn.Linear(4, width)

        def forward(self, x: Tensor) -> Tensor:
            return x * torch.sigmoid(self.up(functional.relu(self.down(x.mean((2, 3))))))[:, :, None, None]

    model = _models.convnet(4, norm=True)
    return nn.Sequential(*model[:6], Gate(32), *model[6:])


@entry(data=flags, loss="bce_with_logits")
def tiny():
    return _models.mlp([64, 4, 1], nn.Tanh)


@entry(data=_data.text)
def t5_like():
    """Embeddings of N(0, 1), RMS norms, queries small instead of scores divided."""
    model = _models.Llama()
    nn.init.normal_(model.embed.weight)
    for layer in model.layers:
        nn.init.normal_(layer.q.weight, 0.0, (64 * 16) ** -0.5)
        for part in (layer.k, layer.v, layer.o, layer.gate, layer.up):
            nn.init.normal_(part.weight, 0.0, 64**-0.5)
        nn.init.normal_(layer.down.weight, 0.0, 128**-0.5)
    return model


@entry(data=_data.images)
def post_activation_group_norm():
    layers: list[nn.Module] = []
    for i in range(8):
        layers += [nn.Conv2d(1 if i == 0 else 32, 32, 3, padding=1), nn.GroupNorm(8, 32), nn.SiLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))


@entry()
def wide():
    return he(_models.mlp([64, 4096, 10]))
