"""Parameters drawn anew in place, in a model or in arrays, with what they were before and are after."""

import glob
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanin import schemes
from fanin.adapters import arrays, framework_of
from fanin.apply import apply_
from fanin.assign import assign
from fanin.doctor import Case
from fanin.errors import InputError
from fanin.values import codec
from fanin.values.param import Layout
from fanin.values.plan import Plan

Array = NDArray[Any]
Moments = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A parameter that was drawn anew: its scheme, mean and std, before and after."""

    parameter: str
    scheme: str
    before: Moments
    after: Moments


def redraw(case: Case, paths: set[str], recipe: str, model: Any, seed: int) -> dict[str, Redrawn]:
    """Those of the parameters that this changed, by path.

    Raises:
        InputError: another model than that of the check, or a model or arrays that can't be written to.
    """
    kept = {glob.escape(param.path): "keep" for param in case.params if param.path not in paths}
    plan = assign(case.params, case.graph, recipe, kept)
    framework = framework_of(model)
    if framework is None:
        layout: Layout = "oi" if case.params[0].axes == ("out", "in") else "io"
        before, after = _write(plan, arrays.stored(model, layout), seed)
    else:
        adapter = importlib.import_module(f"fanin.adapters.{framework}")
        _verify(case, set(adapter.parameters(model)))
        before = _moments(adapter, model)
        apply_(plan, model, seed=seed)
        after = _moments(adapter, model)
    drawn = {each.param.path: each.scheme.name for each in plan.assignments if not each.keeps}
    return {
        path: Redrawn(path, scheme, before[path], after[path])
        for path, scheme in drawn.items()
        if before.get(path) != after.get(path)
    }


def _verify(case: Case, found: set[str]) -> None:
    """That the model has the parameters of the check, and no others."""
    known = [param.path for param in case.params]
    absent, more = [path for path in known if path not in found], sorted(found - set(known))
    if absent:
        raise InputError(f"this is not the model that was checked: no parameter {absent[0]!r}")
    if more:
        raise InputError(f"this is not the model that was checked: it has a parameter {more[0]!r} more")


def _moments(adapter: Any, model: Any) -> dict[str, Moments]:
    found = {}
    for name, tensor in adapter.parameters(model).items():
        with adapter.array(tensor) as values:
            found[name] = _of(values)
    return found


def _write(plan: Plan, stored: dict[str, Array], seed: int) -> tuple[dict[str, Moments], dict[str, Moments]]:
    """Into arrays, of which a bias may be missing."""
    before = {path: _of(values) for path, values in stored.items()}
    for each in plan.assignments:
        path = each.param.path
        if path in stored and not each.keeps:
            stored[path][...] = schemes.sample(
                each.scheme, each.param, seed=seed, path=path, dtype=stored[path].dtype.name
            )
    return before, {path: _of(values) for path, values in stored.items()}


def _of(values: Array) -> Moments:
    exact = values.astype(np.float64)
    with np.errstate(all="ignore"):
        return {"mean": codec.finite(exact.mean()), "std": codec.finite(exact.std())}
