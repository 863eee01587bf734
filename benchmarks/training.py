"""How fast a study trains: against Nielsen's per-sample algorithm, against a torch loop, and against the processor.

    python benchmarks/training.py [--rounds 5] [--epochs 30]

The study is the `nielsen` preset on mnist-mini: 6 inits x 3 seeds. The rivals start from the same weights and see the
examples in the same order; they are timed on a slice (one trial, few epochs) and scaled to the study, for they do one
trial after the other. All are timed in turns, round by round, in one process; a ratio is given as the median over
rounds, with the least and the greatest.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

import fanin
from fanin.study import datasets
from fanin.study.datasets import Dataset, scaled
from fanin.study.dense import STACK, DenseWork
from fanin.study.grid import grid, trials
from fanin.study.measure import TRAIN_LOOKED_AT
from fanin.study.runner import run
from fanin.study.task import task
from fanin.study.train import network, order, train
from fanin.study.work import Settings
from fanin.values import Trial

Array = NDArray[Any]

SLICE_EPOCHS = 2
SLICE_EXAMPLES = 1500


def backprop(weights: list[Array], biases: list[Array], x: Array, target: Array) -> tuple[list[Array], list[Array]]:
    """Gradients of the quadratic cost of one example, all in column vectors."""
    a, zs, activations = x, [], [x]
    for w, b in zip(weights, biases, strict=True):
        z = np.dot(w, a) + b
        a = sigmoid(z)
        zs.append(z)
        activations.append(a)
    delta = (a - target) * slope(zs[-1])
    gradients_w, gradients_b = [np.dot(delta, activations[-2].T)], [delta]
    for layer in range(len(weights) - 2, -1, -1):
        delta = np.dot(weights[layer + 1].T, delta) * slope(zs[layer])
        gradients_w.insert(0, np.dot(delta, activations[layer].T))
        gradients_b.insert(0, delta)
    return gradients_w, gradients_b


def feedforward(weights: list[Array], biases: list[Array], a: Array) -> Array:
    """The answer to one example."""
    for w, b in zip(weights, biases, strict=True):
        a = sigmoid(np.dot(w, a) + b)
    return a


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z))."""
    return 1 / (1 + np.exp(-z))


def slope(z: Array) -> Array:
    """The derivative of the sigmoid."""
    return sigmoid(z) * (1 - sigmoid(z))


def per_sample(trial: Trial, data: Dataset) -> float:
    """Nielsen's algorithm, afresh: the gradient of each example alone, summed over the mini-batch. Seconds per epoch.

    As in the book, gradients are float64 lists made anew for each example and added. After the epoch, each image that
    ours looks at is answered once, for cost and accuracy: no more than that, though the book's code answers more.
    """
    net = network(trial)
    weights = [w.astype(np.float64) for w in net.weights]
    biases = [b.astype(np.float64)[:, None] for b in net.biases]
    examples = [
        (scaled(data.x_train[i], np.float64)[:, None], np.eye(data.classes)[data.y_train[i]][:, None])
        for i in order(trial.seed, 1, len(data.x_train))[:SLICE_EXAMPLES]
    ]
    began = time.perf_counter()
    for first in range(0, len(examples), trial.batch):
        batch = examples[first : first + trial.batch]
        sums_w, sums_b = [np.zeros(w.shape) for w in weights], [np.zeros(b.shape) for b in biases]
        for x, target in batch:
            gradients_w, gradients_b = backprop(weights, biases, x, target)
            sums_w = [total + g for total, g in zip(sums_w, gradients_w, strict=True)]
            sums_b = [total + g for total, g in zip(sums_b, gradients_b, strict=True)]
        weights = [w - trial.lr / len(batch) * total for w, total in zip(weights, sums_w, strict=True)]
        biases = [b - trial.lr / len(batch) * total for b, total in zip(biases, sums_b, strict=True)]
    trained = time.perf_counter()
    cost, right = 0.0, 0
    for x, target in examples:
        a = feedforward(weights, biases, x)
        cost += 0.5 * np.linalg.norm(a - target) ** 2
        right += int(np.argmax(a) == np.argmax(target))
    counted = time.perf_counter()
    return ((trained - began) * trial.train + (counted - trained) * looked_at(trial)) / len(examples)


def looked_at(trial: Trial) -> int:
    """Images whose class ours counts after each epoch: a part of the training images, and the test images."""
    return min(trial.train, TRAIN_LOOKED_AT) + trial.test


def torch_model(trial: Trial) -> torch.nn.Sequential:
    """The network of a trial, with its weights."""
    net = network(trial)
    layers: list[torch.nn.Module] = []
    for w, b in zip(net.weights, net.biases, strict=True):
        linear = torch.nn.Linear(w.shape[1], w.shape[0])
        linear.load_state_dict({"weight": torch.from_numpy(w), "bias": torch.from_numpy(b)})
        layers += [linear, torch.nn.Sigmoid()]
    return torch.nn.Sequential(*layers)


def torch_loop(trial: Trial, data: Dataset) -> tuple[float, float]:
    """The loop that everybody writes, without a DataLoader: seconds per epoch with its accuracies, and the last one."""
    model = torch_model(trial)
    optimizer = torch.optim.SGD(model.parameters(), lr=trial.lr)
    x, x_test = (torch.from_numpy(scaled(part, np.float32)) for part in (data.x_train, data.x_test))
    labels, labels_test = torch.from_numpy(data.y_train), torch.from_numpy(data.y_test)
    targets = torch.nn.functional.one_hot(labels, data.classes).float()
    accuracy = 0.0
    began = time.perf_counter()
    for epoch in range(1, SLICE_EPOCHS + 1):
        rows = torch.from_numpy(order(trial.seed, epoch, len(x)))
        for batch in rows.split(trial.batch):
            optimizer.zero_grad()
            cost = 0.5 * ((model(x[batch]) - targets[batch]) ** 2).sum(1).mean()
            cost.backward()
            optimizer.step()
        with torch.no_grad():
            seen = slice(TRAIN_LOOKED_AT)
            output = model(x[seen])
            _ = float(0.5 * ((output - targets[seen]) ** 2).sum(1).mean())
            _ = float((output.argmax(1) == labels[seen]).float().mean())
            accuracy = float((model(x_test).argmax(1) == labels_test).float().mean())
    return (time.perf_counter() - began) / SLICE_EPOCHS, accuracy


def peak() -> float:
    """sgemm of 1024 x 1024 matrices on one thread: floating-point operations per second."""
    a, b, c = np.ones((3, 1024, 1024), np.float32)
    with threadpool_limits(1):
        best = min(seconds(lambda: np.matmul(a, b, out=c)) for _ in range(8))
    return 2 * 1024**3 / best


def share(stack: tuple[Trial, ...], data: Dataset) -> float:
    """Operations per second of the matrix products of one stack in one process.

    Per example and weight: 2 forward, 2 for the gradient to the weight, 2 for the gradient to the layer below, which
    the first layer does not need; and 2 for each image whose class is counted, before training and after each epoch.
    """
    trial = stack[0]
    sizes = [a * b for a, b in zip(trial.widths[1:], trial.widths[:-1], strict=True)]
    trained = trial.epochs * trial.train * (6 * sum(sizes) - 2 * sizes[0])
    counted = (trial.epochs + 1) * looked_at(trial) * 2 * sum(sizes)
    return len(stack) * (trained + counted) / seconds(lambda: train(stack, data))


def seconds(action: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def spread(values: list[float], unit: str = "x") -> str:
    """Median, least and greatest."""
    return f"{statistics.median(values):.1f} {unit} ({min(values):.1f} to {max(values):.1f})"


def main() -> None:
    """Time all in turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=30)
    options = parser.parse_args()
    preset = task("nielsen")
    data = preset.part(datasets.load("mnist-mini"))
    work = DenseWork(preset, data)
    study = trials(work, grid(inits=preset.inits), Settings(epochs=options.epochs))
    short = trials(work, grid(inits=["randn/sqrt(fan_in)"], seeds=STACK), Settings(epochs=SLICE_EPOCHS))
    epochs = len(study) * options.epochs
    ratios: dict[str, list[float]] = {"nielsen": [], "torch": [], "torch, 1 process": [], "peak": []}
    torch.set_num_threads(1)  # faster here than more: the products are small
    for number in range(1, options.rounds + 1):
        ours = seconds(lambda: list(run(work, study)))
        mine = seconds(lambda: train(short, data)) * epochs / (STACK * SLICE_EPOCHS)
        nielsen = per_sample(short[0], data) * epochs
        loop, accuracy = torch_loop(short[0], data)
        same = train(short[:1], data)[0].epochs[-1].accuracy
        if abs(accuracy - same) > 0.02:
            raise SystemExit(f"torch ends at {accuracy:.3f}, ours at {same:.3f}: this is not the same training")
        ratios["nielsen"].append(nielsen / ours)
        ratios["torch"].append(loop * epochs / ours)
        ratios["torch, 1 process"].append(loop * epochs / mine)
        ratios["peak"].append(100 * share(short, data) / peak())
        print(f"round {number}: ours {ours:.1f} s, torch {loop * epochs:.0f} s, per sample {nielsen:.0f} s", flush=True)
    print(f"\n{date.today()}, fanin {fanin.__version__}, numpy {np.__version__}, torch {torch.__version__}, ", end="")
    print(f"Python {platform.python_version()}, {platform.machine()}")
    print(f"(a) Nielsen's per-sample algorithm / ours: {spread(ratios['nielsen'])}; goal 50")
    print(f"(b) torch, one trial after the other / ours: {spread(ratios['torch'])}; goal 5")
    print(f"    the same with ours in one process, one thread: {spread(ratios['torch, 1 process'])}")
    print(f"(c) of the sgemm peak of one thread: {spread(ratios['peak'], '%')}; goal 25")


if __name__ == "__main__":
    main()
