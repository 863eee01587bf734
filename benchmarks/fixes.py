"""Do sick networks pass the check, and learn, after `report.fix_`?

    python benchmarks/fixes.py [--only NAME] [--steps 300]

The networks are the sick ones of tests/zoo. Each is checked, a copy of it is fixed and checked again, and both are
trained: on the same batches in the same order, up to 300 steps under each of four settings (Adam 1e-3 and 3e-4, SGD
with momentum 0.9 at 0.1 and 0.01). A network has learned when its loss on held-out data is below half of that of the
best constant answer under one of them; the rest are not tried then. Of the text, a Markov chain whose own entropy is
0.41 of that, 0.7 is enough. Random answers to random codes can't be generalised: there, the data of the training count.
Printed is a row per network: the loss in units of the best constant answer's, at the start, and at its least while
training, which stops when it is enough; and where it learned first. Networks whose fault is their shape, so that no
weights cure them, are shown and not counted.
"""

import argparse
import copy
import math
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

import fanin

ZOO = Path(__file__).parents[1] / "tests"
SHAPELESS = ("twenty_sigmoids", "attention_without_skips", "narrow_and_deep")
SETTINGS = ("adam 1e-3", "sgd 0.1", "sgd 0.01", "adam 3e-4")
EVERY = 25
SIZES = {"text": (256, 8), "sentences": (256, 16), "noise": (32, 32), "images": (640, 16)}
"""Samples and batch size by the name of the data; 1024 and 32 of all others."""
ENOUGH = {"text": 0.7}
"""Loss in units of the best constant answer's that is learning; 0.5 for all others."""


class Run(NamedTuple):
    """How the training of one network went, in units of the loss of the best constant answer."""

    start: float
    least: float
    where: str = ""

    @property
    def learned(self) -> str:
        """In a word."""
        return self.where or "no"


def split(entry) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor], int]:
    """Data to train on, data to judge by, and the size of a batch."""
    name = entry.data.__name__
    count, batch = SIZES.get(name, (1024, 32))
    x, y = entry.data(count if name == "noise" else count + count // 4)
    return (x[:count], y[:count]), (x, y) if name == "noise" else (x[count:], y[count:]), batch


def loss_of(model: nn.Module, data: tuple[Tensor, Tensor], name: str) -> Tensor:
    """Mean over all answers."""
    output, target = model(data[0]), data[1]
    if name == "mse":
        return nn.functional.mse_loss(output, target)
    return nn.functional.cross_entropy(output.flatten(0, -2), target.flatten())


def batches(data: tuple[Tensor, Tensor], size: int, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The same for every network."""
    generator = torch.Generator().manual_seed(0)
    for _ in range(steps):
        rows = torch.randint(len(data[0]), (size,), generator=generator)
        yield data[0][rows], data[1][rows]


def losses(model: nn.Module, entry, setting: str, steps: int) -> Iterator[tuple[int, float]]:
    """(step, loss) before training, and every few steps of it, until it is no number any more."""
    data, judged, size = split(entry)
    name, rate = setting.split()
    params = [p for p in model.parameters() if p.requires_grad]
    optimizer = (
        torch.optim.Adam(params, float(rate)) if name == "adam" else torch.optim.SGD(params, float(rate), momentum=0.9)
    )

    def judge() -> float:
        model.eval()
        with torch.no_grad():
            found = float(loss_of(model, judged, entry.loss))
        model.train()
        return found

    yield 0, judge()
    for step, batch in enumerate(batches(data, size, steps), 1):
        loss = loss_of(model, batch, entry.loss)
        if not math.isfinite(float(loss)):
            return
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % EVERY == 0:
            yield step, judge()


def train(model: nn.Module, entry, reference: float, steps: int) -> Run:
    """Under one setting after the other, until it has learned."""
    start, least = math.nan, math.inf
    for setting in SETTINGS:
        for step, loss in losses(copy.deepcopy(model), entry, setting, steps):
            if step == 0:
                start = loss / reference
            elif loss / reference < least:
                least = loss / reference
            if step and least < ENOUGH.get(entry.data.__name__, 0.5):
                return Run(start, least, f"{setting}, {step} steps")
    return Run(start, least)


def row(entry, steps: int) -> tuple[str, bool, bool, bool]:
    """One line of the table; whether it passes, learned before, and learned after."""
    torch.manual_seed(0)
    sick = entry.build()
    report = fanin.check(sick, entry.data(128), loss=entry.loss, **entry.options)
    healthy = copy.deepcopy(sick)
    fixed = report.fix_(healthy)
    reference = next(iter(fixed.case.values("forward", "loss_reference").values()))
    before, after = (train(model, entry, reference, steps) for model in (sick, healthy))
    cells = (
        entry.name,
        next(finding.slug for finding in report.findings if finding.code == report.cause),
        "passes" if fixed.ok else fixed.cause,
        *(f"{run.start:.3g}, {run.least:.3g}" for run in (before, after)),
        before.learned,
        after.learned,
    )
    return f"| {' | '.join(map(str, cells))} |", fixed.ok, bool(before.where), bool(after.where)


def main() -> None:
    """Print each row as soon as it is there, and the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="networks whose name contains this")
    parser.add_argument("--steps", type=int, default=300)
    options = parser.parse_args()
    sys.path.insert(0, str(ZOO))
    from zoo import entries

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    print(
        "| network | cause | after the fix | loss before: start, least | after: start, least | learned before | after |"
    )
    print("|---|---|---|---|---|---|---|")
    found = []
    for entry in entries("sick"):
        if options.only in entry.name:
            text, *answers = row(entry, options.steps)
            print(text, flush=True)
            if entry.name not in SHAPELESS:
                found.append(answers)
    stuck = [after for _, before, after in found if not before]
    print(f"\npass after the fix: {sum(ok for ok, *_ in found)} of {len(found)} whose cause is in the weights")
    print(f"did not learn: {len(stuck)}; learn after the fix: {sum(stuck)} of them")
    print(f"learned before and not after: {sum(before and not after for _, before, after in found)}")


if __name__ == "__main__":
    main()
