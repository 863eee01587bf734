"""Orthogonal matrices: fanin against PyTorch, SciPy and, if it is installed, JAX, interleaved in one process.

    python benchmarks/orthogonal.py [--sides 1024 4096] [--rounds 7]

Every job runs once per round, float32, on all cores; a first round warms up and is not counted. Printed: the median in
seconds with its spread (least-greatest), the median of a peer's time over fanin's of the same round, and how far the
product of the result with its transpose is from the unit matrix.
"""

import argparse
import importlib.util
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import scipy
import torch

from fanin.sampling import Stream, draw
from fanin.values import Law, Param

Job = Callable[[], np.ndarray]


def jobs(side: int) -> dict[str, Job]:
    """Each makes a matrix, normal numbers included."""
    param, out = Param("weight", (side, side), ("out", "in")), np.zeros((side, side), np.float32)
    tensor, rng = torch.zeros(side, side), np.random.default_rng(0)
    found: dict[str, Job] = {
        "fanin": lambda: draw(Law("orthogonal"), param, Stream(0), out=out),
        "torch.nn.init.orthogonal_": lambda: torch.nn.init.orthogonal_(tensor).numpy(),
        "scipy.linalg.qr": lambda: scipy.linalg.qr(rng.standard_normal((side, side), np.float32))[0],
    }
    if importlib.util.find_spec("jax"):
        import jax

        make = jax.jit(lambda key: jax.random.orthogonal(key, side))
        found["jax.random.orthogonal"] = lambda: np.asarray(make(jax.random.key(0)))
    return found


def measure(side: int, rounds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds of each job in each round, and the error of its last matrix."""
    times: dict[str, list[float]] = {}
    errors: dict[str, float] = {}
    makers = jobs(side)
    for turn in range(rounds + 1):
        for name, job in makers.items():
            begin = time.perf_counter()
            matrix = job()
            times.setdefault(name, []).append(time.perf_counter() - begin)
            if turn == rounds:
                errors[name] = float(np.abs(matrix.astype(float) @ matrix.T.astype(float) - np.eye(side)).max())
    return {name: taken[1:] for name, taken in times.items()}, errors


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sides", type=int, nargs="+", default=[1024, 4096])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "torch", "scipy"))
    print(f"median of {options.rounds}; Python {platform.python_version()}, {packages}")
    print("| matrix | by | seconds | least-greatest | time over fanin's | error |")
    print("|---|---|---|---|---|---|")
    for side in options.sides:
        times, errors = measure(side, options.rounds)
        for name, taken in times.items():
            ratio = statistics.median(theirs / ours for theirs, ours in zip(taken, times["fanin"], strict=True))
            spread = f"{min(taken):.3f}-{max(taken):.3f}"
            size = f"{side} x {side}"
            print(f"| {size} | {name} | {statistics.median(taken):.3f} | {spread} | {ratio:.2f} | {errors[name]:.1e} |")


if __name__ == "__main__":
    main()
