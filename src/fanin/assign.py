"""Recipe x parameters -> plan: a recipe by name or as data, overrides by path, and plans that were written before."""

import ast
import json
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from fanin import recipes
from fanin.errors import InputError, UnknownName, shorten
from fanin.recipes import Network
from fanin.values import Graph, Param, Scheme
from fanin.values.formula import parse_expression
from fanin.values.plan import Assignment, Plan

Overrides = Mapping[str, str | Scheme]
"""Path pattern -> scheme, as an object or as it would be typed; `keep` leaves the tensor alone."""


def assign(
    params: Iterable[Param],
    graph: Graph | None = None,
    recipe: str | Plan = "signal",
    overrides: Overrides | None = None,
) -> Plan:
    """The plan for these parameters.

    Args:
        params: of the model, as an adapter describes them.
        graph: as the model executes; without it, weights are taken to feed each other in order.
        recipe: a name, with options if it takes any (`mup(base=128)`); or a plan, to be applied again.
        overrides: scheme by path pattern (`*`, `?`, `[seq]`); of several that match, the last.

    Raises:
        FaninError: no such recipe; an undecided parameter; a pattern that matches nothing; a plan of another model.

    Example:
        >>> from fanin.values.param import dense
        >>> plan = assign([dense("fc.weight", (64, 32)), dense("head.weight", (10, 64))], overrides={"head.*": "zeros"})
        >>> [(each.scheme.name, each.reason) for each in plan.assignments]
        [('lecun_normal', 'behind the input'), ('zeros', "override 'head.*'")]
    """
    network = Network.of(params, graph)
    overridden = _overridden(network.params, overrides or {})
    if isinstance(recipe, Plan):
        return _again(recipe, network.params, overridden)
    name, options = _named(recipe)
    found = recipes.find(name)
    found.check(options)
    return Plan(
        recipe,
        found.version,
        tuple(overridden.get(p.path) or found.decide(p, network, options) for p in network.params),
    )


def rates(params: Iterable[Param], graph: Graph | None, recipe: str, optimizer: str) -> dict[str, float]:
    """The factors on the learning rate that a recipe asks for, by path; those of 1 are left out.

    Args:
        params, graph, recipe: as `assign` takes them.
        optimizer: `sgd`, `momentum`, `adam` or `adamw`.

    Example:
        >>> from fanin.values.param import dense
        >>> params = [dense("fc.weight", (64, 32)), dense("head.weight", (10, 64))]
        >>> rates(params, None, "mup(base=16)", "adam")
        {'head.weight': 0.25}
    """
    network = Network.of(params, graph)
    name, options = _named(recipe)
    rate = recipes.find(name).rate
    found = {} if rate is None else {p.path: rate(p, network, optimizer, **options) for p in network.params}
    return {path: factor for path, factor in found.items() if factor != 1}


def read(text: str, kind: str) -> tuple[str | Plan, dict[str, str]]:
    """(recipe, overrides) of a file's text: a plan as JSON, or `recipe` and a table `overrides` as TOML or JSON.

    What `fanin init --format json` printed is a plan, too: the one that it holds.

    Args:
        text: of the file.
        kind: "toml" or "json".

    Raises:
        InputError: damaged text, or other keys.

    Example:
        >>> read('recipe = "gpt2"\\n[overrides]\\n"head.weight" = "zeros"', "toml")
        ('gpt2', {'head.weight': 'zeros'})
    """
    try:
        data = tomllib.loads(text) if kind == "toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the recipe file is no {kind.upper()}: {error}") from None
    if not isinstance(data, dict):
        raise InputError(f"the recipe file holds a {type(data).__name__}, expected a table")
    if "schema" in data:
        return Plan.from_json(data["plan"] if isinstance(data.get("plan"), dict) else data), {}
    name, overrides = data.pop("recipe", "signal"), data.pop("overrides", {})
    if data or not isinstance(name, str) or not _is_texts(overrides):
        wrong = ", ".join(data) or "another type of value"
        raise InputError(
            f"the recipe file has {wrong}; expected recipe = NAME and a table overrides of PATTERN = SCHEME"
        )
    return name, overrides


def _is_texts(table: Any) -> bool:
    return isinstance(table, dict) and all(isinstance(value, str) for value in table.values())


def _named(text: str) -> tuple[str, dict[str, float]]:
    """`mup(base=128)` as name and options."""
    match parse_expression(text):
        case ast.Name(id=name):
            return name, {}
        case ast.Call(func=ast.Name(id=name), args=[], keywords=keywords):
            values = {keyword.arg or "": keyword.value for keyword in keywords}
            if all(isinstance(value, ast.Constant) and type(value.value) in (int, float) for value in values.values()):
                return name, {key: float(value.value) for key, value in values.items()}  # type: ignore[attr-defined]
    raise UnknownName("recipe", shorten(text), recipes.catalogue())


def _overridden(params: tuple[Param, ...], overrides: Overrides) -> dict[str, Assignment]:
    found: dict[str, Assignment] = {}
    for pattern, scheme in overrides.items():
        matching = [param for param in params if fnmatchcase(param.path, pattern)]
        if not matching:
            raise _no_match(pattern, params)
        found |= {p.path: recipes.assignment(p, scheme, f"override {pattern!r}") for p in matching}
    return found


def _no_match(pattern: str, params: tuple[Param, ...]) -> InputError:
    some = ", ".join(param.path for param in params[:3])
    return InputError(f"override {pattern!r} matches no parameter; their paths are such as {some}")


def _again(plan: Plan, params: tuple[Param, ...], overridden: Mapping[str, Assignment]) -> Plan:
    """A plan that was written before, on a model that must be the one it was made for."""
    absent = [path for path in plan.by_path if path not in {param.path for param in params}]
    if absent:
        raise InputError(f"the plan decides {absent[0]!r}, which this model lacks; make a plan of this model")
    return Plan(plan.recipe, plan.version, tuple(overridden.get(p.path) or _same(plan, p) for p in params))


def _same(plan: Plan, param: Param) -> Assignment:
    old = plan.by_path.get(param.path)
    if old is None:
        raise InputError(f"the plan does not decide {param.path!r}; override it, or make a plan of this model")
    new = recipes.assignment(param, old.scheme, old.reason)
    if new.summary != old.summary:
        raise InputError(f"{param.path!r}: the plan has {old.summary}, in this model that is {new.summary}")
    return new
