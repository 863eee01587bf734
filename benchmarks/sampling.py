"""Time per value: fanin against PyTorch, NumPy's Generator, JAX and Keras, interleaved in one process.

    python benchmarks/sampling.py [--count 100000000] [--rounds 5] [--blocks 12] [--only WORD]

Every job runs once per round on one core and once on all, so that a busy machine is busy for all of them; a first round
warms up and is not counted. Printed: the median in ns per value with its spread (least-greatest), the share of memset's
speed for as many bytes on as many cores, and a peer's time over ours. "fresh" includes the allocation: pages that the
system must clear first; not that a virtual machine fetches memory from its host, so each such job finds as much free
memory as it needs. "transposed" is the (in, out) storage of an (out, in) matrix; "tensor" a PyTorch tensor filled in
place; "GPT-2 XL" all tensors of the embeddings and of some blocks. JAX and Keras (on JAX) are compiled before, allocate
what they return, and use all cores always.
"""

import argparse
import math
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax  # Keras asks for its backend when it is imported
import keras
import ml_dtypes
import numpy as np
import torch

from fanin.sampling import Stream, draw
from fanin.values import Law, Param

Job = Callable[[], object]
Jobs = dict[tuple[str, str, str], Job]  # (what, dtype, who)
LAWS = {"normal": Law("normal"), "uniform": Law("uniform"), "truncated": Law("truncated_normal")}


WIDTH = 1600  # of GPT-2 XL


def ours(law: Law, out: np.ndarray | torch.Tensor) -> Job:
    """Fill `out` from a law."""
    param = Param("weight", tuple(out.shape), ("out",))
    return lambda: draw(law, param, Stream(0), out=out)


def touched(count: int) -> Jobs:
    """Jobs into memory that is there."""
    single, double, half = np.zeros(count, np.float32), np.zeros(count), np.zeros(count, ml_dtypes.bfloat16)
    rng, tensor = np.random.default_rng(0), torch.from_numpy(single)
    brain = torch.from_numpy(half.view(np.uint16)).view(torch.bfloat16)
    side = math.isqrt(count)
    square, turned = single[: side * side].reshape(side, side), Param("weight", (side, side), ("in", "out"))
    jobs: Jobs = {(name, "float32", "fanin"): ours(law, single) for name, law in LAWS.items()}
    jobs |= {("normal", out.dtype.name, "fanin"): ours(LAWS["normal"], out) for out in (double, half)}
    jobs |= {("normal, tensor", "float32", "fanin"): ours(LAWS["normal"], tensor)}
    jobs |= {("normal, tensor", "bfloat16", "fanin"): ours(LAWS["normal"], brain)}
    return jobs | {
        ("normal, transposed", "float32", "fanin"): lambda: draw(LAWS["normal"], turned, Stream(0), out=square),
        ("normal", "float32", "torch"): lambda: tensor.normal_(),
        ("uniform", "float32", "torch"): lambda: tensor.uniform_(-1, 1),
        ("truncated", "float32", "torch"): lambda: torch.nn.init.trunc_normal_(tensor),
        ("normal", "bfloat16", "torch"): lambda: brain.normal_(),
        ("normal", "float32", "numpy"): lambda: rng.standard_normal(out=single, dtype=np.float32),
        ("uniform", "float32", "numpy"): lambda: rng.random(out=single, dtype=np.float32),
        ("normal", "float64", "numpy"): lambda: rng.standard_normal(out=double),
        ("memset", "float32", ""): lambda: single.fill(1.0),
        ("memset", "float64", ""): lambda: double.fill(1.0),
        ("memset", "bfloat16", ""): lambda: half.view(np.uint16).fill(1),
    }


def fresh(count: int) -> Jobs:
    """Jobs that allocate first. NumPy asks the system for huge pages; torch.empty does not."""
    param = Param("weight", (count,), ("out",))
    return {
        ("normal, fresh", "float32", "fanin"): lambda: draw(LAWS["normal"], param, Stream(0)),
        ("normal, fresh", "float32", "torch"): lambda: torch.empty(count).normal_(),
        ("normal, fresh", "float32", "numpy"): lambda: np.random.default_rng(0).standard_normal(count, np.float32),
        ("memset, fresh", "float32", ""): lambda: np.empty(count, np.float32).fill(1.0),
    }


def compiled(count: int) -> Jobs:
    """Jobs of frameworks that compile: what they return is waited for."""
    key, jit = jax.random.key(0), jax.jit
    laws = {
        ("normal", "float32", "jax"): jit(lambda key: jax.random.normal(key, (count,))),
        ("uniform", "float32", "jax"): jit(lambda key: jax.random.uniform(key, (count,), minval=-1, maxval=1)),
        ("truncated", "float32", "jax"): jit(lambda key: jax.random.truncated_normal(key, -2, 2, (count,))),
        ("normal", "bfloat16", "jax"): jit(lambda key: jax.random.normal(key, (count,), jax.numpy.bfloat16)),
        ("normal", "float32", "keras"): lambda key: keras.initializers.RandomNormal(seed=1)((count,)),
        ("truncated", "float32", "keras"): lambda key: keras.initializers.TruncatedNormal(seed=1)((count,)),
    }
    return {name: lambda law=law: jax.block_until_ready(law(key)) for name, law in laws.items()}


def gpt2_xl(blocks: int) -> tuple[Jobs, int]:
    """The matrices of GPT-2 XL, one by one, into memory that is there and into fresh one; and how many values."""
    block = [(3 * WIDTH, WIDTH), (WIDTH, WIDTH), (4 * WIDTH, WIDTH), (WIDTH, 4 * WIDTH)]
    params = [Param(str(i), s, ("out", "in")) for i, s in enumerate([(50257, WIDTH), (1024, WIDTH), *block * blocks])]
    here = [torch.from_numpy(np.zeros(param.shape, np.float32)) for param in params]

    def fill(param: Param, out: torch.Tensor | None = None) -> torch.Tensor:
        return torch.as_tensor(draw(LAWS["normal"], param, Stream(0, param.path), out=out))

    return {
        ("GPT-2 XL", "float32", "fanin"): lambda: [fill(*pair) for pair in zip(params, here, strict=True)],
        ("GPT-2 XL", "float32", "torch"): lambda: [tensor.normal_() for tensor in here],
        ("GPT-2 XL, fresh", "float32", "fanin"): lambda: [fill(param) for param in params],
        ("GPT-2 XL, fresh", "float32", "torch"): lambda: [torch.empty(param.shape).normal_() for param in params],
    }, sum(math.prod(param.shape) for param in params)


def measure(jobs: Jobs, rounds: int, sizes: Callable[[str], int]) -> dict[tuple[str, str, str, int], list[float]]:
    """Nanoseconds per value of each job on each number of cores."""
    cores = os.sched_getaffinity(0)
    times: dict[tuple[str, str, str, int], list[float]] = {}
    names = list(jobs)
    for turn in range(rounds + 1):  # each begins elsewhere: who allocates first pays for the system's tidying up
        begin_at = turn * 5 % len(names)
        for threads in sorted({1, len(cores)}):
            os.sched_setaffinity(0, set(sorted(cores)[:threads]))
            torch.set_num_threads(threads)
            for name in names[begin_at:] + names[:begin_at]:
                if threads == 1 and name[2] in {"jax", "keras"}:
                    continue
                if "fresh" in name[0]:  # so that the system has the memory, and the process has not
                    np.empty(4 * sizes(name[0]), np.uint8).fill(1)
                begin = time.perf_counter()
                made = jobs[name]()
                times.setdefault((*name, threads), []).append((time.perf_counter() - begin) / sizes(name[0]) * 1e9)
                del made
    return {name: taken[1:] for name, taken in times.items()}


def report(times: dict[tuple[str, str, str, int], list[float]]) -> None:
    """One row of a Markdown table per job."""
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    print("| law | dtype | by | threads | ns/value | least-greatest | share of memset | time over fanin's |")
    print("|---|---|---|---|---|---|---|---|")
    for (what, dtype, who, threads), taken in sorted(times.items(), key=lambda item: item[0][3]):
        here = middle[what, dtype, who, threads]
        floor = "memset, fresh" if "fresh" in what else "memset"
        share = f"{middle[floor, dtype, '', threads] / here:.0%}"
        ours_too = middle.get((what, dtype, "fanin", threads))
        ratio = f"{here / ours_too:.1f}" if ours_too and who != "fanin" else ""
        spread = f"{min(taken):.2f}-{max(taken):.2f}"
        print(f"| {what} | {dtype} | {who} | {threads} | {here:.2f} | {spread} | {share} | {ratio} |")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--blocks", type=int, default=12, help="of GPT-2 XL; it has 48")
    parser.add_argument("--only", default="", help="jobs whose name has this word")
    options = parser.parse_args()
    model, size = gpt2_xl(options.blocks)
    jobs = touched(options.count) | fresh(options.count) | compiled(options.count) | model
    wanted = {name: job for name, job in jobs.items() if options.only in " ".join(name) or "memset" in name[0]}
    times = measure(wanted, options.rounds, lambda what: size if "GPT-2 XL" in what else options.count)
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "torch", "jax", "keras"))
    print(f"{options.count:,} values, median of {options.rounds}; Python {platform.python_version()}, {packages}")
    report(times)


if __name__ == "__main__":
    main()
