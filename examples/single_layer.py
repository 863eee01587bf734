"""One layer from 784 pixels to ten outputs: no hidden layer, so no symmetry to break, and zeros are the best start.

    python single_layer.py

tanh outputs, squared error, batches of 128, learning rate 0.1: what an early TensorFlow tutorial trained.
"""

import numpy as np

import fanin
from fanin.study.datasets import load

STARTS = ("zeros", "randn/sqrt(n_in)", "normal(0, 0.2)", "truncated_normal(0, 1)", "rand")


def train(start, data, epochs=10, batch=128, rate=0.1):
    """The share of test images that is right after training from a start, and after none."""
    x, y = data.x_train / 255, np.eye(10)[data.y_train]
    w, b = fanin.sample(start, (10, 784), seed=0, dtype="float64"), np.ones(10)
    order = np.random.default_rng(0)

    def accuracy():
        return np.mean((data.x_test / 255 @ w.T + b).argmax(1) == data.y_test)

    before = accuracy()
    for _ in range(epochs):
        shuffled = order.permutation(len(x))
        for rows in (shuffled[i : i + batch] for i in range(0, len(x), batch)):
            out = np.tanh(x[rows] @ w.T + b)
            delta = 2 / out.size * (out - y[rows]) * (1 - out**2)
            w -= rate * delta.T @ x[rows]
            b -= rate * delta.sum(0)
    return before, accuracy()


if __name__ == "__main__":
    digits = load("mnist-mini")
    for init in STARTS:
        first, last = train(init, digits)
        print(f"{init:24}{first:6.1%} -> {last:.1%}")
