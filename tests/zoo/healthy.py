"""Networks that start well, however odd their weights look: no error may be found in them."""

import math

import torch
from torch import Tensor, nn

from zoo import _data
from zoo._entry import entry
from zoo._models import (
    GPT,
    Encoder,
    Generator,
    LeNet,
    Llama,
    Lora,
    Mixture,
    PostBlock,
    Recurrent,
    Residual,
    ResNet,
    UNet,
    ViT,
    convnet,
    dcgan,
    deep,
    discriminator,
    drawn,
    fill,
    gpt2,
    mlp,
    siren,
)


def _he(values: Tensor) -> Tensor:
    return nn.init.kaiming_normal_(values)


def _lecun(values: Tensor) -> Tensor:
    return nn.init.normal_(values, 0.0, 1 / math.sqrt(values[0].numel()))


@entry()
def softmax_regression_of_zeros():
    """Convex: zeros are as good as anything."""
    return drawn(nn.Sequential(nn.Linear(64, 10)), nn.init.zeros_)


@entry()
def one_hidden_layer():
    return mlp([64, 128, 10])


@entry()
def torch_default():
    return deep(4)


@entry()
def he_relu_10():
    return drawn(deep(10), _he)


@entry()
def he_relu_50():
    return drawn(deep(50, 256), _he)


@entry()
def he_leaky():
    return drawn(deep(12, 128, lambda: nn.LeakyReLU(0.2)), lambda w: nn.init.kaiming_normal_(w, a=0.2))


@entry()
def glorot_tanh_10():
    return drawn(deep(10, 128, nn.Tanh), nn.init.xavier_uniform_)


@entry()
def orthogonal_tanh_100():
    return drawn(deep(100, 128, nn.Tanh), nn.init.orthogonal_)


@entry()
def selu_20():
    return drawn(deep(20, 128, nn.SELU), _lecun)


@entry()
def elu_8():
    return drawn(deep(8, 128, nn.ELU), _he)


@entry()
def gelu_6():
    return drawn(deep(6, 128, nn.GELU), _he)


@entry()
def silu_torch_default():
    return deep(4, 128, nn.SiLU)


@entry()
def one_sigmoid_layer():
    return mlp([64, 64, 10], nn.Sigmoid)


@entry()
def two_sigmoid_layers():
    return drawn(deep(3, 64, nn.Sigmoid), nn.init.xavier_normal_)


@entry()
def keras_default():
    return drawn(deep(5), nn.init.xavier_uniform_)


@entry()
def wide():
    return drawn(deep(4, 2048), _he)


@entry()
def narrow():
    return drawn(deep(3, 12), _he)


@entry()
def zero_head():
    model = drawn(deep(5), _he)
    nn.init.zeros_(model[-1].weight)
    return model


@entry()
def small_head():
    model = drawn(deep(5), _he)
    nn.init.normal_(model[-1].weight, 0.0, 0.001)
    return model


@entry()
def slightly_positive_biases():
    return drawn(deep(5), _he, lambda b: nn.init.constant_(b, 0.01))


@entry()
def looks_linear_identity():
    """Square layers of the identity, between random ones."""
    model = drawn(deep(6, 64), nn.init.eye_)
    nn.init.kaiming_normal_(model[0].weight)
    nn.init.kaiming_normal_(model[-1].weight)
    return model


@entry()
def mup_multilayer():
    """Yang 2022: hidden 1/fan_in, readout of zeros."""
    model = drawn(deep(4, 512), _he)
    nn.init.zeros_(model[-1].weight)
    return model


@entry(data=_data.images)
def lenet():
    return LeNet()


@entry(data=_data.images)
def vgg_he():
    return drawn(convnet(8), _he)


@entry(data=_data.images)
def vgg_batch_norm():
    return convnet(8, norm=True)


@entry(data=_data.images)
def batch_norm_thrice_too_large():
    return drawn(convnet(6, norm=True), lambda w: nn.init.kaiming_normal_(w).mul_(3))


@entry(data=_data.images)
def batch_norm_a_tenth():
    return drawn(convnet(6, norm=True), lambda w: nn.init.kaiming_normal_(w).mul_(0.1))


@entry(data=_data.images)
def resnet():
    return ResNet()


@entry(data=_data.images)
def resnet_forty_blocks():
    return ResNet(40)


@entry(data=_data.images)
def zero_gamma():
    """Goyal 2017: the last scale of each branch is 0."""
    model = ResNet(6)
    for block in model.blocks:
        nn.init.zeros_(block.bn2.weight)
    return model


@entry(data=_data.images)
def fixup():
    """Zhang 2019: He · L^(-1/2), zeros at the end of each branch and in the head."""
    model = ResNet(8, norm=False)
    fill(model, _he, nn.init.zeros_)
    with torch.no_grad():
        for block in model.blocks:
            block.conv1.weight.mul_(8**-0.5)
            nn.init.zeros_(block.conv2.weight)
    nn.init.zeros_(model.head.weight)
    return model


@entry(data=_data.images)
def resnext():
    return ResNet(4, groups=8)


@entry()
def rezero():
    return nn.Sequential(*(Residual(mlp([64, 64, 64]), 0.0) for _ in range(20)), nn.Linear(64, 10))


@entry()
def skip_of_default_layers():
    return nn.Sequential(*(Residual(mlp([64, 64, 64])) for _ in range(8)), nn.Linear(64, 10))


@entry(data=_data.images)
def unet():
    return UNet()


@entry(data=_data.noise, loss="mse")
def dcgan_generator():
    return dcgan(Generator())


@entry(data=_data.images)
def dcgan_discriminator():
    return dcgan(discriminator())


@entry(data=_data.copies, loss="mse")
def autoencoder():
    return mlp([64, 64, 8, 64, 64], nn.Tanh)


@entry(data=_data.picture, loss="mse")
def siren_of_sitzmann():
    model = siren(4)
    with torch.no_grad():
        for i, layer in enumerate(module for module in model if isinstance(module, nn.Linear)):
            bound = 1 / layer.in_features if i == 0 else math.sqrt(6 / layer.in_features) / 30
            layer.weight.uniform_(-bound, bound)
    return model


@entry(data=_data.text)
def gpt2_depth_scaled():
    return gpt2(GPT(6))


@entry(data=_data.text)
def gpt2_not_scaled():
    """As many ship it; in six blocks the stream grows a little more."""
    return gpt2(GPT(6), scaled=False)


@entry(data=_data.text)
def post_norm_bert():
    return gpt2(GPT(4, tied=False, block=PostBlock), scaled=False)


@entry(data=_data.text)
def llama():
    model = Llama()
    fill(model, lambda w: nn.init.normal_(w, 0.0, 0.02))
    return model


@entry(data=_data.text)
def llama_of_torch_default():
    return Llama()


@entry(data=_data.images)
def vision_transformer():
    model = ViT()
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.trunc_normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)
    return model


@entry(data=_data.images)
def vision_transformer_of_torch_default():
    return ViT()


@entry(data=_data.sentences)
def torch_encoder_xavier():
    return Encoder(3, xavier=True)


@entry(data=_data.sentences)
def torch_encoder_norm_first():
    return Encoder(2, xavier=True, norm_first=True, activation="gelu")


@entry(data=_data.rows)
def lstm():
    return Recurrent(nn.LSTM)


@entry(data=_data.rows)
def lstm_forget_bias_one():
    model = Recurrent(nn.LSTM, 64)
    with torch.no_grad():
        model.rnn.bias_hh_l0[64:128].fill_(1.0)
    return model


@entry(data=_data.rows)
def gru_two_layers():
    return Recurrent(nn.GRU, 64, num_layers=2)


@entry(data=_data.rows)
def identity_rnn():
    """Le 2015: recurrent weights of the identity, ReLU."""
    model = Recurrent(nn.RNN, 64, nonlinearity="relu")
    nn.init.eye_(model.rnn.weight_hh_l0)
    nn.init.normal_(model.rnn.weight_ih_l0, 0.0, 0.001)
    nn.init.zeros_(model.rnn.bias_hh_l0)
    nn.init.zeros_(model.rnn.bias_ih_l0)
    return model


@entry()
def lora():
    """B = 0 beside a frozen layer."""
    model = mlp([64, 64, 64, 10])
    model[0], model[2] = Lora(model[0]), Lora(model[2])
    return model


@entry()
def mixture_of_experts():
    return Mixture()


@entry()
def frozen_backbone():
    """All but a new head is frozen."""
    model = drawn(deep(6), _he)
    for values in model[:-1].parameters():
        values.requires_grad_(False)
    return model


@entry()
def weight_norm():
    model = deep(4)
    for module in list(model):
        if isinstance(module, nn.Linear):
            nn.utils.parametrizations.weight_norm(module)
    return model


@entry(data=_data.images)
def spectral_norm():
    model = discriminator()
    for module in list(model):
        if isinstance(module, nn.Conv2d):
            nn.utils.parametrizations.spectral_norm(module)
    return model


@entry(data=_data.images)
def delta_orthogonal():
    """Xiao 2018: an orthogonal matrix in the middle of each kernel and zeros around it, times sqrt(2) for ReLU."""
    model = convnet(8)
    with torch.no_grad():
        for module in model[1:]:
            if isinstance(module, nn.Conv2d):
                module.weight.zero_()
                module.weight[:, :, 1, 1] = math.sqrt(2) * nn.init.orthogonal_(torch.empty(32, 32))
    nn.init.kaiming_normal_(model[0].weight)
    return model


@entry(data=_data.sentences)
def bag_of_embeddings():
    """N(0, 1), torch's default, averaged."""

    class Bag(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.head = nn.EmbeddingBag(48, 32), nn.Linear(32, 2)

        def forward(self, ids: Tensor) -> Tensor:
            return self.head(self.embed(ids))

    return Bag()


@entry()
def trained():
    """Weights after two hundred steps: no first draw, and no fault."""
    model = drawn(deep(4), _he)
    x, y = _data.digits(512)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(200):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


@entry()
def batch_norm_multilayer():
    layers = []
    for module in deep(10):
        layers.append(module)
        if isinstance(module, nn.Linear) and module.out_features == 128:
            layers.append(nn.BatchNorm1d(128))
    return nn.Sequential(*layers)


@entry(data=_data.images)
def mixer():
    """Tokens and channels mixed in turn (Tolstikhin 2021)."""

    class Turned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mix = mlp([16, 32, 16], nn.GELU)

        def forward(self, x: Tensor) -> Tensor:
            return self.mix(x.transpose(1, 2)).transpose(1, 2)

    blocks = [
        Residual(nn.Sequential(nn.LayerNorm(32), part))
        for _ in range(3)
        for part in (Turned(), mlp([32, 64, 32], nn.GELU))
    ]
    return nn.Sequential(nn.Conv2d(1, 32, 4, 4), nn.Flatten(2), _Transpose(), *blocks, _Mean(), nn.Linear(32, 10))


class _Transpose(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2)


class _Mean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1)
