"""What a study costs beside its training: the engine, the second worker, and stacks of models against plain loops.

    python benchmarks/study.py [--rounds 5] [--trials 100] [--parts abc]

(a) Trials that do nothing for 100 ms each, by two worker processes and with a store on disk, against the same trials
    one after the other in a plain loop: what the engine and the store add per trial, once the workers have started.
(b) The `nielsen` preset on mnist-mini, by one worker and by two: start of the processes included.
(c) Small PyTorch models trained in stacks by a study, against the loop that everybody writes, one model after the
    other, on one thread: from the same weights, over the same batches, with loss and accuracy taken after each epoch.

All are timed in turns, round by round, in one process and its workers; a ratio is given as the median over rounds, with
the least and the greatest.
"""

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import fanin
from fanin.study import datasets
from fanin.study.datasets import scaled
from fanin.study.dense import DenseWork
from fanin.study.grid import grid, trials
from fanin.study.model import ModelWork
from fanin.study.outcome import Epoch, Outcome
from fanin.study.runner import run
from fanin.study.store import Store
from fanin.study.task import task
from fanin.study.train import order
from fanin.study.work import Settings, Tick
from fanin.study.works import model_work
from fanin.values import Trial

NAP = 0.1
EPOCHS = 10


@dataclass(frozen=True, slots=True)
class Naps:
    """A work whose trials sleep, so that all that is left to measure is what happens around them."""

    def stacks(self, wanted: Sequence[Trial], workers: int) -> list[tuple[Trial, ...]]:
        """Each alone."""
        return [(trial,) for trial in wanted]

    def effort(self, trial: Trial) -> float:
        """Worth a worker."""
        return float("inf")

    def train(self, stack: Sequence[Trial], tick: Tick) -> tuple[Outcome, ...]:
        """Nothing, for a while; the rows are those of a real trial of ten epochs."""
        time.sleep(NAP)
        rows = tuple(Epoch(k, 1.0, 0.5, 0.5, (0.1, 0.1), (0.1, 0.1), (0.1, 0.1)) for k in range(11))
        return tuple(Outcome(trial, "done", rows, seconds=NAP) for trial in stack)


def engine_cost(wanted: Sequence[Trial]) -> float:
    """Of one trial by two workers that have started, in percent of what it takes alone."""
    alone = seconds(lambda: [Naps().train((trial,), lambda _: None) for trial in wanted])
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "s.sqlite") as store:
        found = run(Naps(), wanted, workers=2)  # type: ignore[arg-type]  # the part of a Work that a runner asks for
        store.add(next(found))
        first = time.perf_counter()
        for outcomes in found:
            store.add(outcomes)
        spent = time.perf_counter() - first
    return 100 * ((2 * spent / (len(wanted) - 1)) / (alone / len(wanted)) - 1)


def second_worker(dense: DenseWork, wanted: Sequence[Trial]) -> float:
    """Time by one worker over that by two, their start included."""
    one, two = (seconds(lambda n=n: list(run(dense, wanted, workers=n))) for n in (1, 2))
    return one / two


def mlp() -> nn.Module:
    """A dense network of the size of Nielsen's."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 30), nn.ReLU(), nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 10))


def attention() -> nn.Module:
    """One block of attention over the rows of an image."""
    return nn.Sequential(_Rows(), nn.Flatten(), nn.Linear(128, 10))


def cnn() -> nn.Module:
    """Two convolutions."""
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(256, 10)),
    )


class _Rows(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(8, 16) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = x.flatten(0, 1)
        return nn.functional.scaled_dot_product_attention(self.q(rows), self.k(rows), self.v(rows))


def plain_loops(work: ModelWork, wanted: Sequence[Trial]) -> list[float]:
    """One model after the other; the final test accuracies."""
    assert work.data is not None
    found = []
    parts = (work.data.x_train, work.data.y_train, work.data.x_test, work.data.y_test)
    device = next(work.models.initialized(wanted[0]).parameters()).device
    x, y, x_test, y_test = (torch.from_numpy(part).to(device) for part in parts)
    for trial in wanted:
        model: Any = work.models.initialized(trial)
        optimizer = torch.optim.SGD(model.parameters(), lr=trial.lr)
        for epoch in range(1, trial.epochs + 1):
            for rows in torch.from_numpy(order(trial.seed, epoch, trial.train)).to(device).split(trial.batch):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
                optimizer.step()
            with torch.no_grad():
                for inputs, targets in ((x, y), (x_test, y_test)):
                    output = model(inputs)
                    _ = float(nn.functional.cross_entropy(output, targets))
                    accuracy = float((output.argmax(1) == targets).float().mean())
        found.append(accuracy)
    return found


def stacks(build: Callable[[], nn.Module], batch: int) -> Callable[[], float]:
    """A measurement of plain loops over stacks, for 32 trials of one network."""
    digits = datasets.load("digits")
    x, x_test = (scaled(part, np.float32).reshape(-1, 1, 8, 8) for part in (digits.x_train, digits.x_test))
    work = model_work(build, (x, digits.y_train, x_test, digits.y_test), loss="cross_entropy")
    found = grid(inits=("keep", "signal", "xavier_normal", "0.1*randn"), lr=0.05, seeds=8)
    wanted = trials(work, found, Settings(epochs=EPOCHS, batch=batch))

    def ratio() -> float:
        ours: list[Outcome] = []
        theirs: list[float] = []
        together = seconds(lambda: ours.extend(o for s in run(work, wanted, workers=1) for o in s))
        apart = seconds(lambda: theirs.extend(plain_loops(work, wanted)))
        ended = {outcome.trial.id: outcome.final_accuracy or 0.0 for outcome in ours}
        worst = max(abs(ended[trial.id] - accuracy) for trial, accuracy in zip(wanted, theirs, strict=True))
        if worst > 0.03:
            raise SystemExit(f"a stack ends {100 * worst:.0f} points from its loop: this is not the same training")
        return apart / together

    return ratio


def seconds(action: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def spread(values: Sequence[float]) -> str:
    """Median, least and greatest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    """Time all in turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--parts", default="abc")
    options = parser.parse_args()
    torch.set_num_threads(1)
    preset = task("nielsen")
    dense = DenseWork(preset, preset.part(datasets.load("mnist-mini")))
    naps = trials(dense, grid(inits=["rand"], seeds=options.trials), Settings(epochs=1))
    study = trials(dense, grid(inits=dense.inits, seeds=8), Settings(epochs=20))
    jobs: dict[str, Callable[[], float]] = {}
    if "a" in options.parts:
        jobs["(a) engine and store, % of a trial of 100 ms; goal below 10"] = lambda: engine_cost(naps)
    if "b" in options.parts:
        jobs["(b) two workers against one; goal 1.8"] = lambda: second_worker(dense, study)
    if "c" in options.parts:
        networks = [(build, batch) for build in (mlp, attention, cnn) for batch in (16, 64)]
        jobs |= {
            f"(c) stacks of 32 against plain loops, {b.__name__}, batch {n}; goal 4": stacks(b, n) for b, n in networks
        }
    found: dict[str, list[float]] = {words: [] for words in jobs}
    for number in range(1, options.rounds + 1):
        for words, job in jobs.items():
            found[words].append(job())
            print(f"round {number}: {words}: {found[words][-1]:.2f}", flush=True)
    print(f"\n{date.today()}, fanin {fanin.__version__}, numpy {np.__version__}, torch {torch.__version__}, ", end="")
    print(f"Python {platform.python_version()}, {platform.machine()}")
    for words, values in found.items():
        print(f"{words}: {spread(values)}")


if __name__ == "__main__":
    main()
