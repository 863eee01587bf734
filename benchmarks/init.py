"""Does `signal` train at least as well as each framework's default, and better where networks are deep?

    python benchmarks/init.py [--seeds 6] [--epochs 2] [--only mlp]

Plain networks on the embedded 6,000 handwritten digits, by `fanin.compare`: dense ones of 100 units with ReLU, GELU and
tanh, 3 layers, and with ReLU 10 and 30; convolutions of 16 channels, 4 layers; a small pre-norm transformer on 16
patches. Each is trained with Adam in batches of 100 under each recipe; all arms of a seed share the data's order and
the bits of the weights. The learning rate of each arm is the one of four that does best on held-out training examples.
Printed is the test accuracy in %, its rate in brackets; and by how much `signal` is ahead of each other recipe, with
the paired 95 % bootstrap interval over the seeds.
"""

import argparse
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

import fanin

RECIPES = ("signal", "torch", "keras", "flax")
RATES = (3e-4, 1e-3, 3e-3, 1e-2)
ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh}


def mlp(depth: int, activation: str) -> nn.Module:
    """Dense layers of 100 units."""
    sizes = [784, *[100] * (depth - 1), 10]
    layers = [(nn.Linear(*pair), ACTIVATIONS[activation]()) for pair in itertools.pairwise(sizes)]
    return nn.Sequential(nn.Flatten(), *[layer for pair in layers for layer in pair][:-1])


def conv(depth: int, activation: str) -> nn.Module:
    """Plain convolutions of 16 channels, two of which halve the image, and a dense output layer."""
    layers: list[nn.Module] = [nn.Unflatten(1, (1, 28, 28))]
    for i in range(depth - 1):
        layers += [nn.Conv2d(16 if i else 1, 16, 3, stride=2 if i < 2 else 1, padding=1), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10))


class Block(nn.Module):
    """Attention and feed-forward, each behind a norm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """One block of four heads."""
        q, k, v = (part.unflatten(-1, (4, -1)).transpose(1, 2) for part in self.qkv(self.ln1(x)).chunk(3, -1))
        scores = torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5, -1)
        x = x + self.out((scores @ v).transpose(1, 2).flatten(2))
        return x + self.down(nn.functional.gelu(self.up(self.ln2(x))))


class Transformer(nn.Module):
    """16 patches of 7x7 pixels, so many blocks of width 32, their mean."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.cut = nn.Unfold(7, stride=7)
        self.patch = nn.Linear(49, 32)
        self.places = nn.Parameter(torch.zeros(1, 16, 32))
        self.blocks = nn.Sequential(*(Block(32) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(32), nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        patches = self.cut(x.unflatten(1, (1, 28, 28)) if x.ndim == 2 else x).transpose(1, 2)
        return self.head(self.norm(self.blocks(self.patch(patches) + self.places)).mean(1))


def transformer(depth: int, activation: str) -> nn.Module:
    """With GELU; the name of the activation is for the table alone."""
    assert activation == "gelu"
    return Transformer(depth)


NETWORKS: tuple[tuple[Callable[[int, str], nn.Module], str, int], ...] = (
    (mlp, "relu", 3),
    (mlp, "gelu", 3),
    (mlp, "tanh", 3),
    (mlp, "relu", 10),
    (mlp, "relu", 30),
    (conv, "relu", 4),
    (transformer, "gelu", 2),
)


def row(arms: list[Mapping[str, Any]], pairs: list[Mapping[str, Any]]) -> Iterator[str]:
    """Accuracies of all recipes, then what `signal` is ahead of the others."""
    by_name = {arm["init"]: arm for arm in arms}
    for recipe in RECIPES:
        arm = by_name[recipe]
        yield f"{100 * arm['summary']['final_accuracy']['mean']:.1f} ({arm['lr']:g})"
    for recipe in RECIPES[1:]:
        pair = next(pair for pair in pairs if {pair["better"], pair["worse"]} == {"signal", recipe})
        low, mean, high = (100 * pair["difference"][key] for key in ("low", "mean", "high"))
        if pair["better"] != "signal":
            low, mean, high = -high, -mean, -low
        yield f"{mean:+.1f} [{low:+.1f}, {high:+.1f}]"


def main() -> None:
    """Print one row per network as soon as it is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--only", default="", help="networks whose name contains this")
    options = parser.parse_args()
    torch.set_num_threads(1)  # the tensors are small
    warnings.simplefilter("ignore")
    print("| network |", " | ".join(RECIPES), "|", " | ".join(f"signal - {name}" for name in RECIPES[1:]), "|")
    print("|---|" + "---|" * (2 * len(RECIPES) - 1))
    for build, activation, depth in NETWORKS:
        name = f"{build.__name__}, {activation}, {depth} {'blocks' if build is transformer else 'layers'}"
        if options.only in name:
            found = fanin.compare(
                build,
                init=RECIPES,
                lr=RATES,
                optimizer="adam",
                depth=depth,
                activation=activation,
                seeds=options.seeds,
                epochs=options.epochs,
                batch=100,
                data="mnist-mini",
                workers=1,
            ).to_json()
            print(f"| {name} |", " | ".join(row(found["arms"], found["comparisons"])), "|", flush=True)


if __name__ == "__main__":
    main()
