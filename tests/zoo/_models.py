"""The architectures of the zoo, each with the default initialization of its layers."""

import copy
import itertools
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


def mlp(widths: Sequence[int], activation: Callable[[], nn.Module] = nn.ReLU) -> nn.Sequential:
    layers: list[nn.Module] = []
    for i, (before, after) in enumerate(itertools.pairwise(widths)):
        layers.append(nn.Linear(before, after))
        if i < len(widths) - 2:
            layers.append(activation())
    return nn.Sequential(*layers)


def deep(depth: int, width: int = 128, activation: Callable[[], nn.Module] = nn.ReLU) -> nn.Sequential:
    """64-width-...-width-10 with so many weight layers."""
    return mlp([64, *[width] * (depth - 1), 10], activation)


def fill(model: nn.Module, weight: Callable[[Tensor], object], bias: Callable[[Tensor], object] | None = None) -> None:
    """Draw every weight of two or more axes anew, and every bias."""
    with torch.no_grad():
        for name, values in model.named_parameters():
            if values.ndim > 1:
                weight(values)
            elif "bias" in name and bias is not None:
                bias(values)


def drawn(model: nn.Module, weight: Callable[[Tensor], object], bias: Callable[[Tensor], object] | None = None):
    fill(model, weight, bias or nn.init.zeros_)
    return model


def convnet(depth: int = 4, width: int = 32, norm: bool = False, channels: int = 1) -> nn.Sequential:
    layers: list[nn.Module] = []
    for i in range(depth):
        layers.append(nn.Conv2d(channels if i == 0 else width, width, 3, padding=1, bias=not norm))
        layers += [nn.BatchNorm2d(width), nn.ReLU()] if norm else [nn.ReLU()]
        if i in (1, 3):
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))


class LeNet(nn.Module):
    """All activations by functions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(64, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = functional.relu(self.fc1(x.flatten(1)))
        return self.fc3(functional.relu(self.fc2(x)))


class BasicBlock(nn.Module):
    def __init__(self, width: int, norm: bool = True, groups: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False, groups=groups)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False, groups=groups)
        self.bn1, self.bn2 = (nn.BatchNorm2d(width) if norm else nn.Identity() for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.bn1(self.conv1(x)), inplace=True)
        return functional.relu(self.bn2(self.conv2(y)) + x)


class ResNet(nn.Module):
    def __init__(self, blocks: int = 6, width: int = 16, norm: bool = True, groups: int = 1) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, width, 3, padding=1, bias=not norm)
        self.norm = nn.BatchNorm2d(width) if norm else nn.Identity()
        self.blocks = nn.Sequential(*(BasicBlock(width, norm, groups) for _ in range(blocks)))
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(functional.relu(self.norm(self.stem(x)))).mean((2, 3)))


class Residual(nn.Module):
    """x + alpha · f(x), alpha a parameter (ReZero, SkipInit) or 1."""

    def __init__(self, branch: nn.Module, alpha: float | None = None) -> None:
        super().__init__()
        self.branch = branch
        self.alpha = None if alpha is None else nn.Parameter(torch.tensor(alpha))

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch(x)
        return x + (y if self.alpha is None else self.alpha * y)


class Attention(nn.Module):
    """Written out: fused QKV, softmax, projection."""

    def __init__(self, width: int, heads: int, causal: bool) -> None:
        super().__init__()
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.heads, self.causal = heads, causal

    def forward(self, x: Tensor) -> Tensor:
        batch, time, width = x.shape
        q, k, v = self.qkv(x).view(batch, time, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)
        if self.causal:
            scores = scores.masked_fill(
                torch.ones(time, time, dtype=torch.bool, device=scores.device).triu(1), -math.inf
            )
        return self.proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, time, width))


class Block(nn.Module):
    """Pre-norm."""

    def __init__(self, width: int, heads: int, causal: bool) -> None:
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, causal)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.ln1(x))
        return x + self.down(functional.gelu(self.up(self.ln2(x))))


class PostBlock(Block):
    def forward(self, x: Tensor) -> Tensor:
        x = self.ln1(x + self.attention(x))
        return self.ln2(x + self.down(functional.gelu(self.up(x))))


class GPT(nn.Module):
    def __init__(self, depth: int = 4, width: int = 64, tied: bool = True, block: type[Block] = Block) -> None:
        super().__init__()
        self.wte, self.wpe = nn.Embedding(48, width), nn.Embedding(32, width)
        self.blocks = nn.ModuleList(block(width, 4, True) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 48, bias=False)
        if tied:
            self.head.weight = self.wte.weight

    def forward(self, ids: Tensor) -> Tensor:
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1], device=ids.device))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def gpt2(model: GPT, std: float = 0.02, scaled: bool = True) -> GPT:
    """Radford 2019: N(0, 0.02²), the outputs of the branches divided by sqrt(2 · depth)."""
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            is_output = name.endswith(("proj", "down")) and scaled
            nn.init.normal_(module.weight, 0.0, std / math.sqrt(2 * len(model.blocks)) if is_output else std)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
    return model


class RMSNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


class LlamaBlock(nn.Module):
    """RMS norm, gated feedforward, no biases."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = RMSNorm(width), RMSNorm(width)
        self.q, self.k, self.v, self.o = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.gate, self.up = (nn.Linear(width, 2 * width, bias=False) for _ in range(2))
        self.down = nn.Linear(2 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(x)
        q, k, v = (part(y).unflatten(-1, (4, -1)).transpose(1, 2) for part in (self.q, self.k, self.v))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
        x = x + self.o(y)
        y = self.norm2(x)
        return x + self.down(functional.silu(self.gate(y)) * self.up(y))


class Llama(nn.Module):
    def __init__(self, depth: int = 4, width: int = 64) -> None:
        super().__init__()
        self.embed = nn.Embedding(48, width)
        self.layers = nn.ModuleList(LlamaBlock(width) for _ in range(depth))
        self.norm, self.head = RMSNorm(width), nn.Linear(width, 48, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x))


class ViT(nn.Module):
    def __init__(self, depth: int = 4, width: int = 64) -> None:
        super().__init__()
        self.patch = nn.Conv2d(1, width, 4, 4)
        self.token, self.position = nn.Parameter(torch.zeros(1, 1, width)), nn.Parameter(torch.zeros(1, 17, width))
        self.blocks = nn.Sequential(*(Block(width, 4, False) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)
        nn.init.trunc_normal_(self.position, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.position
        return self.head(self.norm(self.blocks(x))[:, 0])


class Recurrent(nn.Module):
    """Rows of an image, one after the other; the last state is classified."""

    def __init__(self, kind: type[nn.RNNBase], width: int = 64, **options: object) -> None:
        super().__init__()
        self.rnn = kind(16, width, batch_first=True, **options)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.rnn(x)[0][:, -1])


class Encoder(nn.Module):
    """torch's own, over letters."""

    def __init__(self, depth: int = 3, xavier: bool = False, **options: object) -> None:
        super().__init__()
        self.embed = nn.Embedding(48, 64)
        layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True, **options)
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.head = nn.Linear(64, 2)
        if xavier:
            for values in self.encoder.parameters():
                if values.ndim > 1:
                    nn.init.xavier_uniform_(values)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.encoder(self.embed(ids)).mean(1))


class UNet(nn.Module):
    """Two levels with a skip by concatenation; classified by its mean."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.down1, self.down2 = nn.Conv2d(1, width, 3, padding=1), nn.Conv2d(width, 2 * width, 3, 2, 1)
        self.up = nn.ConvTranspose2d(2 * width, width, 2, 2)
        self.mix, self.out = nn.Conv2d(2 * width, width, 3, padding=1), nn.Conv2d(width, 10, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = functional.relu(self.down1(x))
        b = functional.relu(self.down2(a))
        c = torch.cat([a, functional.relu(self.up(b))], 1)
        return self.out(functional.relu(self.mix(c))).mean((2, 3))


class Generator(nn.Module):
    """DCGAN (Radford 2016): transposed convolutions, batch norm, tanh."""

    def __init__(self, width: int = 32, norm: bool = True) -> None:
        super().__init__()
        norms = (lambda n: nn.BatchNorm2d(n)) if norm else (lambda n: nn.Identity())
        self.body = nn.Sequential(
            nn.ConvTranspose2d(32, 2 * width, 4, 1, 0, bias=False), norms(2 * width), nn.ReLU(True),
            nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False), norms(width), nn.ReLU(True),
            nn.ConvTranspose2d(width, 1, 4, 2, 1, bias=False), nn.Tanh(),
        )  # fmt: skip

    def forward(self, code: Tensor) -> Tensor:
        return self.body(code[:, :, None, None])


def discriminator(width: int = 32) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * width), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(2 * width, 10, 4), nn.Flatten(),
    )  # fmt: skip


def dcgan(model: nn.Module) -> nn.Module:
    """N(0, 0.02²) for weights, N(1, 0.02²) for the scale of batch norm."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
    return model


class Sine(nn.Module):
    def __init__(self, omega: float = 30.0) -> None:
        super().__init__()
        self.omega = omega

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(self.omega * x)


def siren(depth: int = 4, width: int = 64, omega: float = 30.0) -> nn.Sequential:
    return mlp([2, *[width] * (depth - 1), 1], lambda: Sine(omega))


class Mixture(nn.Module):
    """Four experts, all of which answer, weighted by a softmax router."""

    def __init__(self, clones: bool = False) -> None:
        super().__init__()
        first = mlp([64, 64, 64])
        self.router = nn.Linear(64, 4)
        self.experts = nn.ModuleList(copy.deepcopy(first) if clones else mlp([64, 64, 64]) for _ in range(4))
        self.head = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        share = self.router(x).softmax(-1)
        return self.head(sum(share[:, i, None] * expert(x) for i, expert in enumerate(self.experts)))


class Lora(nn.Module):
    """Hu 2022: a frozen layer plus B·A of rank 4."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.a = nn.Parameter(torch.randn(4, base.in_features) / math.sqrt(base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + functional.linear(functional.linear(x, self.a), self.b)
