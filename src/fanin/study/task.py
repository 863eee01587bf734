"""A preset: the network, the loss and the optimiser of a known experiment, as data; one file each in `tasks/`.

A `Task` is a dense network, trained in NumPy on images with labels. A `ModelTask` is any model of PyTorch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from fanin import _discover
from fanin.adapters.numpy import Loss
from fanin.errors import UnknownName
from fanin.study.datasets import Dataset
from fanin.values.trial import Optimizer


@dataclass(frozen=True, slots=True)
class Task:
    """What to train and how.

    Attributes:
        name: as typed after `fanin compare`.
        title: one line.
        hidden: units of each hidden layer.
        activation, output: of the hidden layers and of the last layer.
        loss: see `Trial`.
        bias: the biases' scheme, in every arm.
        inits: the arms, if none are named.
        epochs, batch, lr, decay, optimizer: see `Trial`.
        l2: weight decay per training example: `Trial.l2` is this times the number of them, so that a step
            shrinks the weights by the same factor on a part of the data as on the whole.
        train: at most so many training examples.
        scored_on: the test part, or the last 10,000 training examples (where there are so many beside `train`).
        data: name of the data set, if none is named.
        axes: what is varied if nothing else is asked: values of depth, width, activation, optimizer and lr.
        is_square: at another depth the layers are as wide as the network is deep, if no width is asked.
    """

    name: str
    title: str
    hidden: tuple[int, ...]
    activation: str
    output: str
    loss: Loss
    bias: str
    inits: tuple[str, ...]
    epochs: int
    batch: int
    lr: float
    train: int
    decay: float = 1.0
    l2: float = 0.0
    optimizer: Optimizer = "sgd"
    scored_on: Literal["test", "validation"] = "test"
    data: str = "mnist-mini"
    axes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    is_square: bool = False

    def part(self, data: Dataset) -> Dataset:
        """The examples that this task trains on and is scored on."""
        held_out = 10_000
        if self.scored_on == "validation" and len(data.x_train) >= self.train + held_out:
            x, y = data.x_train[-held_out:], data.y_train[-held_out:]
            data = replace(data, name=f"{data.name}, validation part", x_test=x, y_test=y)
        return replace(data, x_train=data.x_train[: self.train], y_train=data.y_train[: self.train])


@dataclass(frozen=True, slots=True)
class ModelTask:
    """What model of PyTorch to train and how.

    Attributes:
        name, title, epochs, batch, optimizer, inits, axes: as of a `Task`.
        model: the function that builds it, which may take depth, width and activation by name; or where it stands,
            `package.module:function`, to be imported when somebody trains it.
        loss: `cross_entropy`, `mse`, ..., or a function of (result, targets).
        data: name of a data set, or of data that fanin makes; None where the model comes with its own training.
        lr: learning rate; None for the usual one of the optimizer.
        train: at most so many training examples of `data`; None for all. Of other data all are taken.
    """

    name: str
    title: str
    model: str | Callable[..., Any]
    loss: Any
    inits: tuple[str, ...]
    data: str | None = None
    epochs: int = 10
    batch: int = 64
    lr: float | None = None
    optimizer: Optimizer = "sgd"
    train: int | None = None
    axes: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def tasks() -> dict[str, Task | ModelTask]:
    """All presets by name.

    >>> sorted(tasks())[:3]
    ['char-transformer', 'glorot2010', 'hanin-rolnick']
    """
    found = [module.TASK for module in _discover.modules("fanin.study.tasks")]
    return {task.name: task for task in found}


def task(name: str) -> Task | ModelTask:
    """The preset of a name.

    Raises:
        UnknownName: with the nearest known names.
    """
    known = tasks()
    if name not in known:
        raise UnknownName("preset", name, known)
    return known[name]
