"""What was named as the work of a study: somebody's function that builds a model, or a preset of one, with its data."""

import importlib
import inspect
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fanin.adapters import framework_of
from fanin.errors import InputError
from fanin.study import arms, datasets
from fanin.study.code import hashed
from fanin.study.datasets import Examples
from fanin.study.model import ModelWork, parameters
from fanin.study.models import Build, Models, adapter
from fanin.study.own import Train
from fanin.study.task import ModelTask


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
    files = _files(inits)
    title = name or str(getattr(build, "__name__", type(build).__name__))
    if found is not None and loss is None:
        loss = "cross_entropy" if found.classes is not None else "mse"
    task = ModelTask(title, title, build, loss, (arms.KEEP, "signal"))
    return _fitted(ModelWork(task, Models(build, found, files), train, hashed(build, loss, train, files)), data)


def preset_work(
    task: ModelTask,
    data: str | None = None,
    *,
    inits: Sequence[str] | None = None,
    data_dir: Any = None,
    download: bool = False,
) -> ModelWork:
    """The work of a preset, on its own data if no other are named.

    Raises:
        FaninError: PyTorch is not installed, or data that can't be used.
    """
    build = _built_by(task.model)
    files, name = _files(inits), data or task.data
    found = _data(name, data_dir, download)
    if found is None:
        raise InputError(f"preset {task.name} names no data; give --data")
    code = hashed(inspect.getsource(sys.modules[build.__module__]), task.loss, files)
    models = Models(build, found.first(None if data else task.train), files)
    return _fitted(ModelWork(task, models, None, code), name)


def _built_by(model: str | Build) -> Build:
    """The function that builds a preset's model."""
    if not isinstance(model, str):
        return model
    adapter()
    module, _, name = model.partition(":")
    found: Build = getattr(importlib.import_module(module), name)
    return found


def _fitted(work: ModelWork, data: Any) -> ModelWork:
    """The same, tried out: the function returns a model, and flat images get the shape that this takes."""
    model = adapter().make(work.models.build, {}, 0) if not _required(work.models.build) else None
    if model is not None and work.data is not None and framework_of(model) != "torch":
        raise InputError(f"{work.title}() returned {type(model).__name__}; expected a model of PyTorch")
    if model is not None and work.data is not None and isinstance(data, str) and not data.endswith(".npz"):
        return replace(work, models=replace(work.models, data=_as_images(model, work.data)))
    return work


def _data(data: Any, data_dir: Any, download: bool) -> Examples | None:
    if data is None or isinstance(data, Examples):
        return data
    if isinstance(data, str):
        return datasets.load_examples(data, data_dir, download)
    found = data() if callable(data) else data
    return datasets.examples(found, getattr(data, "__name__", "given as arrays"))


def _as_images(model: Any, data: Examples) -> Examples:
    """A data set of flat images in the shape that the model takes: as it is, or (1, side, side)."""
    side = round(data.x_train.shape[1] ** 0.5)
    if data.x_train.ndim > 2 or side * side != data.x_train.shape[1] or adapter().takes(model, data.x_train[:2]):
        return data
    return replace(data, x_train=data.x_train.reshape(-1, 1, side, side), x_test=data.x_test.reshape(-1, 1, side, side))


def _files(inits: Sequence[str] | None) -> arms.Files:
    """Text of the plans and recipe files among the inits."""
    return {init: _text(Path(init)) for init in inits or () if init.endswith((".json", ".toml"))}


def _required(function: Build) -> bool:
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return any(p.default is p.empty and p.kind not in kinds for p in parameters(function).values())


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--init {str(path)!r} cannot be read: {error}") from error
