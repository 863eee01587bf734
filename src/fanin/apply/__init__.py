"""Plan x stream x adapter -> weights: checked first, written in place, measured against their claims, receipted.

The value of an element depends on the seed, the parameter's name and the index, and on nothing else: adding a layer
changes no other, and a wrapped, compiled or half-precision model starts as the plain one.
"""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from fanin import schemes
from fanin.adapters import framework_of
from fanin.apply._verify import Array, measure, mismatch
from fanin.assign import Overrides, assign
from fanin.errors import FaninError, InputError, a
from fanin.sampling._dtypes import DTYPES
from fanin.values.plan import Assignment, Plan, Receipt, Written


def plan(
    model: Any,
    recipe: str | Plan = "signal",
    *,
    inputs: Any = None,
    input_shape: Sequence[int] | Sequence[Sequence[int]] = (),
    overrides: Overrides | None = None,
) -> Plan:
    """What `init_` would do, before a weight is touched.

    Args:
        model: a torch.nn.Module, on any device, on meta too.
        recipe: `signal`, another name, one with options (`mup(base=128)`), or a plan to be applied again.
        inputs: what the model is called with, if it can't be found out: a tensor, a tuple of arguments, or a mapping.
        input_shape: of one sample instead, without the batch; or a sequence of shapes for several inputs.
        overrides: scheme by path pattern, `{"head.*": "zeros", "backbone.*": "keep"}`.

    Raises:
        FaninError: an undecided parameter, by its name; a pattern that matches nothing; a model that can't be run.

    Reference:
        docs/recipes.md
    """
    adapter = adapter_of(model)
    if not adapter.parameters(model):
        raise InputError(f"{type(model).__name__} has no parameters, so that there is nothing to initialize")
    if inputs is None and input_shape:
        shapes: Any = input_shape if isinstance(input_shape[0], Sequence) else (input_shape,)
        args, kwargs, _ = adapter.sample_inputs(model, [tuple(shape) for shape in shapes])
        inputs = kwargs or args
    graph, params = adapter.describe(model, inputs)
    return assign(params, graph, recipe, overrides)


def init_(
    model: Any,
    recipe: str | Plan = "signal",
    *,
    seed: int = 0,
    inputs: Any = None,
    input_shape: Sequence[int] | Sequence[Sequence[int]] = (),
    overrides: Overrides | None = None,
) -> Receipt:
    """Give every parameter of a model a good start, in place; a model on meta gets memory first.

    Args:
        model, recipe, inputs, input_shape, overrides: as `plan` takes them.
        seed: whole number >= 0.

    Returns:
        What was written, with a hash per tensor and one of all.

    Raises:
        FaninError: as `plan` and `apply_`.
    """
    made = plan(model, recipe, inputs=inputs, input_shape=input_shape, overrides=overrides)
    return apply_(made, model, seed=seed)


def apply_(plan: Plan, model: Any, *, seed: int = 0) -> Receipt:
    """Write the values of a plan into the model it was made for.

    Raises:
        InputError: a parameter without a plan or a plan without a parameter, other shapes, types that hold no real
            numbers, a buffer on meta that can't be computed: nothing has been written then.
        FaninError: a tensor that, written, isn't what its scheme claims.
    """
    adapter = adapter_of(model)
    _check(plan, adapter.shapes(model), seed)
    fresh = adapter.materialise(model)
    written = []
    for each in plan.assignments:
        with adapter.array(fresh.parameters[each.param.path]) as values:
            written.append(_write(each, values, seed))
    adapter.adopt(model, fresh)
    wrong = [words for _, words in written if words]
    if wrong:
        raise FaninError(f"{len(wrong)} tensors aren't what their schemes claim, a fault of fanin's: {wrong[0]}")
    return Receipt(seed, plan.recipe, plan.version, tuple(row for row, _ in written))


def save(model: Any, path: Path, receipt: Receipt) -> None:
    """The model's state as .safetensors, with recipe, seed and hash in its metadata under `fanin`."""
    adapter_of(model).save(model, path, {"fanin": str(receipt)})  # of several keys, the order in the file is random


def _write(each: Assignment, values: Array, seed: int) -> tuple[Written, str]:
    """One tensor: drawn, measured and hashed; and in what it differs from its claim."""
    param, scheme = each.param, each.scheme
    if not each.keeps:
        schemes.sample(scheme, param, seed=seed, path=param.path, dtype=values.dtype.name, out=values)
    found, name = measure(values, param), values.dtype.name
    if each.keeps:
        return Written(param.path, scheme.name, name, found.mean, found.std, None, None, found.sha256), ""
    law = schemes.moments(scheme, param)
    words = mismatch(found, law, dict(scheme.law.arguments).get("copies", 1.0), name)
    row = Written(param.path, scheme.name, name, found.mean, found.std, law.mean, law.std, found.sha256)
    return row, f"{param.path!r}: {words}" if words else ""


def _check(plan: Plan, shapes: Mapping[str, tuple[tuple[int, ...], str, bool]], seed: int) -> None:
    """Everything that can be wrong, before anything is written."""
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed {seed!r} is not a whole number >= 0")
    undecided = [path for path in shapes if path not in plan.by_path]
    if undecided:
        raise InputError(f"the plan does not decide {undecided[0]!r}; override it with a scheme, or with keep")
    for path, each in plan.by_path.items():
        if path not in shapes:
            raise InputError(f"the plan decides {path!r}, which this model lacks; make a plan of this model")
        shape, dtype, is_empty = shapes[path]
        if shape != each.param.shape:
            raise InputError(f"{path!r} has shape {shape}, the plan was made for {each.param.shape}")
        if each.keeps and is_empty:
            raise InputError(f"{path!r} is to be kept, and stands on meta, where there is nothing; give it a scheme")
        if not each.keeps and dtype not in DTYPES:
            raise InputError(f"{path!r} holds {dtype}, expected {', '.join(DTYPES)}; override it with keep")
        if not each.keeps:
            schemes.resolve(each.scheme, each.param)


def adapter_of(model: Any) -> ModuleType:
    """The adapter of the model's framework.

    Raises:
        InputError: it is no model of any.
    """
    framework = framework_of(model)
    if framework != "torch":
        raise InputError(f"got {a(type(model).__name__)}, expected a torch.nn.Module")
    return importlib.import_module(f"fanin.adapters.{framework}")
