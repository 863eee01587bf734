"""What an init of a model in code means: its own weights, a recipe, a plan, a scheme; and a last step that sees data.

`keep` leaves what the model's own code drew. A recipe or the path of a plan decides every parameter. A scheme fills the
weights, with biases 0 and the rest as `signal` has it. `lsuv` is orthogonal weights, then calibrated on a batch;
`lsuv(he_normal)` calibrates another start.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fanin import assign, calibrate, recipes, schemes
from fanin.apply import adapter_of, apply_
from fanin.values import Graph, Param, Trial
from fanin.values.plan import Plan

KEEP = "keep"

Files = Mapping[str, str]
"""Text of plans and recipe files, by path."""


def verify(init: str, files: Files) -> None:
    """Refuse what is no recipe, no plan, no scheme and no calibration of one of these."""
    _, start = _step(init)
    if start != KEEP and start not in files and not is_recipe(start):
        schemes.parse(start)


@dataclass(frozen=True, slots=True)
class Arm:
    """What an init means for models of one shape.

    Attributes:
        plan: of every parameter; None keeps what the model's code drew.
        rates: factors on the learning rate, by parameter, where the init is a recipe that asks for them.
    """

    plan: Plan | None
    rates: Mapping[str, float]

    def fits(self, model: Any) -> bool:
        """Whether a model has the parameters of the plan."""
        shapes = {} if self.plan is None else {path: each.param.shape for path, each in self.plan.by_path.items()}
        return self.plan is None or shapes == {k: shape for k, (shape, *_) in adapter_of(model).shapes(model).items()}


def arm(model: Any, trial: Trial, files: Files, inputs: Any) -> Arm:
    """What the init of a trial means for such a model, which is run once to see what follows what.

    Args:
        model: as its code built it.
        trial: of which the init, the bias and the optimizer count.
        files: see `Files`.
        inputs: a few examples, to find out how the model is executed.
    """
    _, start = _step(trial.init)
    if start == KEEP:
        return Arm(None, {})
    graph, params = adapter_of(model).describe(model, inputs)
    rates = assign.rates(params, graph, start, trial.optimizer) if is_recipe(start) else {}
    return Arm(_plan(params, graph, start, trial.bias, files), rates)


def initialize_(model: Any, trial: Trial, plan: Plan | None, batch: Any) -> None:
    """Give a model the start of a trial, in place; a calibration sees the batch."""
    step, _ = _step(trial.init)
    if plan is not None:
        apply_(plan, model, seed=trial.seed)
    if step is not None:
        step(model, batch)


def is_recipe(init: str) -> bool:
    """Whether an init begins with the name of a recipe."""
    return init.partition("(")[0].strip() in recipes.catalogue()


def _step(init: str) -> tuple[calibrate.Calibrate | None, str]:
    """The calibration that an init ends with, and the start that it is given."""
    name, start = re.fullmatch(r"\s*(\w+)\s*(?:\((.*)\))?\s*|.*", init, re.DOTALL).groups()  # type: ignore[union-attr]
    found = calibrate.catalogue().get(name or "")
    return (None, init) if found is None else (found.run, start or found.start)


def _plan(params: Sequence[Param], graph: Graph | None, start: str, bias: str, files: Files) -> Plan:
    """A plan or recipe as it is; a scheme for every weight, with biases 0 and the rest as `signal` has it."""
    if start in files:
        return assign.assign(params, graph, *assign.read(files[start], Path(start).suffix[1:]))
    if is_recipe(start):
        return assign.assign(params, graph, start, _overrides(params, bias=bias) if bias else {})
    return assign.assign(params, graph, "signal", _overrides(params, weight=start, bias=bias or "zeros"))


def _overrides(params: Sequence[Param], bias: str, weight: str = "") -> dict[str, str]:
    """Schemes by path for the parameters of these roles."""
    by_role = {"bias": bias, "weight": weight, "recurrent": weight}
    return {param.path: scheme for param in params if (scheme := by_role.get(param.role, ""))}
