"""What six hidden units learn in two passes over the embedded digits, from equal and from different weights."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

import fanin
from fanin.report.pictures.style import INK, color
from fanin.study.datasets import load

UNITS, RATE, BATCH = 6, 0.5, 20
STARTS = {"zeros": "all zeros", "randn/sqrt(n_in)": "randn/sqrt(n_in)"}
SHADES = LinearSegmentedColormap.from_list("signed", [color(0), "#f3f1ee", color(1)])


def draw() -> Figure:
    """One picture of 28 x 28 weights for each unit; blue is negative, orange positive."""
    figure = Figure(figsize=(7.6, 2.9), layout="constrained")
    rows = figure.subplots(len(STARTS), UNITS)
    for axes, (scheme, name) in zip(rows, STARTS.items(), strict=True):
        learned = _train(scheme)
        reach = np.quantile(np.abs(learned), 0.995)
        for unit, place in enumerate(axes):
            place.imshow(learned[unit].reshape(28, 28), cmap=SHADES, vmin=-reach, vmax=reach, interpolation="nearest")
            place.axis("off")
        axes[0].set_title(name, loc="left", fontsize=10, color=INK)
    return figure


def _train(scheme: str) -> np.ndarray:
    """The hidden weights of a 784-6-10 sigmoid network, trained on its squared error in float64."""
    data = load("mnist-mini")
    w1, w2 = fanin.sample(scheme, (UNITS, 784), dtype="float64"), fanin.sample(scheme, (10, UNITS), dtype="float64")
    b1, b2 = np.zeros(UNITS), np.zeros(10)
    for start in np.tile(range(0, len(data.x_train), BATCH), 2):
        x, y = data.x_train[start : start + BATCH] / 255, np.eye(10)[data.y_train[start : start + BATCH]]
        h = _sigmoid(x @ w1.T + b1)
        out = _sigmoid(h @ w2.T + b2)
        d2 = (out - y) * out * (1 - out)
        d1 = d2 @ w2 * h * (1 - h)
        for array, step in ((w2, d2.T @ h), (b2, d2.sum(0)), (w1, d1.T @ x), (b1, d1.sum(0))):
            array -= RATE * step
    return w1


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))
