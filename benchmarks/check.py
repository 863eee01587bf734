"""What a check costs: CPU time and peak memory against one forward and backward pass, and against other tools.

    python benchmarks/check.py [--networks resnet50 vit_b gpt2] [--tools step fanin ...] [--rounds 3]

Every job runs in a process of its own on one thread, so that its peak memory is its own; before each call of a tool a
plain training step is timed, so that a busy machine is busy for both. Tools that are not installed are left out
(pip install torchmortem torch-audit torchinfo). torchmortem watches three steps, with its cheapest sampling.
"""

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

NETWORKS = ("resnet50", "vit_b", "gpt2")
TOOLS = {
    "step": "torch",
    "fanin": "fanin",
    "torchinfo": "torchinfo",
    "torch-audit": "torch_audit",
    "torchmortem": "torchmortem",
}
IMAGES, TOKENS = 4, (2, 256)


def network(name: str) -> tuple[Callable[[], Any], dict[str, Any]]:
    """What builds a model from its configuration, and a batch with labels."""
    import torch
    import transformers

    torch.manual_seed(0)
    images = {"pixel_values": torch.randn(IMAGES, 3, 224, 224), "labels": torch.arange(IMAGES)}
    if name == "resnet50":
        return partial(transformers.ResNetForImageClassification, transformers.ResNetConfig(num_labels=1000)), images
    if name == "vit_b":
        return partial(transformers.ViTForImageClassification, transformers.ViTConfig(num_labels=1000)), images
    ids = torch.randint(0, 50257, TOKENS)
    return partial(transformers.GPT2LMHeadModel, transformers.GPT2Config()), {"input_ids": ids, "labels": ids}


def step(model: Any, batch: dict[str, Any]) -> None:
    """One forward and backward pass."""
    model(**batch).loss.backward()
    model.zero_grad(set_to_none=True)


def use(tool: str, model: Any, batch: dict[str, Any]) -> Callable[[], object]:
    """One use of a tool: a whole report, with as many training steps as it takes at the least."""
    import torch

    if tool == "step":
        return lambda: step(model, batch)
    if tool == "fanin":
        import fanin

        return lambda: fanin.check(model, batch)
    if tool == "torchinfo":
        import torchinfo

        return lambda: torchinfo.summary(model, input_data=batch, verbose=0)
    if tool == "torch-audit":
        return lambda: _torch_audit(model, batch, torch.optim.SGD(model.parameters(), lr=1e-6))
    return lambda: _torchmortem(model, batch, torch.optim.SGD(model.parameters(), lr=1e-6))


def _torch_audit(model: Any, batch: dict[str, Any], optimizer: Any) -> None:
    from torch_audit import audit_dynamic

    with audit_dynamic(model, optimizer=optimizer, every_n_steps=1, reporters=[]):
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def _torchmortem(model: Any, batch: dict[str, Any], optimizer: Any) -> None:
    from torchmortem import Autopsy

    with tempfile.TemporaryDirectory() as folder, Autopsy(model, optimizer, "fast") as autopsy:
        for _ in range(3):  # its detectors compare steps
            loss = model(**batch).loss
            loss.backward()
            optimizer.step()
            autopsy.step(loss=loss.item())
            optimizer.zero_grad()
        autopsy.report(str(Path(folder) / "report.html"))


def job(name: str, tool: str, rounds: int) -> dict[str, float]:
    """In a process of its own: CPU seconds of the tool and of a plain step in turns, and peak memory of the tool."""
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    build, batch = network(name)
    base = _resident()  # all is imported by now
    model = build()
    run = use(tool, model, batch)
    run()  # first use: imports and caches
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - base
    times: dict[str, list[float]] = {"tool": [], "step": []}
    for _ in range(rounds):
        for key, function in (("step", lambda: step(model, batch)), ("tool", run)):
            start = time.process_time()
            function()
            times[key].append(time.process_time() - start)
    ratios = [a / b for a, b in zip(times["tool"], times["step"], strict=True)]
    return {"seconds": statistics.median(times["tool"]), "ratio": statistics.median(ratios), "peak": peak}


def _resident() -> float:
    """Memory in use now, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Runs all jobs and prints one row each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=NETWORKS, choices=NETWORKS)
    parser.add_argument("--tools", nargs="+", default=TOOLS, choices=TOOLS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        print(json.dumps(job(*given.job, given.rounds)))
        return
    installed = [tool for tool in given.tools if importlib.util.find_spec(TOOLS[tool])]
    print(f"| network | tool | CPU seconds | steps' worth | peak memory, MB | of a step's |\n|{'---|' * 6}")
    for name in given.networks:
        peak = 0.0
        for tool in installed:
            command = [sys.executable, __file__, "--job", name, tool, "--rounds", str(given.rounds)]
            done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
            if done.returncode:
                print(f"| {name} | {tool} | failed: {done.stderr.strip().splitlines()[-1]} | | | |", flush=True)
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            peak = peak or found["peak"]
            cost = f"{found['seconds']:.1f} | {found['ratio']:.2f} | {found['peak']:.0f} | {found['peak'] / peak:.2f}"
            print(f"| {name} | {tool} | {cost} |", flush=True)


if __name__ == "__main__":
    main()
