"""Everything about a study but its outcomes, so that its store alone can report it."""

import platform
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from fanin import __version__
from fanin.study.cell import belongs
from fanin.study.grid import Grid
from fanin.study.work import Work
from fanin.values import Trial, codec


def header(work: Work, found: Grid, trials: Sequence[Trial], command: str) -> dict[str, Any]:
    """Arms with how they start, the trials, and how to reproduce them."""
    yardstick = work.yardstick()
    with threadpool_limits(1):
        arms = [
            {**work.start(_first(trials, init, cell)), "cell": cell} for cell in found.cells for init in found.inits
        ]
    return {
        "title": work.title,
        "data": work.facts(),
        "chance": yardstick.chance,
        "yardstick": codec.encode(yardstick),
        "trials": [trial.to_json() for trial in trials],
        "arms": arms,
        "reproduce": {
            "command": command,
            "fanin": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "platform": f"{platform.system()} {platform.machine()}",
        },
    }


def _first(trials: Sequence[Trial], init: str, cell: Mapping[str, Any]) -> Trial:
    """The trial that stands for an arm: of its first seed and rate."""
    return next(trial for trial in trials if belongs(trial, init, cell))


def command(task: str, arms: Iterable[str], options: Mapping[str, object]) -> str:
    """The command line of a study."""
    words = ["fanin", "compare", task]
    for arm in arms:
        words += ["--init", arm]
    for name, value in options.items():
        if value is True:
            words.append(f"--{name.replace('_', '-')}")
        elif value is not None and value is not False:
            words += [f"--{name.replace('_', '-')}", _text(value)]
    return shlex.join(words)


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
