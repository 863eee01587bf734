"""One training run as data; its id is the hash of itself."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from fanin.values import codec

Optimizer = Literal["sgd", "momentum", "adam", "adamw"]


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything that decides the outcome of a run; two equal trials give the same bits.

    Attributes:
        task: the preset's name, or the code that builds the network, as typed.
        init: the weights' scheme, as typed; of a network in code also a recipe, a plan, or `keep`, its own.
        bias: the biases' scheme, as typed; of a network in code "" leaves them to the recipe.
        seed: of weights, biases and data order.
        widths: units per layer of a dense network, input and output included: (784, 30, 10).
        activation, output: of the hidden layers and of the last layer.
        loss: quadratic (half mean of the squared error summed over outputs), mse (its mean over outputs),
            bce (sigmoid outputs), cross_entropy (of the softmax of linear outputs); others of a network in code.
        data: name of the data set, with a hash of its content if it is somebody's own.
        train, test: how many examples of each are used.
        epochs, batch: passes over the training set, examples per step.
        lr: learning rate of the first epoch. decay: the factor on it per epoch.
        l2: Nielsen's lambda: the weights shrink by 1 - lr·l2/train per step.
        dtype: of weights and arithmetic.
        optimizer: sgd, momentum (0.9, Polyak's), adam or adamw (0.9, 0.999, 1e-8; its own decay of 0.01).
        validation: examples behind the training part, on which learning rates are chosen.
        depth, width: what a network in code is built with; None where it is not asked.
        code: hash of the code that builds and trains the network, so that another version is another trial.
    """

    task: str
    init: str
    bias: str
    seed: int
    widths: tuple[int, ...]
    activation: str
    output: str
    loss: str
    data: str
    train: int
    test: int
    epochs: int
    batch: int
    lr: float
    decay: float = 1.0
    l2: float = 0.0
    dtype: Literal["float32", "float64"] = "float32"
    optimizer: Optimizer = "sgd"
    validation: int = 0
    depth: int | None = None
    width: int | None = None
    code: str = ""

    @property
    def id(self) -> str:
        """The first 16 hex digits of the SHA-256 of the canonical JSON."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """The trial as plain JSON data."""
        return codec.encode(self)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The trial that `to_json` wrote."""
        return codec.decode(cls, data)
