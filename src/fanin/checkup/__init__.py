"""The doctor's visit: a model or arrays, and a batch, in; a report out."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fanin.adapters import framework_of
from fanin.checkup import _arrays, _model
from fanin.checkup._confidence import confidence
from fanin.checkup._factory import Built, build
from fanin.checkup._report import Report
from fanin.checkup._training import Training, training
from fanin.doctor import diagnose
from fanin.values import Activation
from fanin.values.activation import Elementwise
from fanin.values.param import Layout

__all__ = ["Built", "Report", "build", "check"]


def check(
    model: Any,
    batch: Any = None,
    *,
    activation: str | Activation | Elementwise = "sigmoid",
    output: str | Activation | Elementwise | None = None,
    loss: str | Callable[[Any, Any], Any] | None = None,
    layout: Layout = "oi",
    optimizer: Any = None,
    lr: float | None = None,
    input_shape: Sequence[int] | Sequence[Sequence[int]] = (),
    select: str | Iterable[str] = (),
    ignore: str | Iterable[str] = (),
    seed: int = 0,
) -> Report:
    """Which layers of a network start badly, the principal cause first, and what to write instead.

    The model is left exactly as it was. A function that builds it says more: it is called with seeds of its own, once
    with memory filled with NaN, so that what is never initialized shows; and a few times more, if the model is small,
    to say how often the same is found.

    Args:
        model: an nn.Module of PyTorch, or a function without arguments that returns one (and, if it likes, a batch);
            or the arrays of a dense network: (weights, biases), arrays in order, a mapping from names to arrays, or a
            Network.
        batch: inputs, (inputs, targets), a mapping of keyword arguments, or a DataLoader, whose first batch is taken;
            for arrays, x of shape (samples, features), or (x, y). Standard-normal samples, or random ids, if not given.
        activation: of the hidden layers of arrays.
        output: of their last layer. By default what the loss asks for: sigmoid for bce, linear for cross_entropy;
            for others, the hidden activation if it's bounded, else linear.
        loss: cross_entropy, mse, bce (of probabilities), bce_with_logits, nll, quadratic (half the squared error,
            summed), or for a model a function of (output, targets). By default a model's own, if it returns a `loss`.
        layout: oi, arrays stored (out, in), or io, (in, out).
        optimizer: `adam`, `sgd`, ..., or an optimizer of PyTorch, whose learning rate is read.
        lr: learning rate.
        input_shape: of one sample, without the batch, where no batch is given; a sequence of shapes for several inputs.
        select, ignore: codes of rules (`FAN102`), beginnings of codes (`FAN1`), or slugs.
        seed: of the samples, of the gradients sent back, and of the model if a function builds it.

    Raises:
        InputError: a model, arrays or data that do not fit or are not numbers.
        UnknownName: no such activation, loss, optimizer or rule.

    Example:
        >>> import numpy as np
        >>> weights = [np.zeros((30, 784)), np.zeros((10, 30))]
        >>> report = check(weights, activation="sigmoid")
        >>> report.ok, report.cause
        (False, 'FAN102')
    """
    plan: Training = training(loss, optimizer, lr)
    chosen = _codes(select), _codes(ignore)
    if framework_of(model) is None and not callable(model):
        visit = _arrays.visit(model, batch, plan, activation=activation, output=output, layout=layout, seed=seed)
        others = []
    else:
        visit, redraw = _model.visit(model, batch, plan, input_shape=_shapes(input_shape), seed=seed)
        others = [diagnose(case, *chosen) for case in redraw()]
    found = diagnose(visit.case, *chosen)

    def again(model: Any, other: Any = None) -> Report:
        return check(
            model,
            batch if other is None else other,
            activation=activation,
            output=output,
            loss=loss,
            layout=layout,
            optimizer=optimizer,
            lr=lr,
            input_shape=input_shape,
            select=select,
            ignore=ignore,
            seed=seed,
        )

    return Report(
        visit.target,
        visit.data,
        visit.case,
        found.findings,
        found.cause,
        visit.framework,
        confidence(found, others),
        again=again,
    )


def _codes(names: str | Iterable[str]) -> list[str]:
    return re.split(r"[,\s]+", names.strip()) if isinstance(names, str) and names.strip() else list(names)


def _shapes(given: Sequence[Any]) -> tuple[tuple[int, ...], ...]:
    """One shape or several, as several."""
    if given and all(isinstance(size, int) for size in given):
        return (tuple(given),)
    return tuple(tuple(shape) for shape in given)
