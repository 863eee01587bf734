"""Models trained: all of one shape together where every operation allows it, one by one where it does not."""

import copy
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fanin.adapters.torch._company import Company, company, filled
from fanin.adapters.torch._lesson import Cost, Lesson, Part, lesson
from fanin.adapters.torch._stack import Stack
from fanin.adapters.torch._steps import one_by_one

Row = dict[str, Any]
Arrays = dict[str, tuple[NDArray[Any], NDArray[Any]]]
Order = Callable[[int, int], NDArray[np.intp]]
"""Of a seed and an epoch: the order of the training examples."""

LOOKED_AT, PROBE = 2_500, 256
"""Training examples that loss and accuracy are measured on; those of the batch of the gradients."""


@dataclass(frozen=True, slots=True)
class Course:
    """How to train: one seed and one rate per model.

    Attributes:
        factors: per model, factors on its rate by parameter; empty for none.
    """

    seeds: tuple[int, ...]
    rates: tuple[float, ...]
    optimizer: str
    epochs: int
    batch: int
    factors: tuple[Mapping[str, float], ...] = ()


def train(
    models: Sequence[nn.Module],
    arrays: Arrays,
    loss: str | Cost,
    course: Course,
    order: Order,
    tick: Callable[[int], None],
    together: Company,
) -> list[list[Row]]:
    """Train models of one shape: a row per model and epoch, from before training to the last or to divergence.

    Args:
        together: as one or one by one, as `company_of` has it.

    Raises:
        InputError: data or a loss that do not fit the model.
    """
    with one_thread():
        found = lesson(copy.deepcopy(models[0]), arrays, loss)
        if not together.reason:
            return _together(models, found, course, order, tick, together.least)
        return [_alone(m, i, found, course, order, tick) for i, m in enumerate(models)]


def company_of(model: nn.Module, arrays: Arrays, loss: str | Cost, optimizer: str, batch: int) -> Company:
    """How many models of this shape train together; of the data, some examples will do."""
    with one_thread():
        return company(model, lesson(copy.deepcopy(model), arrays, loss), optimizer, batch)


def _together(
    models: Sequence[nn.Module],
    found: Lesson,
    course: Course,
    order: Order,
    tick: Callable[[int], None],
    least: int,
) -> list[list[Row]]:
    """As a stack of so many at least, at all times: what has diverged stays in it where it is needed."""
    count = len(models)
    seeds, rates = filled(course.seeds, least), filled(course.rates, least)
    stack = Stack(filled(models, least), rates, course.optimizer, found.cost, filled(course.factors, least))
    start = {key: value.clone() for key, value in stack.parameters.items()}
    slots, rows = np.arange(len(stack)), [[row] for row in _measured(stack, found, start, 0)]
    for epoch in range(1, course.epochs + 1):
        going = np.array([rows[i][-1]["loss"] is not None for i in slots])
        if going.any():
            kept = going | (np.cumsum(~going) <= max(0, least - going.sum()))
            if not kept.all():
                slots = slots[kept]
                stack.keep(torch.from_numpy(kept))
                start = {key: value[torch.from_numpy(kept)] for key, value in start.items()}
            _epoch(stack, found.parts["train"], [seeds[i] for i in slots], epoch, course.batch, order)
            for i, row in zip(slots, _measured(stack, found, start, epoch), strict=True):
                if rows[i][-1]["loss"] is not None:
                    rows[i].append(row)
        tick(count)
    return rows[:count]


def _epoch(stack: Stack, part: Part, seeds: Sequence[int], epoch: int, batch: int, order: Order) -> None:
    orders = {seed: torch.from_numpy(order(seed, epoch)).to(part.x.device) for seed in set(seeds)}
    shuffled = torch.stack([orders[seed] for seed in seeds])
    for rows in torch.split(shuffled, batch, dim=1):
        stack.step(part.x[rows], part.y[rows])


def _alone(
    model: nn.Module, index: int, found: Lesson, course: Course, order: Order, tick: Callable[[int], None]
) -> list[Row]:
    """One model by PyTorch's own optimiser; what it draws itself, as dropout does, follows its seed."""
    factors = course.factors[index] if course.factors else {}
    optimizer, part = one_by_one(course.optimizer, model, course.rates[index], factors), found.parts["train"]
    start = {key: value.detach().clone() for key, value in model.named_parameters()}
    with torch.random.fork_rng():
        torch.manual_seed(course.seeds[index])
        rows = [_row(model, found, start, 0)]
        for epoch in range(1, course.epochs + 1):
            if rows[-1]["loss"] is not None:
                shuffled = torch.from_numpy(order(course.seeds[index], epoch)).to(part.x.device)
                for batch in torch.split(shuffled, course.batch):
                    model.train()
                    optimizer.zero_grad()
                    found.cost(model(part.x[batch]), part.y[batch]).backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
                rows.append(_row(model, found, start, epoch))
            tick(1)
    return rows


def _measured(stack: Stack, found: Lesson, start: dict[str, Tensor], epoch: int) -> list[Row]:
    """One row per model of the stack."""
    part = found.parts["train"]
    gradients = stack.gradients(part.x[:PROBE], part.y[:PROBE])
    weights = [key for key in stack.trained if stack.parameters[key].ndim > 2]
    scores = {name: _mean(data, lambda x, y: stack.measure(_grade(found), x, y)) for name, data in found.parts.items()}
    return [
        _as_row(
            epoch,
            {name: value[i].tolist() for name, value in scores.items()},
            [_rms(gradients[key][i]) for key in weights],
            [_moved(stack.parameters[key][i], start[key][i]) for key in weights],
        )
        for i in range(len(stack))
    ]


def _row(model: nn.Module, found: Lesson, start: dict[str, Tensor], epoch: int) -> Row:
    """The row of one model."""
    part = found.parts["train"]
    twin = copy.deepcopy(model).train()  # a forward pass in training may change buffers
    found.cost(twin(part.x[:PROBE]), part.y[:PROBE]).backward()  # type: ignore[no-untyped-call]
    weights = [key for key, value in twin.named_parameters() if value.ndim > 1 and value.requires_grad]
    gradients = {key: value.grad for key, value in twin.named_parameters()}
    now = {key: value.detach() for key, value in model.named_parameters()}
    model.eval()

    with torch.no_grad():
        scores = {
            name: _mean(data, lambda x, y: _grade(found)(model(x), y)).tolist() for name, data in found.parts.items()
        }
    sizes = [_rms(gradient) if (gradient := gradients[key]) is not None else 0.0 for key in weights]
    return _as_row(epoch, scores, sizes, [_moved(now[key], start[key]) for key in weights])


def _grade(found: Lesson) -> Cost:
    """Of one result and its targets the loss, and the share of right answers if there are any."""
    functions = [function for function in (found.cost, found.right) if function is not None]
    return lambda result, y: torch.stack([function(result, y).double().reshape(()) for function in functions])


def _mean(part: Part, measure: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Over the examples, block by block; a mean of means, weighted by their sizes."""
    count = min(len(part), LOOKED_AT) if part.is_training else len(part)
    total: Tensor | float = 0.0
    for first in range(0, count, PROBE):
        block = slice(first, min(first + PROBE, count))
        total = total + measure(part.x[block], part.y[block]) * (block.stop - block.start)
    return torch.as_tensor(total) / count


def _as_row(epoch: int, scores: dict[str, list[float]], gradient: list[Any], moved: list[Any]) -> Row:
    """Names of the study's epochs; what is not finite is None."""
    known = {
        (name, what): value if math.isfinite(value) else None
        for name, values in scores.items()
        for what, value in zip(("loss", "accuracy"), values, strict=False)
    }
    return {
        "epoch": epoch,
        "loss": known[("train", "loss")],
        "train_accuracy": known.get(("train", "accuracy")),
        "accuracy": known.get(("test", "accuracy")),
        "gradient": tuple(gradient),
        "saturated": (),
        "moved": tuple(moved),
        "test_loss": known[("test", "loss")],
        "validation_loss": known.get(("validation", "loss")),
        "validation_accuracy": known.get(("validation", "accuracy")),
    }


def _rms(values: Tensor) -> float | None:
    found = float(values.detach().double().square().mean().sqrt())
    return found if math.isfinite(found) else None


def _moved(now: Tensor, start: Tensor) -> float | None:
    """|W - W0| / |W0|; None if W0 is 0."""
    size = float(start.double().norm())
    found = float((now.detach().double() - start.double()).norm()) / size if size else math.nan
    return found if math.isfinite(found) else None


@contextmanager
def one_thread() -> Iterator[None]:
    """For a while: the bits of a product may depend on how many there are, and the other cores have their own workers.

    On a GPU, the algorithms of convolutions that give the same bits again. And no word of torch's about operations that
    vmap runs one by one.
    """
    before, cudnn = torch.get_num_threads(), torch.backends.cudnn
    chosen = cudnn.deterministic, cudnn.benchmark
    torch.set_num_threads(1)
    cudnn.deterministic, cudnn.benchmark = True, False
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="There is a performance drop")
            yield
    finally:
        torch.set_num_threads(before)
        cudnn.deterministic, cudnn.benchmark = chosen
