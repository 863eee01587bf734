"""Does `signal` train at least as well as each framework's default, and better where networks are deep?

    python benchmarks/init.py [--quick] [--only mlp]

Plain networks on the embedded 6,000 handwritten digits: dense ones of 3 to 50 layers of 100 units with ReLU, tanh and
GELU; convolutions, 4 and 16 layers; a small pre-norm transformer on 16 patches. Each is trained with Adam for 2 epochs
of batches of 100 under each recipe, 3 seeds of the weights, 3 learning rates. Printed is the test accuracy under the
learning rate that is best for that recipe, its mean over seeds and the standard error of it.
"""

import argparse
import itertools
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

import fanin
from fanin.study import datasets

RECIPES = ("signal", "torch", "keras", "flax")
RATES = (3e-4, 1e-3, 3e-3)
SEEDS, EPOCHS, BATCH = 3, 2, 100
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}


def mlp(activation: str, depth: int) -> nn.Sequential:
    """Dense layers of 100 units."""
    sizes = [784, *[100] * (depth - 1), 10]
    layers = [(nn.Linear(*pair), ACTIVATIONS[activation]()) for pair in itertools.pairwise(sizes)]
    return nn.Sequential(nn.Flatten(), *[layer for pair in layers for layer in pair][:-1])


def conv(activation: str, depth: int) -> nn.Sequential:
    """Plain convolutions of 16 channels, two of which halve the image, and a dense output layer."""
    layers: list[nn.Module] = []
    for i in range(depth - 1):
        layers += [nn.Conv2d(16 if i else 1, 16, 3, stride=2 if i < 2 else 1, padding=1), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10))


class Block(nn.Module):
    """Attention and feed-forward, each behind a norm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """One block."""
        read = self.ln1(x)
        x = x + self.attention(read, read, read, need_weights=False)[0]
        return x + self.down(nn.functional.gelu(self.up(self.ln2(x))))


class Transformer(nn.Module):
    """16 patches of 7x7 pixels, so many blocks of width 48, their mean."""

    def __init__(self, activation: str, depth: int) -> None:
        super().__init__()
        self.patch = nn.Conv2d(1, 48, 7, stride=7)
        self.places = nn.Parameter(torch.zeros(1, 16, 48))
        self.blocks = nn.Sequential(*(Block(48) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(48), nn.Linear(48, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x = self.patch(x).flatten(2).transpose(1, 2) + self.places
        return self.head(self.norm(self.blocks(x)).mean(1))


KINDS = {"mlp": mlp, "conv": conv, "transformer": Transformer}


@cache
def data() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Images of mean 0 and std 1, and labels."""
    digits = datasets.load("mnist-mini")
    images = [
        torch.tensor(np.asarray(x), dtype=torch.float32).reshape(-1, 1, 28, 28) for x in (digits.x_train, digits.x_test)
    ]
    labels = [torch.tensor(np.asarray(y)).long() for y in (digits.y_train, digits.y_test)]
    mean, std = images[0].mean(), images[0].std()
    return (images[0] - mean) / std, labels[0], (images[1] - mean) / std, labels[1]


def train(models: list[nn.Module], rate: float, epochs: int) -> Tensor:
    """Test accuracy of each model; all are trained side by side on the same batches, each as if it were alone."""
    x, y, x_test, y_test = data()
    state, constants = stack_module_state(models)

    def logits(images: Tensor) -> Tensor:
        outputs = vmap(lambda *tensors: functional_call(models[0], tensors, (images,)), randomness="error")
        return outputs(state, constants)

    optimizer = torch.optim.Adam(state.values(), rate)
    order = torch.Generator().manual_seed(0)
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=order).split(BATCH):
            target = y[batch].expand(len(models), -1).flatten()
            loss = len(models) * nn.functional.cross_entropy(logits(x[batch]).flatten(0, 1), target)
            optimizer.zero_grad()
            loss.backward()  # each model's own mean loss: the sum over models has no terms in common
            optimizer.step()
    with torch.no_grad():
        answers = torch.cat([logits(part).argmax(-1) for part in x_test.split(250)], dim=1)
    return (answers == y_test).float().mean(1)


def networks(quick: bool) -> list[tuple[str, str, int]]:
    """Kind, activation and depth of each network."""
    depths = (3, 30) if quick else (3, 10, 30, 50)
    dense = [("mlp", activation, depth) for activation in ACTIVATIONS for depth in depths]
    return [*dense, ("conv", "relu", 4), ("conv", "relu", 16), ("transformer", "gelu", 4)]


def row(kind: str, activation: str, depth: int, rates: tuple[float, ...], seeds: int, epochs: int) -> list[str]:
    """Per recipe: mean over seeds at its best learning rate, the standard error of it, and that rate."""
    pairs = list(itertools.product(RECIPES, range(seeds)))
    models = [KINDS[kind](activation, depth) for _ in pairs]
    for model, (recipe, seed) in zip(models, pairs, strict=True):
        fanin.init_(model, recipe, seed=seed, inputs=data()[0][:2])
    with sdpa_kernel(SDPBackend.MATH):  # the only one that vmap takes without a loop
        found = {rate: train(models, rate, epochs).reshape(len(RECIPES), seeds) for rate in rates}
    cells = []
    for i in range(len(RECIPES)):
        rate = max(rates, key=lambda rate: float(found[rate][i].mean()))
        accuracy = 100 * found[rate][i]
        error = float(accuracy.std()) / seeds**0.5 if seeds > 1 else 0.0
        cells.append(f"{float(accuracy.mean()):.1f} ± {error:.1f} ({rate:g})")
    return cells


def main() -> None:
    """Print one row per network as soon as it is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="depths 3 and 30, one epoch, one seed")
    parser.add_argument("--only", default="", help="networks whose name contains this")
    options = parser.parse_args()
    torch.set_num_threads(1)  # the tensors are small
    seeds, epochs = (1, 1) if options.quick else (SEEDS, EPOCHS)
    print("| network |", " | ".join(RECIPES), "|")
    print("|---|" + "---|" * len(RECIPES))
    for kind, activation, depth in networks(options.quick):
        name = f"{kind}, {activation}, {depth} {'blocks' if kind == 'transformer' else 'layers'}"
        if options.only in name:
            print(f"| {name} |", " | ".join(row(kind, activation, depth, RATES, seeds, epochs)), "|", flush=True)


if __name__ == "__main__":
    main()
