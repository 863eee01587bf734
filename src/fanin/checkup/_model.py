"""A visit to the model of a framework, or to a function that builds one."""

import importlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fanin.adapters import framework_of
from fanin.adapters.measurement import Measurement
from fanin.checkup._factory import Built, build
from fanin.checkup._predicted import predicted
from fanin.checkup._training import Training
from fanin.checkup._visit import Visit
from fanin.doctor import Case

_DRAWS = 3
_SMALL = 1_000_000  # parameters of a model that is drawn several times


def visit(
    model: Any, batch: Any, plan: Training, *, input_shape: Sequence[tuple[int, ...]], seed: int
) -> tuple[Visit, Callable[[], Iterator[Case]]]:
    """The case of a model, and those of other draws of it: none unless a function builds it, and it is small.

    Raises:
        InputError: no model, or one that does not run on the batch.
    """
    framework = framework_of(model)
    if framework is not None:
        return _examine(Built(framework, model), batch, plan, input_shape, seed), lambda: iter(())
    first = build(model, seed)
    found = _examine(first, batch, plan, input_shape, seed)

    def redraw() -> Iterator[Case]:
        if sum(math.prod(param.shape) for param in found.case.params) <= _SMALL:
            for other in range(seed + 1, seed + 1 + _DRAWS):
                yield _examine(build(model, other), batch, plan, input_shape, other).case

    return found, redraw


def _examine(built: Built, batch: Any, plan: Training, shapes: Sequence[tuple[int, ...]], seed: int) -> Visit:
    adapter = importlib.import_module(f"fanin.adapters.{built.framework}")
    batch = built.batch if batch is None else batch
    found: Measurement = adapter.measure(built.model, batch, loss=plan.loss, input_shape=shapes, seed=seed)
    theory = predicted(found.graph, found.params, found.trace, found.samples)
    case = Case(
        found.graph,
        found.params,
        found.trace,
        theory,
        found.samples,
        plan.loss_name,
        plan.optimizer,
        plan.lr,
        found.clones,
        found.unused,
        built.uninitialized,
        built.left_out,
        found.is_trained,
    )
    return Visit(case, type(built.model).__name__, found.data, built.framework)
