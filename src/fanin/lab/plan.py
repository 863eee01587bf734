"""What a request to train asks for: from the body of POST /api/runs to trials on data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fanin.errors import InputError, UnknownName, shorten
from fanin.lab import query as ask
from fanin.lab.answers import at
from fanin.study.dense import DenseWork
from fanin.study.grid import Grid, grid, trials
from fanin.study.header import command, header, starts
from fanin.study.run import work_of
from fanin.study.task import Task, tasks
from fanin.study.work import Settings
from fanin.values import Trial

DATA: Final = ("mnist-mini", "digits")
"""Embedded, so that nothing is read from a path that a request names."""

_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "task": (str,),
    "inits": (list,),
    "seed": (int,),
    "epochs": (int, type(None)),
    "lr": (int, float, type(None)),
    "data": (str, type(None)),
    "bias": (str, type(None)),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One trial per initialization, all of one seed, in one stack."""

    work: DenseWork
    found: Grid
    trials: tuple[Trial, ...]
    options: dict[str, Any]

    def header(self) -> dict[str, Any]:
        """As the header of `fanin compare` with the same settings: what the doctor says of each arm is in it."""
        words = command(self.work.task.name, self.found.inits, self.options)
        return header(self.work, starts(self.work, self.found, self.trials), self.trials, words)


def presets() -> dict[str, Task]:
    """The presets that train here, in NumPy: dense networks."""
    return {name: task for name, task in tasks().items() if isinstance(task, Task)}


def plan(body: Any) -> Plan:
    """The trials that a body asks for.

    Raises:
        FaninError: a value that is missing, unknown, of another kind or out of range.
        Refusal: the same, with the name of the field.
    """
    given = _checked(body)
    with at("task"):
        if given["task"] not in presets():
            raise UnknownName("preset", given["task"], presets())
        work = work_of(given["task"], given.get("data"))
    assert isinstance(work, DenseWork)
    inits = [text for text, _ in ask.inits(given["inits"])]
    if given.get("bias") is not None:
        ask.scheme("bias", given["bias"])
    for name in ("seed", "epochs", "lr"):
        _check_range(name, given.get(name))
    found = grid(inits=inits, lr=given.get("lr"), seeds=1, seed=given.get("seed", 0))
    planned = trials(work, found, Settings(given.get("bias"), given.get("epochs")))
    options = {name: given.get(name) for name in ("lr", "bias", "epochs", "data")}
    return Plan(work, found, planned, {"seeds": 1, "seed": given.get("seed") or None, **options})


def _checked(body: Any) -> dict[str, Any]:
    """The body as an object whose values have the right kinds."""
    if not isinstance(body, dict):
        raise InputError(f"the body is a {type(body).__name__}; expected an object with task and inits")
    for name, value in body.items():
        if name not in _KINDS:
            raise UnknownName("field", name, _KINDS)
        if isinstance(value, bool) or not isinstance(value, _KINDS[name]):
            with at(name):
                raise InputError(f"{name} is a {type(value).__name__}; expected {_words(name)}")
    for name in ("task", "inits"):
        if name not in body:
            with at(name):
                raise InputError(f"{name} is missing; expected {_words(name)}")
    if not all(isinstance(text, str) for text in body["inits"]):
        with at("inits"):
            raise InputError("inits holds something that is no text; expected expressions")
    with at("data"):
        if body.get("data") not in (None, *DATA):
            raise UnknownName("data set", body["data"], DATA)
    return body


def _words(name: str) -> str:
    shown = {str: "a text", list: "a list of texts", int: "a whole number", float: "a number", type(None): "null"}
    kinds = _KINDS[name]
    return " or ".join(shown[kind] for kind in kinds if not (kind is int and float in kinds))


def _check_range(name: str, value: float | None) -> None:
    least, most = ask.LIMITS[name]
    with at(name):
        if value is not None and not least <= value <= most:
            raise InputError(f"{name} is {shorten(str(value), 20)}; expected {least:g} to {most:g}")
