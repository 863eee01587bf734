"""The models of a study in code: built under a trial's seed, and started as its init says."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from fanin.errors import MissingExtra
from fanin.study import arms
from fanin.study.datasets import Examples
from fanin.values import Trial

Build = Callable[..., Any]

SHOWN = 256
"""Examples that a calibration and the doctor see."""
_TRIED = 2  # examples that a plan is made with


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """What makes models.

    Attributes:
        build: somebody's function.
        data: what they are trained on; None where their own training has it.
        files: text of the plans and recipe files among the inits, by path.
        planned: what the inits mean for the models of a cell, as far as it was asked; workers are told.
    """

    build: Build
    data: Examples | None
    files: arms.Files
    planned: dict[tuple[str, str], arms.Arm] = field(default_factory=dict)

    def built(self, trial: Trial) -> Any:
        """The model of a trial as its function makes it."""
        axes = {"depth": trial.depth, "width": trial.width, "activation": trial.activation or None}
        return adapter().make(self.build, {k: v for k, v in axes.items() if v is not None}, trial.seed)

    def initialized(self, trial: Trial) -> Any:
        """The model of a trial: built and initialized under its seed."""
        model = self.built(trial)
        if trial.init != arms.KEEP:
            with adapter().one_thread():  # a calibration measures
                arms.initialize_(model, trial, self.arm(trial, model).plan, self._inputs(model, SHOWN))
        return model

    def arm(self, trial: Trial, model: Any) -> arms.Arm:
        """What a trial's init means: found out once per cell, on the model of seed 0, so that no order decides it."""
        key = cell_of(trial), trial.init
        if key not in self.planned:
            first = self.built(replace(trial, seed=0))
            self.planned[key] = arms.arm(first, trial, self.files, self._inputs(first, _TRIED))
        found = self.planned[key]  # a model whose seed decides its shape has one of its own
        return found if found.fits(model) else arms.arm(model, trial, self.files, self._inputs(model, _TRIED))

    def _inputs(self, model: Any, count: int) -> Any:
        """The first examples as what the model is called with; None without data."""
        return None if self.data is None else adapter().model_inputs(model, self.data.x_train[:count])


def cell_of(trial: Trial) -> str:
    """A name for what trials that train together have in common."""
    return replace(trial, init="", seed=0, lr=0.0).id


def adapter() -> Any:
    """PyTorch's adapter.

    Raises:
        MissingExtra: PyTorch is not installed.
    """
    try:
        return importlib.import_module("fanin.adapters.torch")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtra("PyTorch", "torch", "a network in code") from None
