"""Where the time of the sampling kernel goes: its stages, one upon the other, and the instructions of each.

    python benchmarks/kernel.py [--rounds 7]

Stages: memset; Philox's words stored as they are; uniform, which makes numbers of them; normal, which adds Box-Muller;
truncated normal, which adds a rational function. One thread, float32, CPU time, in turns; 64 KiB stay in the cache,
256 MiB do not. If a stage takes as long in the cache as in memory, arithmetic is its limit. The instructions are those
of the compiled loop that makes a tile of 64 values, counted by what they do and by the width of their registers.
"""

import argparse
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numba.extending import register_jitable

from fanin.sampling.kernels import numba
from fanin.sampling.kernels._orders import along_rows
from fanin.sampling.philox import Words, philox
from fanin.sampling.transform import TRANSFORMS, Transform

KEY = tuple(np.uint64(word) for word in (1, 2, 3, 4))
SIZES = {"64 KiB": 2**14, "256 MiB": 2**26}
CENTRAL = tuple(np.float32(x) for x in (0.0, 0.4772, -2.0, 2.0))
KINDS = {
    "multiply 32x32": r"vpmuludq",
    "whole numbers": r"vp|vshuf|vinsert|vextract|vperm|vbroadcast|vmov",
    "square root, division": r"vsqrt|vdiv",
    "+ - *": r"v(add|sub|mul|cvt|max|min|rndscale|cmp|blend|and|xor)",
}


def words(key: Words, block: Any, arguments: Any) -> Words:
    """Philox's words, their bits read as float32."""
    w0, w1, w2, w3 = philox(key, block)
    return _read(w0), _read(w1), _read(w2), _read(w3)


def _read(w: Any) -> Any:
    return np.uint32(w).view(np.float32)


for _function in (_read, words):
    register_jitable(**numba._INLINE)(_function)
STAGES: dict[str, tuple[Transform, tuple[Any, ...]]] = {
    "Philox's words": (words, ()),
    "uniform": (TRANSFORMS["uniform", "float32"], ()),
    "normal": (TRANSFORMS["normal", "float32"], ()),
    "truncated normal": (TRANSFORMS["central", "float32"], CENTRAL),
}


def compiled(transform: Transform) -> Any:
    """The kernel's loop with this transform, not from the cache, so that its code can be read."""
    return njit(nogil=True, error_model="numpy")(along_rows(transform, numba._keep, None))


def job(run: Any, line: np.ndarray, arguments: tuple[Any, ...]) -> Callable[[], object]:
    """Fill the line once."""
    row, one, zero = np.zeros(1, np.int64), np.uint64(1), np.uint64(0)
    number = (np.float32(0), np.float32(1))
    return lambda: run(line, row, 1, line.size, KEY, zero, one, zero, *number, arguments)


def measure(jobs: dict[tuple[str, str], Callable[[], object]], rounds: int) -> dict[tuple[str, str], float]:
    """Median CPU time in ns per value; each job does 2^26 values a turn, after one that warms up."""
    times: dict[tuple[str, str], list[float]] = {name: [] for name in jobs}
    for _ in range(rounds + 1):
        for name, run in jobs.items():
            turns = SIZES["256 MiB"] // SIZES[name[1]]
            begin = time.thread_time()
            for _ in range(turns):
                run()
            times[name].append((time.thread_time() - begin) / SIZES["256 MiB"] * 1e9)
    return {name: statistics.median(taken[1:]) for name, taken in times.items()}


def instructions(run: Any) -> Counter[tuple[str, str]]:
    """Vector instructions of the longest piece of code without a jump, which makes a tile, by kind and register."""
    (assembly,) = run.inspect_asm().values()
    pieces = re.split(r"^\s+j\w+\s.*$|^\S+:$", assembly, flags=re.MULTILINE)
    longest = max(pieces, key=lambda piece: len(re.findall(r"^\s+v", piece, re.MULTILINE)))
    found: Counter[tuple[str, str]] = Counter()
    for name, operands in re.findall(r"^\s+(v\w+)\s+(.*)$", longest, re.MULTILINE):
        kind = next((kind for kind, pattern in KINDS.items() if re.match(pattern, name)), "other")
        width = max((w for w in ("xmm", "ymm", "zmm") if w in operands), default="mask")
        found[kind, width] += 1
    return found


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    lines = {size: np.zeros(count, np.float32) for size, count in SIZES.items()}
    loops = {name: compiled(transform) for name, (transform, _) in STAGES.items()}
    jobs = {(name, size): job(loops[name], line, STAGES[name][1]) for size, line in lines.items() for name in STAGES}
    jobs |= {("memset", size): lambda line=line: line.fill(1.0) for size, line in lines.items()}
    times = measure(jobs, options.rounds)
    print("| stage | " + " | ".join(SIZES) + " | vector instructions per 64 values |\n|---|---|---|---|")
    for name in ("memset", *STAGES):
        counts = instructions(loops[name]) if name in loops else {}
        said = ", ".join(f"{count} {kind} ({width})" for (kind, width), count in sorted(counts.items()))
        print(f"| {name} | " + " | ".join(f"{times[name, size]:.3f}" for size in SIZES) + f" | {said} |")


if __name__ == "__main__":
    main()
