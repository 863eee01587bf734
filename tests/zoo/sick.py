"""Networks whose weights are at fault. A slug in `entry` is a right name of the cause; the first is the best."""

import math

import torch
from torch import Tensor, nn

from zoo import _data
from zoo._entry import entry
from zoo._models import (
    GPT,
    Block,
    Encoder,
    Generator,
    Lora,
    Mixture,
    PostBlock,
    Recurrent,
    Residual,
    ResNet,
    UNet,
    ViT,
    convnet,
    deep,
    drawn,
    fill,
    gpt2,
    mlp,
    siren,
)

_SIGNAL = ("vanishing-signal", "vanishing-gradient", "gradient-below-epsilon", "off-scale-weights", "collapsed-signal")
_EXPLODES = ("exploding-signal", "exploding-gradient", "off-scale-weights", "oversized-output")


def _fan_in(values: Tensor) -> int:
    return values[0].numel()


def _normal(scale: float):
    """N(0, scale²/fan_in)."""
    return lambda values: nn.init.normal_(values, 0.0, scale / math.sqrt(_fan_in(values)))


# rand: all positive


@entry("non-zero-mean", learns=True)
def rand_sigmoid():
    return drawn(deep(3, 64, nn.Sigmoid), nn.init.uniform_, nn.init.uniform_)


@entry("non-zero-mean", learns=True)
def rand_tanh():
    return drawn(deep(4, 128, nn.Tanh), nn.init.uniform_)


@entry("non-zero-mean", *_EXPLODES, learns=True)
def rand_relu():
    return drawn(deep(5), nn.init.uniform_)


@entry("non-zero-mean", *_EXPLODES, learns=True)
def absolute_he():
    """|He|, as if only excitation were allowed."""
    return drawn(deep(8), lambda w: nn.init.kaiming_normal_(w).abs_())


@entry("non-zero-mean", *_EXPLODES, data=_data.images, learns=True)
def rand_convolutions():
    return drawn(convnet(6), nn.init.uniform_)


# constants


@entry("symmetric-units", "locked-parameters", learns=True)
def zeros_relu():
    return drawn(deep(3), nn.init.zeros_)


@entry("symmetric-units", "locked-parameters", learns=True)
def zeros_sigmoid():
    return drawn(deep(3, 64, nn.Sigmoid), nn.init.zeros_)


@entry("symmetric-units", "locked-parameters", learns=True)
def zeros_tanh():
    return drawn(deep(4, 64, nn.Tanh), nn.init.zeros_)


@entry("symmetric-units", learns=True)
def constant_relu():
    return drawn(deep(4), lambda w: nn.init.constant_(w, 0.01))


@entry("symmetric-units", learns=True)
def ones_tanh():
    return drawn(deep(3, 128, nn.Tanh), nn.init.ones_)


@entry("symmetric-units", "locked-parameters", data=_data.images, learns=True)
def zero_convolutions():
    return drawn(convnet(4), nn.init.zeros_)


@entry("symmetric-units", data=_data.images, learns=True)
def constant_convolutions():
    return drawn(convnet(4), lambda w: nn.init.constant_(w, 0.05))


@entry("symmetric-units", "locked-parameters", data=_data.rows, learns=True)
def zero_lstm():
    return drawn(Recurrent(nn.LSTM), nn.init.zeros_)


@entry("symmetric-units", data=_data.rows, learns=True)
def constant_gru():
    return drawn(Recurrent(nn.GRU), lambda w: nn.init.constant_(w, 0.1))


@entry("symmetric-units", "locked-parameters", data=_data.images, learns=True)
def zero_unet():
    return drawn(UNet(), nn.init.zeros_)


@entry("symmetric-units")
def copied_units():
    """Every unit of the first layers stands there twice: half of the network is wasted."""
    model = deep(4)
    with torch.no_grad():
        for layer in (model[0], model[2], model[4]):
            nn.init.kaiming_normal_(layer.weight)
            half = len(layer.weight) // 2
            layer.weight[half:] = layer.weight[:half]
            layer.bias.zero_()
        for layer in (model[2], model[4], model[6]):
            half = layer.weight.shape[1] // 2
            layer.weight[:, half:] = layer.weight[:, :half]
    return model


@entry("locked-parameters", "symmetric-units")
def lora_of_zeros():
    """A = B = 0: neither ever gets a gradient."""
    model = mlp([64, 64, 10])
    model[0] = Lora(model[0])
    nn.init.zeros_(model[0].a)
    for values in model[2].parameters():
        values.requires_grad_(False)
    return model


class _Gated(nn.Module):
    """f(x) · relu(gate(x)) + x, with a gate of zeros: relu'(0) = 0, and the gate stays shut."""

    def __init__(self) -> None:
        super().__init__()
        self.value, self.gate = nn.Linear(64, 64), nn.Linear(64, 64)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.value(x) * torch.relu(self.gate(x))


@entry("locked-parameters", "symmetric-units", "dead-units")
def shut_gate():
    return nn.Sequential(nn.Linear(64, 64), _Gated(), nn.Linear(64, 10))


# too large


@entry("saturated-units", "off-scale-weights", learns=True)
def randn_tanh():
    return drawn(deep(4, 256, nn.Tanh), nn.init.normal_)


@entry("saturated-units", "off-scale-weights", learns=True)
def randn_sigmoid():
    return drawn(deep(4, 256, nn.Sigmoid), nn.init.normal_)


@entry(*_EXPLODES, learns=True)
def randn_relu():
    return drawn(deep(8, 256), nn.init.normal_)


@entry("saturated-units", "off-scale-weights", learns=True)
def multiplied_by_the_root():
    """randn / sqrt(1/n), which a widely read answer gives."""
    return drawn(deep(3, 128, nn.Tanh), lambda w: nn.init.normal_(w, 0.0, math.sqrt(_fan_in(w))))


@entry("saturated-units", "exploding-gradient", learns=True)
def gain_of_five():
    return drawn(deep(10, 128, nn.Tanh), _normal(5.0))


@entry(*_EXPLODES, learns=True)
def centred_rand_relu():
    """rand - 0.5, 512 units wide."""
    return drawn(deep(7, 512), lambda w: nn.init.uniform_(w, -0.5, 0.5))


@entry(*_EXPLODES, data=_data.images, learns=True)
def kernel_size_forgotten():
    """sqrt(2/channels) instead of sqrt(2/(9·channels)): three times too large, ten times over."""
    return drawn(convnet(10), lambda w: nn.init.normal_(w, 0.0, math.sqrt(2 / w.shape[1])))


@entry(*_EXPLODES, data=_data.images, learns=True)
def randn_convolutions():
    return drawn(convnet(6), nn.init.normal_)


@entry("residual-growth", *_EXPLODES, data=_data.images, learns=True)
def unscaled_residuals():
    """He's weights in forty blocks without norm: the variance doubles in each."""
    model = ResNet(40, norm=False)
    fill(model, nn.init.kaiming_normal_, nn.init.zeros_)
    return model


@entry("oversized-output", "residual-growth", "off-scale-weights", data=_data.text, learns=True)
def tied_embedding_of_randn():
    """torch's N(0, 1) embedding, read again as the head."""
    return GPT(4, 256)


@entry("residual-growth", "oversized-output", "off-scale-weights", data=_data.text, learns=True)
def transformer_of_std_one():
    return gpt2(GPT(6, 128), std=1.0, scaled=False)


@entry("oversized-output", "off-scale-weights", learns=True)
def oversized_head():
    model = deep(4)
    fill(model, nn.init.kaiming_normal_, nn.init.zeros_)
    nn.init.normal_(model[-1].weight, 0.0, 3.0)
    return model


@entry("oversized-output", learns=True)
def oversized_head_bias():
    """One class is all but certain, before anything was seen."""
    model = deep(3)
    fill(model, nn.init.kaiming_normal_, nn.init.zeros_)
    nn.init.normal_(model[-1].bias, 0.0, 30.0)
    return model


@entry("saturated-units", "off-scale-weights", data=_data.rows, learns=True)
def randn_lstm():
    return drawn(Recurrent(nn.LSTM, 256), nn.init.normal_)


@entry("saturated-units", "off-scale-weights", "exploding-gradient", data=_data.rows, learns=True)
def rnn_of_gain_five():
    return drawn(Recurrent(nn.RNN, 128), _normal(5.0))


@entry("exploding-gradient", "off-scale-weights", "exploding-signal", data=_data.picture, loss="mse", learns=True)
def siren_without_omega():
    """U(±sqrt(6/n)) in front of sin(30 z): the division by 30 was forgotten."""
    return drawn(siren(5), lambda w: nn.init.uniform_(w, -math.sqrt(6 / _fan_in(w)), math.sqrt(6 / _fan_in(w))))


@entry("saturated-units", "off-scale-weights", data=_data.noise, loss="mse", learns=True)
def generator_of_randn():
    return drawn(Generator(norm=False), nn.init.normal_)


@entry("saturated-units", "off-scale-weights", data=_data.copies, loss="mse", learns=True)
def autoencoder_of_randn():
    return drawn(mlp([64, 256, 16, 256, 64], nn.Sigmoid), nn.init.normal_)


# too small


@entry(*_SIGNAL, learns=True)
def small_tanh():
    return drawn(deep(10, 128, nn.Tanh), lambda w: nn.init.normal_(w, 0.0, 0.01))


@entry(*_SIGNAL, learns=True)
def small_relu():
    return drawn(deep(8), lambda w: nn.init.normal_(w, 0.0, 0.01))


@entry(*_SIGNAL, learns=True)
def torch_default_thirty_deep():
    return deep(30)


@entry(*_SIGNAL, learns=True)
def glorot_relu_fifty_deep():
    return drawn(deep(50), nn.init.xavier_normal_)


@entry(*_SIGNAL)
def twenty_sigmoids():
    """No scale helps: the fault is the activation."""
    return drawn(deep(20, 128, nn.Sigmoid), _normal(1.0))


@entry(*_SIGNAL, learns=True)
def variance_as_std():
    return drawn(deep(5), lambda w: nn.init.normal_(w, 0.0, 2 / _fan_in(w)))


class _Grouped(nn.Sequential):
    """Twelve depthwise-separable layers without norm."""

    def __init__(self, width: int = 64) -> None:
        layers: list[nn.Module] = [nn.Conv2d(1, width, 3, padding=1), nn.ReLU()]
        for _ in range(6):
            layers += [nn.Conv2d(width, width, 3, padding=1, groups=width), nn.Conv2d(width, width, 1), nn.ReLU()]
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))


@entry(*_SIGNAL, data=_data.images, learns=True)
def fan_out_of_depthwise():
    """He by fan_out, which torch counts without the groups: 64 times the variance too little, in six layers."""
    return drawn(_Grouped(), lambda w: nn.init.kaiming_normal_(w, mode="fan_out"))


@entry(*_SIGNAL, data=_data.images, learns=True)
def small_convolutions():
    return drawn(convnet(8), lambda w: nn.init.normal_(w, 0.0, 0.01))


@entry(*_SIGNAL, data=_data.copies, loss="mse", learns=True)
def small_autoencoder():
    return drawn(mlp([64, 128, 64, 16, 64, 128, 64], nn.Tanh), lambda w: nn.init.normal_(w, 0.0, 0.01))


@entry(*_SIGNAL, data=_data.noise, loss="mse", learns=True)
def small_generator():
    return drawn(Generator(norm=False), lambda w: nn.init.normal_(w, 0.0, 0.001))


# broken, dead, copied


@entry("non-finite-weights", "uninitialised-memory")
def one_nan():
    model = deep(4)
    with torch.no_grad():
        model[2].weight[3, 5] = math.nan
    return model


class _Forgotten(nn.Module):
    """A layer by hand, whose weight nobody draws."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(64, 64).fill_(3e37))  # what such memory may hold

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight


@entry("non-finite-weights", "uninitialised-memory")
def forgotten_weight():
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), _Forgotten(), nn.ReLU(), nn.Linear(64, 10))


@entry("dead-units", learns=True)
def dead_relu():
    return drawn(deep(4), nn.init.kaiming_normal_, lambda b: nn.init.constant_(b, -10.0))


@entry("dead-units", data=_data.images, learns=True)
def dead_convolutions():
    return drawn(convnet(4), nn.init.kaiming_normal_, lambda b: nn.init.constant_(b, -10.0))


@entry("cloned-layers", data=_data.sentences)
def cloned_encoder():
    """nn.TransformerEncoder copies the layer that it is given."""
    return Encoder(3)


@entry("cloned-layers")
def cloned_experts():
    return Mixture(clones=True)


@entry("collapsed-signal", "vanishing-gradient", "vanishing-signal", data=_data.text)
def attention_without_skips():
    """Dong 2021: the tokens become one."""

    class Bare(Block):
        def forward(self, x: Tensor) -> Tensor:
            return self.down(nn.functional.gelu(self.up(self.attention(x))))

    return gpt2(GPT(8, 64, tied=False, block=Bare), scaled=False)


@entry("too-deep-for-width", *_SIGNAL, *_EXPLODES, "dead-units")
def narrow_and_deep():
    """Forty layers of five units: no scale helps (Hanin & Rolnick 2018)."""
    return drawn(deep(40, 5), nn.init.kaiming_normal_)


@entry("residual-growth", *_EXPLODES, learns=True)
def residual_mlp_of_randn():
    model = nn.Sequential(*(Residual(mlp([64, 64, 64])) for _ in range(12)), nn.Linear(64, 10))
    fill(model, lambda w: nn.init.normal_(w, 0.0, 0.5), nn.init.zeros_)
    return model


@entry("saturated-units", "collapsed-signal", "off-scale-weights", "oversized-output", data=_data.images, learns=True)
def vision_transformer_of_std_one():
    model = ViT(4)
    fill(model, nn.init.normal_, nn.init.zeros_)
    return model


@entry("off-scale-weights", "oversized-output", "residual-growth", "saturated-units", data=_data.text, learns=True)
def post_norm_of_std_one():
    return gpt2(GPT(4, 64, tied=False, block=PostBlock), std=1.0, scaled=False)
