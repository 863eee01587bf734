"""A preset: the network, the loss and the optimiser of a known experiment, as data; one file each in `tasks/`."""

from dataclasses import dataclass, replace
from typing import Literal

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

    def part(self, data: Dataset) -> Dataset:
        """The examples that this task trains on and is scored on."""
        held_out = 10_000
        if self.scored_on == "validation" and len(data.x_train) >= self.train + held_out:
            x, y = data.x_train[-held_out:], data.y_train[-held_out:]
            data = replace(data, name=f"{data.name}, validation part", x_test=x, y_test=y)
        return replace(data, x_train=data.x_train[: self.train], y_train=data.y_train[: self.train])


def tasks() -> dict[str, Task]:
    """All presets by name.

    >>> sorted(tasks())
    ['he30', 'nielsen', 'nielsen-ce', 'single-layer']
    """
    found = [module.TASK for module in _discover.modules("fanin.study.tasks")]
    return {task.name: task for task in found}


def task(name: str) -> Task:
    """The preset of a name.

    Raises:
        UnknownName: with the nearest known names.
    """
    known = tasks()
    if name not in known:
        raise UnknownName("preset", name, known)
    return known[name]
