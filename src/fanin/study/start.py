"""What each arm looks like before training: its weights, its signals, and what the doctor says of it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin.adapters.numpy import Network, forward
from fanin.study.datasets import Dataset, scaled
from fanin.study.measure import PROBE
from fanin.study.train import network
from fanin.values import Activation, Trial

Array = NDArray[Any]

_BINS = 40


def start(trial: Trial, data: Dataset) -> dict[str, Any]:
    """Statistics and histograms per layer on the first training examples, and the doctor's document, as JSON data."""
    from fanin.checkup import check  # imports the theory and the rules; a resumed study needs neither

    net = network(trial)
    x, y = scaled(data.x_train[:PROBE], trial.dtype), data.y_train[:PROBE]
    report = check(net, (x, y), loss=trial.loss, seed=trial.seed)
    return {"init": trial.init, "start": {"layers": layers(net, x)}, "check": report.to_json(), "notes": []}


def layers(net: Network, x: Array) -> list[dict[str, Any]]:
    """Weights and activations of each layer for a batch, as JSON data."""
    with np.errstate(all="ignore"):
        signals = forward(net, x)
    return [
        {
            "layer": str(i + 1),
            "shape": list(weight.shape),
            "weight": _statistics(weight),
            "activation": _statistics(a, net.phi(i)) | _failings(net.phi(i), z, a),
        }
        for i, (weight, z, a) in enumerate(zip(net.weights, signals.z, signals.a, strict=True))
    ]


def _statistics(values: Array, phi: Activation | None = None) -> dict[str, Any]:
    """Mean, std and histogram of the finite values; over the whole range of a bounded activation."""
    found = values[np.isfinite(values)].astype(np.float64)
    if not found.size:
        return {"mean": None, "std": None, "histogram": {"edges": [0.0, 1.0], "counts": [0]}}
    ends = (phi.low, phi.high) if phi is not None and phi.saturates else None
    counts, edges = np.histogram(found, bins=_BINS, range=ends)
    histogram = {"edges": [float(f"{edge:.6g}") for edge in edges], "counts": counts.tolist()}
    return {"mean": float(found.mean()), "std": float(found.std()), "histogram": histogram}


def _failings(phi: Activation, z: Array, a: Array) -> dict[str, float]:
    """Share of saturated activations, and of units that are off for every example."""
    dead = float(np.mean(np.all(phi.derivative(z) == 0, axis=0))) if phi.dies else 0.0
    return {"saturated": float(np.mean(phi.saturated(a))), "dead": dead}
