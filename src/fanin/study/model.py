"""A network in code, PyTorch's, as the work of a study."""

import hashlib
import importlib
import inspect
import random
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from fanin import assign, recipes, schemes
from fanin.adapters import framework_of
from fanin.apply import apply_, plan
from fanin.errors import FaninError, InputError, UnknownName, shorten
from fanin.study import datasets
from fanin.study.cell import Value
from fanin.study.datasets._examples import Examples, examples, read_examples
from fanin.study.dense import held_out
from fanin.study.grid import whole
from fanin.study.outcome import Epoch, Outcome
from fanin.study.summary import half_way
from fanin.study.train import order
from fanin.study.work import Settings, Tick, Yardstick
from fanin.values import Param, Trial
from fanin.values.plan import Plan

STACK = 16
"""Trials that train together. The cut depends on the study alone, so that its bits do."""

_EPOCHS, _BATCH = 10, 64
_RATES = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001, "adamw": 0.001}
_CLASSES, _BITS = ("cross_entropy", "nll"), ("bce", "bce_with_logits")
_CHECKED = 256  # examples that the doctor sees
_INPUTS = 2  # examples that a plan is made with

Build = Callable[..., Any]
Train = Callable[..., Iterable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, eq=False)
class ModelWork:
    """A function that builds a model, its data and its loss; see `Work`.

    Attributes:
        name: of the function, as typed.
        build: may take depth, width and activation by name.
        loss: a name, or a function of (result, targets).
        own: somebody's own `train(model, trial)`; the data are optional then.
        code: hash of what the functions are made of.
        files: text of the plans and recipe files among the inits, by path.
    """

    name: str
    build: Build
    data: Examples | None
    loss: Any
    own: Train | None
    code: str
    files: Mapping[str, str]

    @property
    def title(self) -> str:
        """The function's name."""
        return self.name

    @property
    def inits(self) -> tuple[str, ...]:
        """What the function does itself, and the recipe for any model."""
        return ("keep", "signal")

    @property
    def modules(self) -> tuple[ModuleType, ...]:
        """Modules of the user's that workers must be sent: no installed package finds them there."""
        functions = (self.build, self.loss, self.own)
        homes = {getattr(f, "__module__", None) for f in functions if callable(f)}
        own = [sys.modules[name] for name in homes if name in sys.modules and _is_own(sys.modules[name])]
        folders = {Path(module.__file__).parent for module in own if module.__file__}
        beside = [m for m in sys.modules.values() if _is_own(m) and Path(str(m.__file__)).parent in folders]
        return tuple({module.__name__: module for module in (*own, *beside) if module.__name__ != "__main__"}.values())

    def facts(self) -> dict[str, Any]:
        """Classes and source of the data."""
        if self.data is None:
            return {"classes": None, "source": "its own"}
        return {"classes": self.data.classes, "source": self.data.source}

    def verify(self, init: str) -> None:
        """Refuse what is no recipe, no plan and no scheme."""
        if init != "keep" and init not in self.files and not _is_recipe(init):
            schemes.parse(init)

    def base(self, cell: Mapping[str, Value], settings: Settings) -> Trial:
        """The trial of some settings; the function must take those that are asked for."""
        for axis in ("depth", "width", "activation"):
            if axis in cell and axis not in _parameters(self.build):
                raise InputError(f"{self.name} takes no {axis}; give it a parameter of this name to vary it")
        if settings.bias is not None:
            schemes.parse(settings.bias)
        n_train, n_test, held = self._sizes(settings.hold_out)
        optimizer = str(cell.get("optimizer", "sgd"))
        depth, width = (None if cell.get(axis) is None else int(cell[axis] or 0) for axis in ("depth", "width"))
        batch = _BATCH if settings.batch is None else whole("batch", settings.batch)
        return Trial(
            task=self.name,
            init=self.inits[0],
            bias=settings.bias or "",
            seed=0,
            widths=(),
            activation=str(cell.get("activation", "")),
            output="",
            loss=self.loss if isinstance(self.loss, str) else getattr(self.loss, "__name__", "its own"),
            data="its own" if self.data is None else self.data.name,
            train=n_train,
            test=n_test,
            epochs=_EPOCHS if settings.epochs is None else whole("epochs", settings.epochs),
            batch=batch if self.data is None else min(batch, n_train),
            lr=_RATES[optimizer],
            optimizer=optimizer,  # type: ignore[arg-type]  # the grid has checked it
            validation=held,
            depth=depth,
            width=width,
            code=self.code,
        )

    def stacks(self, trials: Sequence[Trial], workers: int) -> list[tuple[Trial, ...]]:
        """Trials of one cell and seed together, whatever else is wanted: so a trial has the same company always."""
        found: dict[str, list[Trial]] = {}
        for trial in trials:
            found.setdefault(replace(trial, init="", lr=0.0).id, []).append(trial)
        whole_stacks = [tuple(s[i : i + STACK]) for s in found.values() for i in range(0, len(s), STACK)]
        return sorted(whole_stacks, key=lambda stack: stack[0].seed)

    def effort(self, trial: Trial) -> float:
        """Unknown, so that workers are worth their start."""
        return float("inf")

    def train(self, stack: Sequence[Trial], tick: Tick) -> tuple[Outcome, ...]:
        """All together where every operation allows it, or one by one; with somebody's own training always so."""
        began = time.perf_counter()
        models = [self._initialized(trial) for trial in stack]
        if self.own is not None:
            rows = [_own(self.own, model, trial, tick) for model, trial in zip(models, stack, strict=True)]
        else:
            rows, _ = self._train(models, stack, tick)
        seconds = (time.perf_counter() - began) / len(stack)
        return tuple(_outcome(trial, found, seconds) for trial, found in zip(stack, rows, strict=True))

    def start(self, trial: Trial) -> dict[str, Any]:
        """The doctor's view of the first model of an arm, and how the arm will be trained."""
        from fanin.checkup import check

        model = self._initialized(trial)
        notes = ["trained by a function of its own"] if self.own is not None else self._note(trial)
        if self.data is None:
            return {"init": trial.init, "start": None, "check": None, "notes": notes}
        x, y = datasets.scaled(self.data.x_train[:_CHECKED], self.data.x_train.dtype), self.data.y_train[:_CHECKED]
        try:
            report = check(model, (x, y), loss=self.loss, lr=trial.lr, optimizer=trial.optimizer).to_json()
        except FaninError as error:  # a model that trains may still do what the doctor can't follow
            return {"init": trial.init, "start": None, "check": None, "notes": [*notes, f"not checked: {error}"]}
        return {"init": trial.init, "start": None, "check": report, "notes": notes}

    def yardstick(self) -> Yardstick:
        """By accuracy where targets are classes, or else by the loss of the best constant answer."""
        y = None if self.data is None else self.data.y_test
        if y is None:
            return Yardstick("accuracy", 0.0, 0.5, "final test accuracy of at least 50 %")
        if (self.loss in _CLASSES and y.dtype.kind in "iub" and y.ndim == 1) or (
            self.loss in _BITS and y.size == len(y)
        ):
            counts = np.unique(y, return_counts=True)[1]
            return half_way(float(counts.max() / counts.sum()))
        if self.loss in _CLASSES and y.dtype.kind in "iub":
            share = np.unique(y, return_counts=True)[1] / y.size
            entropy = float(-(share * np.log(share)).sum())
            return Yardstick(
                "loss", entropy, 0.75 * entropy, "test loss at least a quarter below that of mere frequencies"
            )
        variance = float(np.square(y - y.mean(0)).mean())
        if self.loss == "mse":
            return Yardstick("loss", variance, variance / 2, "test loss at most half of the best constant answer's")
        return Yardstick("loss", float("inf"), float("inf"), "a finite test loss; of this loss no more can be said")

    def _sizes(self, hold_out: bool) -> tuple[int, int, int]:
        """Training, test and validation examples; the training ones without those held out."""
        if self.data is None:
            return 0, 0, 0
        given = 0 if self.data.x_validation is None else len(self.data.x_validation)
        held = given or (held_out(len(self.data.x_train)) if hold_out else 0)
        return len(self.data.x_train) - (0 if given else held), len(self.data.x_test), held

    def _train(
        self, models: Sequence[Any], stack: Sequence[Trial], tick: Tick
    ) -> tuple[list[list[dict[str, Any]]], str]:
        trial = stack[0]
        if self.data is None:
            raise InputError(f"{self.name} has no data to train on; give data, or a training of its own")
        data = self.data.held_out(trial.validation)
        arrays = {"train": (data.x_train, data.y_train), "test": (data.x_test, data.y_test)}
        if trial.validation and data.x_validation is not None and data.y_validation is not None:
            arrays["validation"] = (data.x_validation, data.y_validation)
        adapter = _adapter()
        how = adapter.Course(
            tuple(t.seed for t in stack), tuple(t.lr for t in stack), trial.optimizer, trial.epochs, trial.batch
        )
        found: tuple[list[list[dict[str, Any]]], str] = adapter.train(
            models, arrays, self.loss, how, lambda seed, epoch: order(seed, epoch, trial.train), tick
        )
        return found

    def _note(self, trial: Trial) -> list[str]:
        """Whether models of this shape train together, found out on two of them and a few examples."""
        if self.data is None:
            return []
        arrays = {
            name: (x[:_CHECKED], y[:_CHECKED]) for name, x, y in (("train", self.data.x_train, self.data.y_train),)
        }
        reason: str = _adapter().cannot_stack(
            [self._initialized(trial) for _ in range(2)], arrays, self.loss, trial.optimizer
        )
        return [f"trained one by one, as the models can't be stacked ({shorten(reason, 160)})"] if reason else []

    def _initialized(self, trial: Trial) -> Any:
        """The model of a trial: built and initialized under its seed."""
        axes = {"depth": trial.depth, "width": trial.width, "activation": trial.activation or None}
        model = _adapter().make(self.build, {k: v for k, v in axes.items() if v is not None}, trial.seed)
        if trial.init != "keep":
            apply_(self._plan(trial, model), model, seed=trial.seed)
        return model

    def _plan(self, trial: Trial, model: Any) -> Plan:
        """A plan or recipe as it is; a scheme for every weight, with biases 0 and the rest as `signal` has it."""
        inputs = None if self.data is None else _adapter().model_inputs(model, self.data.x_train[:_INPUTS])
        if trial.init in self.files:
            recipe, overrides = assign.read(self.files[trial.init], Path(trial.init).suffix[1:])
            return plan(model, recipe, inputs=inputs, overrides=overrides)
        if _is_recipe(trial.init):
            made = plan(model, trial.init, inputs=inputs)
            biases = {p.path: trial.bias for p in _params(made) if p.role == "bias"} if trial.bias else {}
            return plan(model, trial.init, inputs=inputs, overrides=biases) if biases else made
        params = _params(plan(model, "signal", inputs=inputs))
        weights = {p.path: trial.init for p in params if p.role in ("weight", "recurrent")}
        biases = {p.path: trial.bias or "zeros" for p in params if p.role == "bias"}
        return plan(model, "signal", inputs=inputs, overrides=weights | biases)


def model_work(
    build: Build,
    data: Any = None,
    *,
    loss: Any = None,
    train: Train | None = None,
    inits: Sequence[str] | None = None,
    data_dir: Any = None,
    download: bool = False,
    name: str | None = None,
) -> ModelWork:
    """The work of a function that builds a model.

    Raises:
        FaninError: it builds none, data that can't be used, no data where no own training has any.
    """
    found = _data(data, data_dir, download)
    if found is None and train is None:
        raise InputError("a model needs data to train on: give data, or a training of its own")
    files = {init: _text(Path(init)) for init in inits or () if init.endswith((".json", ".toml"))}
    title = name or str(getattr(build, "__name__", type(build).__name__))
    if found is not None and loss is None:
        loss = "cross_entropy" if found.classes is not None else "mse"
    work = ModelWork(title, build, found, loss, train, _hash(build, loss, train, files), files)
    model = _adapter().make(build, {}, 0) if not _required(build) else None
    if model is not None and found is not None and framework_of(model) != "torch":
        raise InputError(f"{title}() returned {type(model).__name__}; expected a model of PyTorch")
    if model is not None and found is not None and isinstance(data, str) and not data.endswith(".npz"):
        return replace(work, data=_as_images(model, found))
    return work


def _data(data: Any, data_dir: Any, download: bool) -> Examples | None:
    if data is None or isinstance(data, Examples):
        return data
    if isinstance(data, str) and data.endswith(".npz"):
        return read_examples(Path(data))
    if isinstance(data, str):
        return examples(datasets.load(data, data_dir, download))
    found = data() if callable(data) else data
    return examples(found, getattr(data, "__name__", "given as arrays"))


def _as_images(model: Any, data: Examples) -> Examples:
    """A data set of flat images in the shape that the model takes: as it is, or (1, side, side)."""
    adapter, side = _adapter(), round(data.x_train.shape[1] ** 0.5)
    if adapter.takes(model, data.x_train[:2]) or side * side != data.x_train.shape[1]:
        return data
    return replace(data, x_train=data.x_train.reshape(-1, 1, side, side), x_test=data.x_test.reshape(-1, 1, side, side))


def _adapter() -> Any:
    return importlib.import_module("fanin.adapters.torch")


def _params(made: Plan) -> list[Param]:
    return [each.param for each in made.assignments]


def _is_recipe(init: str) -> bool:
    return init.partition("(")[0].strip() in recipes.catalogue()


def _parameters(function: Build) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _required(function: Build) -> bool:
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return any(p.default is p.empty and p.kind not in kinds for p in _parameters(function).values())


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--init {str(path)!r} cannot be read: {error}") from error


def _is_own(module: Any) -> bool:
    """Whether a module is neither installed nor fanin's."""
    file = getattr(module, "__file__", None)
    if not file or module.__name__.partition(".")[0] == "fanin":
        return False
    installed = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return not any(str(file).startswith(str(folder)) for folder in installed)


def _hash(*parts: Any) -> str:
    """Of the files that functions stand in, or of the functions themselves where there is no file."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(_source(part))
    return digest.hexdigest()[:16]


def _source(part: Any) -> bytes:
    if not callable(part):
        return repr(part).encode()
    function = inspect.unwrap(part)
    module = sys.modules.get(getattr(function, "__module__", ""))
    if _is_own(module) and getattr(module, "__name__", "") != "__main__":
        return Path(str(module.__file__)).read_bytes() + getattr(function, "__qualname__", "").encode()  # type: ignore[union-attr]
    try:
        return inspect.getsource(function).encode()
    except (OSError, TypeError):
        return getattr(function, "__qualname__", type(function).__qualname__).encode()


_METRICS = ("loss", "train_accuracy", "accuracy", "validation_loss", "validation_accuracy", "test_loss")


def _own(train: Train, model: Any, trial: Trial, tick: Tick) -> list[dict[str, Any]]:
    """Rows of somebody's own training: a mapping per epoch, of which the first is after the first epoch."""
    rows: list[dict[str, Any]] = []
    random.seed(trial.seed)
    np.random.seed(trial.seed % 2**32)
    for number, given in enumerate(train(model, trial), 1):
        unknown = set(given) - set(_METRICS)
        if unknown:
            raise UnknownName("metric", str(min(unknown)), _METRICS)
        values = {name: float(value) for name, value in given.items()}
        finite = {name: value if np.isfinite(value) else None for name, value in values.items()}
        rows.append(
            {"epoch": number, "loss": finite.get("loss", 0.0), **{k: v for k, v in finite.items() if k != "loss"}}
        )
        tick(1)
        if rows[-1]["loss"] is None:
            break
    if not rows:
        raise InputError("train(model, trial) yielded nothing; expected one mapping of metrics per epoch")
    return rows


def _outcome(trial: Trial, rows: Sequence[Mapping[str, Any]], seconds: float) -> Outcome:
    blank: dict[str, Any] = {"train_accuracy": None, "accuracy": None, "gradient": (), "saturated": (), "moved": ()}
    epochs = tuple(Epoch(**(blank | dict(row))) for row in rows)
    return Outcome(trial, "diverged" if epochs[-1].loss is None else "done", epochs, seconds=seconds)
