"""Everything about a study but its outcomes, so that its store alone can report it."""

import platform
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from fanin import __version__
from fanin.errors import FaninError, InputError
from fanin.study.cell import belongs
from fanin.study.engines._attempt import failed
from fanin.study.grid import Grid
from fanin.study.work import Work
from fanin.values import Trial, codec


def starts(work: Work, found: Grid, trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """How each arm starts.

    Raises:
        InputError: no arm can start: the network, the data or the loss is wrong, and not one arm of it.
    """
    with threadpool_limits(1):
        arms = [
            {**_start(work, _first(trials, init, cell)), "cell": cell} for cell in found.cells for init in found.inits
        ]
    errors = [arm.pop("error") for arm in arms]
    if all(errors):
        raise InputError(f"no arm can start: {errors[0]}")
    return arms


def header(work: Work, arms: Sequence[Mapping[str, Any]], trials: Sequence[Trial], command: str) -> dict[str, Any]:
    """Arms, trials, and how to reproduce them."""
    yardstick = work.yardstick()
    return {
        "title": work.title,
        "data": work.facts(),
        "chance": yardstick.chance,
        "yardstick": codec.encode(yardstick),
        "trials": [trial.to_json() for trial in trials],
        "arms": list(arms),
        "reproduce": {
            "command": command,
            "fanin": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "platform": f"{platform.system()} {platform.machine()}",
        },
    }


def _start(work: Work, trial: Trial) -> dict[str, Any]:
    """How an arm looks before training, and what kept it from starting, if anything: its trials will fail of that."""
    try:
        return {**work.start(trial), "error": None}
    except Exception as error:  # noqa: BLE001  somebody's code raises anything, and the other arms go on
        text = str(error) if isinstance(error, FaninError) else str(failed(trial, error).error)
        return {"init": trial.init, "start": None, "check": None, "notes": [f"cannot start: {text}"], "error": text}


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
    texts = value if isinstance(value, (tuple, list)) else (value,)
    return ",".join(str(text).removesuffix(".0") for text in texts)
