"""Nielsen's first network (neuralnetworksanddeeplearning.com, 2015) in plain NumPy, and the one line that decides.

python nielsen.py rand      # U[0, 1): sits still
python nielsen.py randn     # N(0, 1), as in chapter 1: learns, late
python nielsen.py scaled    # N(0, 1/fan_in), as in chapter 3: learns
"""

import sys
from itertools import pairwise

import numpy as np

from fanin.study.datasets import load

rng = np.random.default_rng(0)
STARTS = {
    "rand": lambda out, fan_in: rng.random((out, fan_in)),  # the mistake: every weight is positive
    "randn": lambda out, fan_in: rng.standard_normal((out, fan_in)),
    "scaled": lambda out, fan_in: rng.standard_normal((out, fan_in)) / np.sqrt(fan_in),  # the fix
}


class Network:
    """A stack of dense sigmoid layers, trained on half the squared error by plain gradient descent."""

    def __init__(self, sizes, start):
        self.biases = [rng.standard_normal(out) for out in sizes[1:]]
        self.weights = [start(out, fan_in) for fan_in, out in pairwise(sizes)]

    def forward(self, x):
        """The activations of all layers, the input first."""
        activations = [x]
        for w, b in zip(self.weights, self.biases, strict=True):
            activations.append(sigmoid(activations[-1] @ w.T + b))
        return activations

    def train(self, x, y, epochs, batch, rate, report):
        """Gradient descent over shuffled batches."""
        for epoch in range(epochs):
            for rows in rng.permutation(len(x)).reshape(-1, batch):
                self.step(x[rows], y[rows], rate / batch)
            report(epoch + 1, self)

    def step(self, x, y, rate):
        """One step: back through the layers, each gradient from the one above it."""
        activations = self.forward(x)
        delta = (activations[-1] - y) * slope(activations[-1])
        for layer in reversed(range(len(self.weights))):
            below = delta @ self.weights[layer] * slope(activations[layer])
            self.weights[layer] -= rate * delta.T @ activations[layer]
            self.biases[layer] -= rate * delta.sum(0)
            delta = below


def sigmoid(z):
    """1 / (1 + e^-z)."""
    return 1 / (1 + np.exp(-z))


def slope(a):
    """The sigmoid's derivative, from its value."""
    return a * (1 - a)


if __name__ == "__main__":
    data, name = load("mnist-mini"), sys.argv[1] if len(sys.argv) > 1 else "scaled"
    network = Network([784, 30, 10], STARTS[name])

    def say(epoch, network):
        right = network.forward(data.x_test / 255)[-1].argmax(1) == data.y_test
        print(f"{name}, epoch {epoch}: {right.mean():.1%} of the test images")

    network.train(data.x_train / 255, np.eye(10)[data.y_train], epochs=5, batch=10, rate=3.0, report=say)
