"""On a GPU: filling tensors against PyTorch's own fills, and stacks of models against plain loops.

    python benchmarks/gpu.py [--count 100000000] [--rounds 7] [--networks mlp,attention,cnn]

(a) The device's time per value of a tensor that is there, against PyTorch's `normal_` and the like; as a share of the
    speed of `fill_`, which only writes. "transposed" is the (in, out) storage of an (out, in) matrix. Then what the
    host takes: "first use", which compiles the kernel; a call for a small tensor; and all tensors of GPT-2 XL's
    embeddings and 48 blocks, one call each, until the device has done them.
(b) Small models trained in a stack by a study on the GPU, against the loop that everybody writes there, one model after
    the other, as in benchmarks/study.py; once, since a loop takes some 10,000 steps.

All are timed in turns in one process; a number of (a) is the median over rounds, with the least and the greatest.
"""

import argparse
import math
import platform
import statistics
import time
from collections.abc import Callable
from datetime import date

import torch
from torch import nn

import fanin
from fanin.sampling import Stream, draw
from fanin.values import Law, Param
from study import attention, cnn, mlp, spread, stacks

LAWS = {
    "normal": (Law("normal"), lambda out: out.normal_()),
    "uniform": (Law("uniform"), lambda out: out.uniform_(-1, 1)),
    "truncated": (Law("truncated_normal"), torch.nn.init.trunc_normal_),
}
WIDTH = 1600  # of GPT-2 XL


def jobs(count: int) -> dict[tuple[str, str, str], tuple[Callable[[], object], int]]:
    """(what, dtype, who) to a job and how many values it makes."""
    found: dict[tuple[str, str, str], tuple[Callable[[], object], int]] = {}
    side = math.isqrt(count)
    turned = Param("weight", (side, side), ("in", "out"))
    for dtype in ("float32", "bfloat16", "float64"):
        out = torch.empty(side, side, dtype=getattr(torch, dtype), device="cuda")
        param = Param("weight", (side, side), ("out", "in"))
        for name, (law, peer) in LAWS.items():
            found[name, dtype, "fanin"] = (lambda law=law, p=param, out=out: draw(law, p, Stream(0), out=out)), side**2
            found[name, dtype, "torch"] = (lambda peer=peer, out=out: peer(out)), side**2
        found["fill_", dtype, "torch"] = (lambda out=out: out.fill_(1.0)), side**2
        job = lambda out=out: draw(Law("normal"), turned, Stream(0), out=out)  # noqa: E731
        found["normal, transposed", dtype, "fanin"] = job, side**2
    return found


def gpt2_xl() -> dict[str, Callable[[], object]]:
    """All its matrices, one call each, by who does it."""
    block = [(3 * WIDTH, WIDTH), (WIDTH, WIDTH), (4 * WIDTH, WIDTH), (WIDTH, 4 * WIDTH)]
    shapes = [(50257, WIDTH), (1024, WIDTH), *block * 48]
    params = [Param(str(i), shape, ("out", "in")) for i, shape in enumerate(shapes)]
    tensors = [torch.empty(shape, device="cuda") for shape in shapes]

    def ours() -> None:
        for param, tensor in zip(params, tensors, strict=True):
            draw(Law("normal"), param, Stream(0, param.path), out=tensor)

    return {"fanin": ours, "torch": lambda: [tensor.normal_() for tensor in tensors]}


def small() -> dict[str, Callable[[], object]]:
    """A hundred calls for a small tensor."""
    out, param = torch.empty(64, 64, device="cuda"), Param("weight", (64, 64), ("out", "in"))
    return {
        "fanin": lambda: [draw(Law("normal"), param, Stream(0), out=out) for _ in range(100)],
        "torch": lambda: [out.normal_() for _ in range(100)],
    }


def device_time(job: Callable[[], object]) -> float:
    """Milliseconds; the device is kept busy until the host has told it what to do."""
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda._sleep(4_000_000)
    begin.record()
    job()
    end.record()
    torch.cuda.synchronize()
    return float(begin.elapsed_time(end))


def host_time(job: Callable[[], object]) -> float:
    """Milliseconds from an idle device to an idle device."""
    torch.cuda.synchronize()
    began = time.perf_counter()
    job()
    torch.cuda.synchronize()
    return 1000 * (time.perf_counter() - began)


def draws(count: int, rounds: int) -> None:
    """(a), as a Markdown table."""
    known = jobs(count)
    began = time.perf_counter()
    known["normal", "float32", "fanin"][0]()
    torch.cuda.synchronize()
    print(f"first use: {time.perf_counter() - began:.2f} s")
    times: dict[tuple[str, str, str], list[float]] = {key: [] for key in known}
    for turn in range(rounds + 1):
        for key, (job, values) in known.items():
            taken = device_time(job) / values * 1e9  # picoseconds per value
            times[key] = [*times[key], taken] if turn else []
    middle = {key: statistics.median(taken) for key, taken in times.items()}
    print("| law | dtype | by | ps/value | least-greatest | share of fill_ | torch's time over fanin's |")
    print("|---|---|---|---|---|---|---|")
    for (what, dtype, who), taken in times.items():
        here, peer = middle[what, dtype, who], middle.get((what, dtype, "torch"))
        ratio = f"{peer / here:.2f}" if peer and who == "fanin" else ""
        share = f"{middle['fill_', dtype, 'torch'] / here:.0%}"
        print(f"| {what} | {dtype} | {who} | {here:.2f} | {min(taken):.2f}-{max(taken):.2f} | {share} | {ratio} |")

    for words, made in (("GPT-2 XL, ms", gpt2_xl()), ("a call for a small tensor, us", small())):
        scale = 1 if "ms" in words else 10
        found = {who: [scale * host_time(job) for _ in range(rounds + 1)][1:] for who, job in made.items()}
        print(f"host, {words}: " + ", ".join(f"{who} {spread(taken)}" for who, taken in found.items()), flush=True)


def on_gpu(build: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    """The same network, there."""
    return lambda: build().cuda()


def main() -> None:
    """Time all in turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--networks", default="mlp,attention,cnn")
    options = parser.parse_args()
    print(
        f"{date.today()}, fanin {fanin.__version__}, torch {torch.__version__}, {torch.cuda.get_device_name()}, ",
        end="",
    )
    print(f"Python {platform.python_version()}", flush=True)
    draws(options.count, options.rounds)
    builds = {"mlp": mlp, "attention": attention, "cnn": cnn}
    for batch in (64, 16):
        for name in options.networks.split(","):
            ratio = stacks(on_gpu(builds[name]), batch)()
            print(f"(b) a stack of 32 against plain loops, {name}, batch {batch}: {ratio:.1f}", flush=True)


if __name__ == "__main__":
    main()
