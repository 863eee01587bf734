"""Destinations and slices that are not contiguous: the time per value over that of a contiguous tensor.

    python benchmarks/strided.py [--rounds 7]

Normal numbers, every job once per round on all cores; a first round warms up and is not counted. Printed: the median in
ns per value, its spread, and the median of its ratio to the contiguous job of the same round and type.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import ml_dtypes
import numpy as np

from fanin.sampling import Stream, draw
from fanin.values import Law, Param

Job = tuple[Callable[[], object], int]
SLICES = (-1, 2, 4, 8, 16, 64)


def job(shape: tuple[int, ...], axes: tuple[str, ...], dtype: np.dtype, step: int = 1, gap: int = 1) -> Job:
    """Draw into memory that is there; `step` between the elements wanted, `gap` between places, along the last axis."""
    whole = Param("weight", (*shape[:-1], shape[-1] * abs(step)), axes)
    out = np.zeros((*shape[:-1], shape[-1] * gap), dtype)[..., ::gap]
    index = (*(slice(None) for _ in shape[1:]), slice(None, None, step))
    return lambda: draw(Law("normal"), whole, Stream(0), dtype=dtype.name, index=index, out=out), out.size


def jobs() -> dict[tuple[str, str], Job]:
    """By name and type."""
    found: dict[tuple[str, str], Job] = {}
    for dtype in (np.dtype("float32"), np.dtype("float64"), np.dtype(ml_dtypes.bfloat16)):
        found |= {
            ("contiguous", dtype.name): job((4096, 4096), ("out", "in"), dtype),
            ("transposed", dtype.name): job((4096, 4096), ("in", "out"), dtype),
            ("transposed, 3001 x 1999", dtype.name): job((3001, 1999), ("in", "out"), dtype),
            ("Keras kernel (3, 3, 512, 1024)", dtype.name): job(
                (3, 3, 512, 1024), ("kernel", "kernel", "in", "out"), dtype
            ),
            ("every second place", dtype.name): job((4096, 2048), ("out", "in"), dtype, gap=2),
        }
    single = np.dtype("float32")
    return found | {
        (f"index[..., ::{step}]", "float32"): job((1024, 2048), ("out", "in"), single, step) for step in SLICES
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    times: dict[tuple[str, str], list[float]] = {}
    every = jobs()
    for _ in range(options.rounds + 1):
        for name, (run, count) in every.items():
            begin = time.perf_counter()
            run()
            times.setdefault(name, []).append((time.perf_counter() - begin) / count * 1e9)
    print("| what | dtype | ns/value | least-greatest | over contiguous |")
    print("|---|---|---|---|---|")
    for (what, dtype), (_, *taken) in times.items():
        ratios = (here / base for here, base in zip(taken, times["contiguous", dtype][1:], strict=True))
        spread = f"{min(taken):.2f}-{max(taken):.2f}"
        print(f"| {what} | {dtype} | {statistics.median(taken):.2f} | {spread} | {statistics.median(ratios):.2f} |")


if __name__ == "__main__":
    main()
