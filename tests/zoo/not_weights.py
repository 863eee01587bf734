"""Networks whose weights are fine: the data, the loss, the labels or the learning rate are at fault."""

import torch
from torch import Tensor, nn

from zoo import _data
from zoo._entry import entry
from zoo._models import GPT, ResNet, convnet, deep, drawn, gpt2, mlp

_RATE = ("learning-rate",)
_INPUT = ("unscaled-input",)
_LOSS = ("loss-mismatch", "oversized-output", "unscaled-targets")


def _good() -> nn.Sequential:
    return drawn(deep(4), nn.init.kaiming_normal_)


def _scaled(factor: float, shift: float = 0.0):
    def data(count: int) -> tuple[Tensor, Tensor]:
        x, y = _data.digits(count)
        return factor * (x - x.min()) / (x.max() - x.min()) + shift, y

    return data


@entry(*_RATE, optimizer="sgd", lr=100.0)
def rate_of_a_hundred():
    return _good()


@entry(*_RATE, optimizer="adam", lr=10.0)
def adam_rate_of_ten():
    return _good()


@entry(*_RATE, optimizer="sgd", lr=1e-10)
def rate_of_nothing():
    return _good()


@entry(*_RATE, optimizer="sgd", lr=300.0, data=_data.images)
def resnet_with_a_rate_of_three_hundred():
    return ResNet()


@entry(*_RATE, optimizer="adamw", lr=3.0, data=_data.text)
def gpt_with_a_rate_of_three():
    return gpt2(GPT(4))


@entry(*_INPUT, data=_scaled(255.0))
def pixels_up_to_255():
    return _good()


@entry(*_INPUT, data=_scaled(255.0))
def pixels_up_to_255_tanh():
    return drawn(deep(4, 128, nn.Tanh), nn.init.xavier_normal_)


@entry(*_INPUT, data=_scaled(1 / 255))
def pixels_divided_twice():
    return _good()


@entry(*_INPUT, data=_scaled(1.0, 1000.0))
def inputs_far_from_zero():
    return _good()


def _one_large(count: int) -> tuple[Tensor, Tensor]:
    x, y = _data.digits(count)
    x = x.clone()
    x[:, 3] = 1e5 * torch.randn(count, generator=torch.Generator().manual_seed(0))
    return x, y


@entry(*_INPUT, data=_one_large)
def one_feature_in_other_units():
    return _good()


@entry(*_INPUT, data=lambda count: (255 * _data.images(count)[0].clamp(0, 1), _data.images(count)[1]))
def bright_images():
    return drawn(convnet(4), nn.init.kaiming_normal_)


@entry(*_LOSS)
def softmax_before_cross_entropy():
    return nn.Sequential(*_good(), nn.Softmax(-1))


@entry(*_LOSS, loss="nll")
def logits_into_nll():
    return _good()


def _binary(count: int) -> tuple[Tensor, Tensor]:
    x, y = _data.digits(count)
    return x, (y % 2).float()[:, None]


@entry(*_LOSS, data=_binary, loss="bce")
def softmax_of_one_unit():
    return nn.Sequential(*mlp([64, 64, 1]), nn.Softmax(-1))


@entry(*_LOSS, data=_binary, loss="bce_with_logits")
def sigmoid_before_logits():
    return nn.Sequential(*mlp([64, 64, 1]), nn.Sigmoid())


def _prices(count: int) -> tuple[Tensor, Tensor]:
    x, _ = _data.digits(count)
    return x, 250_000 + 80_000 * x[:, 10:11]


@entry(*_LOSS, data=_prices, loss="mse")
def prices_as_targets():
    return drawn(mlp([64, 64, 64, 1]), nn.init.kaiming_normal_)


def _negative(count: int) -> tuple[Tensor, Tensor]:
    x, _ = _data.digits(count)
    return x, -3 - x[:, 10:11].abs()


@entry(*_LOSS, data=_negative, loss="mse")
def targets_beyond_a_sigmoid():
    return nn.Sequential(*drawn(mlp([64, 64, 1]), nn.init.kaiming_normal_), nn.Sigmoid())


def _sum(output: Tensor, target: Tensor) -> Tensor:
    return nn.functional.cross_entropy(output, target, reduction="sum")


@entry("learning-rate", "loss-mismatch", loss=_sum, optimizer="sgd", lr=1.0)
def summed_loss():
    return _good()
