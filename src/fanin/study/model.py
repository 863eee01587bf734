"""A network in code, PyTorch's, as the work of a study."""

import inspect
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from fanin import schemes
from fanin.errors import FaninError, InputError, shorten
from fanin.study import arms, datasets
from fanin.study.cell import Value
from fanin.study.code import own_modules
from fanin.study.datasets import Examples
from fanin.study.dense import cut, held_out
from fanin.study.grid import whole
from fanin.study.models import SHOWN, Build, Models, adapter, cell_of
from fanin.study.outcome import Epoch, Outcome
from fanin.study.own import Train, trained
from fanin.study.summary import yardstick
from fanin.study.task import ModelTask
from fanin.study.train import order
from fanin.study.work import Settings, Tick, Yardstick
from fanin.values import Trial

_RATES = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001, "adamw": 0.001}


@dataclass(frozen=True, slots=True, eq=False)
class ModelWork:
    """A model in code, its data and its loss; see `Work`.

    Attributes:
        task: the settings: a preset's, or the usual ones of somebody's own function.
        models: what makes them.
        own: somebody's own `train(model, trial)`; the data are optional then.
        code: hash of what the functions are made of.
        companies: how many trials of a cell train together, as far as it was asked; workers are told.
    """

    task: ModelTask
    models: Models
    own: Train | None
    code: str
    companies: dict[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> Examples | None:
        """What the models are trained on, if the task has any."""
        return self.models.data

    @property
    def title(self) -> str:
        """The task's."""
        return self.task.title

    @property
    def inits(self) -> tuple[str, ...]:
        """The task's."""
        return self.task.inits

    @property
    def axes(self) -> Mapping[str, Sequence[Any]]:
        """The task's."""
        return self.task.axes

    @property
    def modules(self) -> tuple[ModuleType, ...]:
        """Modules of the user's that workers must be sent: no installed package finds them there."""
        return own_modules(self.models.build, self.task.loss, self.own)

    def facts(self) -> dict[str, Any]:
        """Classes and source of the data."""
        if self.data is None:
            return {"classes": None, "source": "its own"}
        return {"classes": self.data.classes, "source": self.data.source}

    def verify(self, init: str) -> None:
        """Refuse what is no recipe, no plan and no scheme."""
        arms.verify(init, self.models.files)

    def base(self, cell: Mapping[str, Value], settings: Settings) -> Trial:
        """The trial of some settings; the function must take those that are asked for."""
        for axis in ("depth", "width", "activation"):
            if axis in cell and axis not in parameters(self.models.build):
                raise InputError(f"{self.task.name} takes no {axis}; give it a parameter of this name to vary it")
        if settings.bias is not None:
            schemes.parse(settings.bias)
        n_train, n_test, held = self._sizes(settings.hold_out)
        task, optimizer = self.task, str(cell.get("optimizer", self.task.optimizer))
        depth, width = (None if cell.get(axis) is None else int(cell[axis] or 0) for axis in ("depth", "width"))
        batch = task.batch if settings.batch is None else whole("batch", settings.batch)
        usual = task.lr is None or optimizer != task.optimizer
        return Trial(
            task=self.task.name,
            init=self.inits[0],
            bias=settings.bias or "",
            seed=0,
            widths=(),
            activation=str(cell.get("activation", "")),
            output="",
            loss=self.task.loss if isinstance(self.task.loss, str) else getattr(self.task.loss, "__name__", "its own"),
            data="its own" if self.data is None else self.data.name,
            train=n_train,
            test=n_test,
            epochs=task.epochs if settings.epochs is None else whole("epochs", settings.epochs),
            batch=batch if self.data is None else min(batch, n_train),
            lr=_RATES[optimizer] if usual or task.lr is None else task.lr,
            optimizer=optimizer,  # type: ignore[arg-type]  # the grid has checked it
            validation=held,
            depth=depth,
            width=width,
            code=self.code,
        )

    def stacks(self, trials: Sequence[Trial], workers: int) -> list[tuple[Trial, ...]]:
        """Trials of one cell together, as many as its models allow; a trial has the same bits in any company."""
        found: dict[str, list[Trial]] = {}
        for trial in trials:
            found.setdefault(cell_of(trial), []).append(trial)
        cells = [cut(tuple(cell), workers, self._most(cell[0])) for cell in found.values()]
        return sorted((stack for cell in cells for stack in cell), key=lambda stack: stack[0].seed)

    def effort(self, trial: Trial) -> float:
        """Unknown, so that workers are worth their start."""
        return float("inf")

    def train(self, stack: Sequence[Trial], tick: Tick) -> tuple[Outcome, ...]:
        """All together where every operation allows it, or one by one; with somebody's own training always so."""
        began = time.perf_counter()
        if self.own is not None:
            return tuple(self._by_its_own(self.own, trial, tick) for trial in stack)
        models = [self.models.initialized(trial) for trial in stack]
        rows = self._train(models, stack, tick)
        seconds = (time.perf_counter() - began) / len(stack)
        return tuple(_outcome(trial, found, seconds) for trial, found in zip(stack, rows, strict=True))

    def _by_its_own(self, train: Train, trial: Trial, tick: Tick) -> Outcome:
        """One trial by somebody's own training; what that draws follows the trial's seed."""
        began, model = time.perf_counter(), self.models.initialized(trial)
        with adapter().seeded(trial.seed):
            epochs, state = trained(train, model, trial, tick)
        return Outcome(trial, state, tuple(epochs), seconds=time.perf_counter() - began)

    def start(self, trial: Trial) -> dict[str, Any]:
        """The doctor's view of the first model of an arm, and how the arm will be trained."""
        from fanin.checkup import check

        model = self.models.initialized(trial)
        reason = self._company(trial).reason
        notes = [f"trained one by one: {shorten(reason, 160)}"] if reason else []
        if self.data is None:
            return {"init": trial.init, "start": None, "check": None, "notes": notes}
        x, y = datasets.scaled(self.data.x_train[:SHOWN], self.data.x_train.dtype), self.data.y_train[:SHOWN]
        try:
            report = check(model, (x, y), loss=self.task.loss, lr=trial.lr, optimizer=trial.optimizer).to_json()
        except FaninError as error:  # a model that trains may still do what the doctor can't follow
            return {"init": trial.init, "start": None, "check": None, "notes": [*notes, f"not checked: {error}"]}
        return {"init": trial.init, "start": None, "check": report, "notes": notes}

    def yardstick(self) -> Yardstick:
        """By accuracy where targets are classes, or else by the loss of the best constant answer."""
        return yardstick(self.task.loss, None if self.data is None else self.data.y_test)

    def _sizes(self, hold_out: bool) -> tuple[int, int, int]:
        """Training, test and validation examples; the training ones without those held out."""
        if self.data is None:
            return 0, 0, 0
        given = 0 if self.data.x_validation is None else len(self.data.x_validation)
        held = given or (held_out(len(self.data.x_train)) if hold_out else 0)
        return len(self.data.x_train) - (0 if given else held), len(self.data.x_test), held

    def _train(self, models: Sequence[Any], stack: Sequence[Trial], tick: Tick) -> list[list[dict[str, Any]]]:
        trial, torch = stack[0], adapter()
        how = torch.Course(
            tuple(t.seed for t in stack),
            tuple(t.lr for t in stack),
            trial.optimizer,
            trial.epochs,
            trial.batch,
            tuple(self.models.arm(t, m).rates for m, t in zip(models, stack, strict=True)),
        )
        found: list[list[dict[str, Any]]] = torch.train(
            models,
            self._arrays(trial),
            self.task.loss,
            how,
            lambda seed, epoch: order(seed, epoch, trial.train),
            tick,
            self._company(trial),
        )
        return found

    def _arrays(self, trial: Trial) -> dict[str, tuple[Any, Any]]:
        """Inputs and targets of each part of the data."""
        if self.data is None:
            raise InputError(f"{self.task.name} has no data to train on; give data, or a training of its own")
        data = self.data.held_out(trial.validation)
        arrays = {"train": (data.x_train, data.y_train), "test": (data.x_test, data.y_test)}
        if trial.validation and data.x_validation is not None and data.y_validation is not None:
            arrays["validation"] = (data.x_validation, data.y_validation)
        return arrays

    def _most(self, trial: Trial) -> int:
        """How many train together; one, where none can be trained, so that each trial says so for itself."""
        try:
            return int(self._company(trial).most)
        except Exception:  # noqa: BLE001  what it is, is said when the trial is trained
            return 1

    def _company(self, trial: Trial) -> Any:
        """How many trials such as this train together, found out once per cell on a model of this shape."""
        cell, torch = cell_of(trial), adapter()
        if cell not in self.companies:
            if self.own is not None:
                self.companies[cell] = torch.Company(1, "a function of its own trains the models")
            else:
                model = self.models.built(replace(trial, seed=0))
                arrays = {key: (x[:SHOWN], y[:SHOWN]) for key, (x, y) in self._arrays(trial).items()}
                self.companies[cell] = torch.company_of(model, arrays, self.task.loss, trial.optimizer, trial.batch)
        return self.companies[cell]


def parameters(function: Build) -> Mapping[str, inspect.Parameter]:
    """What a function takes, by name; nothing where that can't be told."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _outcome(trial: Trial, rows: Sequence[Mapping[str, Any]], seconds: float) -> Outcome:
    epochs = tuple(Epoch(**row) for row in rows)
    return Outcome(trial, "diverged" if epochs[-1].loss is None else "done", epochs, seconds=seconds)
