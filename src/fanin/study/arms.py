"""What an init of a model in code means: its own weights, a recipe, a plan, a scheme; and a last step that sees data.

`keep` leaves what the model's own code drew. A recipe or the path of a plan decides every parameter. A scheme fills the
weights, with biases 0 and the rest as `signal` has it. `lsuv` is orthogonal weights, then calibrated on a batch;
`lsuv(he_normal)` calibrates another start.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fanin import assign, calibrate, recipes, schemes
from fanin.apply import adapter_of, apply_
from fanin.values import Param, Trial
from fanin.values.plan import Plan

KEEP = "keep"

Files = Mapping[str, str]
"""Text of plans and recipe files, by path."""


def verify(init: str, files: Files) -> None:
    """Refuse what is no recipe, no plan, no scheme and no calibration of one of these."""
    _, start = _step(init)
    if start != KEEP and start not in files and not is_recipe(start):
        schemes.parse(start)


def initialize_(model: Any, trial: Trial, files: Files, batch: Any, inputs: Any) -> None:
    """Give a model the start of a trial, in place.

    Args:
        model: as its code built it.
        trial: of which the init, the bias and the seed count.
        files: see `Files`.
        batch: the examples that a calibration sees. inputs: a few, to find out how the model is executed.
    """
    step, start = _step(trial.init)
    if start != KEEP:
        apply_(_plan(model, start, trial.bias, files, inputs), model, seed=trial.seed)
    if step is not None:
        step(model, batch)


def rates(model: Any, trial: Trial, inputs: Any) -> dict[str, float]:
    """Factors on the learning rate, by parameter, where the init is a recipe that asks for them."""
    _, start = _step(trial.init)
    if not is_recipe(start) or recipes.find(start.partition("(")[0].strip()).rate is None:
        return {}
    graph, params = adapter_of(model).describe(model, inputs)
    return assign.rates(params, graph, start, trial.optimizer)


def is_recipe(init: str) -> bool:
    """Whether an init begins with the name of a recipe."""
    return init.partition("(")[0].strip() in recipes.catalogue()


def _step(init: str) -> tuple[calibrate.Calibrate | None, str]:
    """The calibration that an init ends with, and the start that it is given."""
    name, start = re.fullmatch(r"\s*(\w+)\s*(?:\((.*)\))?\s*|.*", init, re.DOTALL).groups()  # type: ignore[union-attr]
    found = calibrate.catalogue().get(name or "")
    return (None, init) if found is None else (found.run, start or found.start)


def _plan(model: Any, start: str, bias: str, files: Files, inputs: Any) -> Plan:
    """A plan or recipe as it is; a scheme for every weight, with biases 0 and the rest as `signal` has it."""
    graph, params = adapter_of(model).describe(model, inputs)  # once: the model is run for it
    if start in files:
        return assign.assign(params, graph, *assign.read(files[start], Path(start).suffix[1:]))
    if is_recipe(start):
        return assign.assign(params, graph, start, _overrides(params, bias=bias) if bias else {})
    return assign.assign(params, graph, "signal", _overrides(params, weight=start, bias=bias or "zeros"))


def _overrides(params: Sequence[Param], bias: str, weight: str = "") -> dict[str, str]:
    """Schemes by path for the parameters of these roles."""
    by_role = {"bias": bias, "weight": weight, "recurrent": weight}
    return {param.path: scheme for param in params if (scheme := by_role.get(param.role, ""))}
