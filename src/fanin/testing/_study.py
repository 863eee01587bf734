"""The contract of a preset."""

from dataclasses import replace
from types import ModuleType
from typing import Any

from fanin.testing._contract import ContractError, require


def check_task(item: ModuleType) -> None:
    """A preset: its page, its settings, and one epoch of it on few examples under each of its inits.

    A dense network is trained on small images, a model of PyTorch on some of its own data; of what the preset varies by
    itself, everything is planned, and the first of each is trained.

    Raises:
        ContractError: naming the preset and what it lacks.
        MissingExtra: a model of PyTorch, where there is none.

    Example:
        >>> from fanin.study.tasks import single_layer
        >>> check_task(single_layer)
    """
    from fanin.study import ModelTask, Task, datasets  # sampling and schemes can be tested without it
    from fanin.study.grid import grid, trials
    from fanin.study.work import Settings

    task, page = getattr(item, "TASK", None), item.__doc__ or ""
    if not isinstance(task, (Task, ModelTask)):
        raise ContractError(f"{item.__name__} holds no Task or ModelTask named TASK")
    require("Reference" in page and "Settings" in page, f"{task.name} has a page with its settings and a reference")
    named = (task.data or "").partition("(")[0] in datasets.names()
    require(named, f"{task.name} names a data set that is there")
    work = _small_work(task)
    varied: dict[str, Any] = {"seeds": 1, **task.axes}
    planned = trials(work, grid(inits=task.inits, **varied), Settings(epochs=1))
    short = [replace(planned[0], init=init) for init in task.inits]
    outcomes = work.train(short, lambda trials: None)
    for outcome in outcomes:
        what = f"{task.name} under {outcome.trial.init}"
        require(bool(outcome.epochs) and outcome.epochs[0].loss is not None, f"{what} starts with a finite loss")
        require(outcome.state == "done" and len(outcome.epochs) == 2, f"{what} trains for one epoch")
    moved = [max(moved or 0 for moved in o.epochs[1].moved) for o in outcomes]
    require(max(moved) > 0, f"the weights of {task.name} move under one init at least")


def _small_work(task: Any) -> Any:
    """A preset on few examples."""
    from fanin.study import Task, datasets
    from fanin.study.dense import DenseWork

    if isinstance(task, Task):
        return DenseWork(task, task.part(datasets.load("digits")))
    from fanin.study.works import preset_work

    return preset_work(replace(task, train=3 * task.batch))
