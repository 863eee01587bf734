"""Sick networks that the rules have never seen: written from the literature by somebody who had not read the rules."""

import copy
import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo import _data, _models
from zoo._entry import entry

SCALE = ("off-scale-weights", "exploding-signal", "exploding-gradient")
FADE = ("off-scale-weights", "vanishing-signal", "vanishing-gradient", "collapsed-signal", "gradient-below-epsilon")


def he(model: nn.Module) -> nn.Module:
    return _models.drawn(model, lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"))


def xavier(model: nn.Module) -> nn.Module:
    return _models.drawn(model, nn.init.xavier_uniform_)


@torch.no_grad()
def scaled(values: Tensor, factor: float) -> None:
    values.mul_(factor)


def flags(count: int) -> tuple[Tensor, Tensor]:
    """Digits, and whether they are above four, as (count, 1) of 0 and 1."""
    x, y = _data.digits(count)
    return x, (y > 4).float()[:, None]


def halves(count: int) -> tuple[Tensor, Tensor]:
    x, y = _data.digits(count)
    return x.half(), y


def brains(count: int) -> tuple[Tensor, Tensor]:
    x, y = _data.digits(count)
    return x.bfloat16(), y


def early(count: int) -> tuple[Tensor, Tensor]:
    """Rows of an image, then four rows of zeros: what counts was before."""
    x, y = _data.rows(count)
    return torch.cat([x, torch.zeros_like(x[:, :4])], 1), y


# One bad layer among good ones


@entry("locked-parameters", "symmetric-units", "dead-units", "vanishing-signal", "collapsed-signal", learns=True)
def zero_layer_in_the_middle():
    model = he(_models.deep(8))
    nn.init.zeros_(model[6].weight)
    return model


@entry(*SCALE, data=_data.images, learns=True)
def loud_convolution_in_the_middle():
    model = he(_models.convnet(4))
    scaled(model[2].weight, 100.0)
    return model


@entry("dead-units", "large-biases", learns=True)
def one_bias_of_minus_twenty():
    model = he(_models.deep(6))
    nn.init.constant_(model[4].bias, -20.0)
    return model


@entry("dead-units", "large-biases", data=_data.images, learns=True)
def batch_norm_shift_of_minus_six():
    model = _models.convnet(4, norm=True)
    nn.init.constant_(model[4].bias, -6.0)
    return model


@entry("non-finite-weights", data=_data.images, learns=True)
def infinite_bias():
    model = _models.ResNet()
    with torch.no_grad():
        model.head.bias[3] = math.inf
    return model


# Whole networks of a wrong scale


@entry(*FADE, data=_data.images, learns=True)
def groups_forgotten():
    """He's fan_in without the division by 16 groups: each layer passes a quarter on."""
    layers: list[nn.Module] = [nn.Conv2d(1, 64, 3, padding=1), nn.ReLU()]
    for _ in range(10):
        layers += [nn.Conv2d(64, 64, 3, padding=1, groups=16), nn.ReLU()]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    return _models.drawn(model, lambda w: nn.init.normal_(w, 0.0, math.sqrt(2 / (w.shape[0] * w[0, 0].numel()))))


@entry(*FADE, data=_data.images, learns=True)
def glorot_convolutions_thirty_deep():
    layers: list[nn.Module] = [nn.Conv2d(1, 32, 3, padding=1), nn.ReLU()]
    for _ in range(29):
        layers += [nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()]
    return xavier(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10)))


@entry("saturated-units", *SCALE, learns=True)
def tanh_of_gain_three():
    return _models.drawn(_models.deep(20, 128, nn.Tanh), lambda w: nn.init.xavier_normal_(w, 3.0))


@entry(*SCALE, learns=True)
def selu_of_twice_he():
    return _models.drawn(_models.deep(40, 128, nn.SELU), lambda w: nn.init.normal_(w, 0.0, 2 / math.sqrt(w.shape[1])))


@entry("saturated-units", *SCALE, "oversized-output", data=flags, loss="bce_with_logits", learns=True)
def discriminator_of_randn():
    return _models.drawn(_models.mlp([64, 256, 256, 1], lambda: nn.LeakyReLU(0.2)), nn.init.normal_)


@entry(*SCALE, data=brains, learns=True)
def bfloat16_of_randn():
    return _models.drawn(_models.deep(6), nn.init.normal_).bfloat16()


@entry(*FADE, data=halves, learns=True)
def half_of_a_thousandth():
    return _models.drawn(_models.deep(8), lambda w: nn.init.normal_(w, 0.0, 1e-3)).half()


@entry("non-zero-mean", learns=True)
def rand_over_the_root():
    return _models.drawn(_models.deep(4, 256), lambda w: nn.init.uniform_(w, 0.0, 1 / math.sqrt(w.shape[1])))


# Layers that people write themselves


class Dense(nn.Module):
    """x @ W + b with W of shape (in, out)."""

    def __init__(self, before: int, after: int, draw=torch.randn) -> None:
        super().__init__()
        self.kernel, self.offset = nn.Parameter(draw(before, after)), nn.Parameter(torch.zeros(after))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.kernel + self.offset


@entry(*SCALE, learns=True)
def own_layers_of_randn():
    return nn.Sequential(
        Dense(64, 256), nn.ReLU(), Dense(256, 256), nn.ReLU(), Dense(256, 256), nn.ReLU(), Dense(256, 10)
    )


@entry("non-zero-mean", learns=True)
def own_layer_of_rand_between():
    return nn.Sequential(nn.Linear(64, 256), nn.ReLU(), Dense(256, 256, torch.rand), nn.ReLU(), nn.Linear(256, 10))


class Heads(nn.Module):
    """Two answers from one trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU())
        self.digit, self.large = nn.Linear(128, 10), nn.Linear(128, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.trunk(x)
        return self.digit(x), self.large(x)


def both(outputs: tuple[Tensor, Tensor], y: Tensor) -> Tensor:
    digit, large = outputs
    flag = functional.binary_cross_entropy_with_logits(large[:, 0], (y > 4).float())
    return functional.cross_entropy(digit, y) + flag


@entry("oversized-output", "off-scale-weights", loss=both, learns=True)
def one_loud_head_of_two():
    model = he(Heads())
    scaled(model.digit.weight, 60.0)
    return model


@entry("symmetric-units", "locked-parameters", "dead-units", learns=True)
def experts_of_zeros():
    model = _models.Mixture()
    _models.drawn(model.experts, nn.init.zeros_)
    return model


@entry("symmetric-units", "cloned-layers", learns=True)
def widened_without_noise():
    """Net2Net's wider layer: each unit eight times, and no noise to part them."""
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    with torch.no_grad():
        model[0].weight.copy_(model[0].weight[:4].repeat(32, 1))
        model[0].bias.copy_(model[0].bias[:4].repeat(32))
        model[2].weight.copy_(model[2].weight[:, :4].repeat(1, 32) / 32)
    return model


@entry("vanishing-signal", "off-scale-weights", "vanishing-gradient", "gradient-below-epsilon", "collapsed-signal",
       learns=True)  # fmt: skip
def weight_norm_of_a_hundredth():
    model = _models.deep(8)
    for i, module in enumerate(model):
        if isinstance(module, nn.Linear):
            model[i] = nn.utils.parametrizations.weight_norm(module)
            nn.init.constant_(model[i].parametrizations.weight.original0, 0.01)
            nn.init.zeros_(module.bias)
    return model


# Residual networks and transformers


@entry("residual-growth", *SCALE, data=_data.images, learns=True)
def unnormalised_resnet_three_times_he():
    model = he(_models.ResNet(12, norm=False))
    for block in model.blocks:
        scaled(block.conv2.weight, 3.0)
    return model


class Bare(_models.Block):
    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(x)
        return x + self.down(functional.gelu(self.up(x)))


@entry("residual-growth", *SCALE, "saturated-units", data=_data.text, learns=True)
def normless_transformer_of_xavier():
    """Twelve blocks without a norm, whose branches are as large as the stream."""
    model = _models.GPT(12, tied=False, block=Bare)
    model.norm = nn.Identity()
    for module in model.blocks.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_normal_(module.weight, 2.0)
    return model


@entry("drowned-tokens", "off-scale-weights", data=_data.text, learns=True)
def positions_of_std_ten():
    model = _models.gpt2(_models.GPT(tied=False))
    nn.init.normal_(model.wpe.weight, 0.0, 10.0)
    return model


@entry("drowned-tokens", "off-scale-weights", data=_data.images, learns=True)
def vision_positions_of_std_fifty():
    model = _models.ViT()
    nn.init.normal_(model.position, 0.0, 50.0)
    return model


@entry("oversized-output", "off-scale-weights", "exploding-signal", data=_data.text, learns=True)
def final_norm_of_gain_hundred():
    model = _models.GPT(tied=False)
    nn.init.constant_(model.norm.weight, 100.0)
    return model


@entry("off-scale-weights", "saturated-units", "exploding-gradient", data=_data.sentences, learns=True)
def sharp_attention():
    """Queries and keys fifty times too large: each token sees one other, and the softmax is flat."""
    model = _models.Encoder(norm_first=True)
    for layer in model.encoder.layers:
        scaled(layer.self_attn.in_proj_weight[:128], 50.0)
    return model


@entry("off-scale-weights", "oversized-output", "exploding-signal", data=_data.text, learns=True)
def llama_head_of_randn():
    model = _models.Llama()
    nn.init.normal_(model.head.weight, 0.0, 2.0)
    return model


# Recurrent


@entry("shut-forget-gates", "large-biases", data=early, learns=True)
def forget_gates_of_minus_five():
    model = _models.Recurrent(nn.LSTM)
    with torch.no_grad():
        model.rnn.bias_ih_l0[64:128] = -5.0
    return model


@entry("saturated-units", *SCALE, data=_data.rows, learns=True)
def gru_of_randn():
    return _models.drawn(_models.Recurrent(nn.GRU), lambda w: nn.init.normal_(w, 0.0, 2.0))


@entry("vanishing-signal", "vanishing-gradient", "off-scale-weights", "collapsed-signal", data=early, learns=True)
def rnn_that_forgets():
    model = _models.drawn(_models.Recurrent(nn.RNN), nn.init.xavier_uniform_)
    nn.init.normal_(model.rnn.weight_hh_l0, 0.0, 0.01)
    return model


# U-Net, and biases of heads


@entry(*SCALE, "oversized-output", data=_data.images, learns=True)
def loud_upsampling():
    model = he(_models.UNet())
    scaled(model.up.weight, 200.0)
    return model


@entry("large-biases", "oversized-output", "unset-prior", data=flags, loss="bce_with_logits", learns=True)
def prior_of_the_wrong_sign():
    model = he(_models.mlp([64, 128, 128, 1]))
    nn.init.constant_(model[4].bias, 30.0)
    return model


@entry("cloned-layers", "symmetric-units", learns=True)
def ensemble_of_copies():
    class Ensemble(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            first = _models.mlp([64, 8, 10])
            self.members = nn.ModuleList(copy.deepcopy(first) for _ in range(8))

        def forward(self, x: Tensor) -> Tensor:
            return torch.stack([member(x) for member in self.members]).mean(0)

    return Ensemble()
