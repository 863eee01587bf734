"""The contract of a recipe."""

import math
from types import ModuleType

from fanin import recipes, schemes
from fanin.errors import InputError
from fanin.recipes import _example as networks
from fanin.testing._contract import require
from fanin.values import Param
from fanin.values.plan import Plan


def check_recipe(item: ModuleType) -> None:
    """A file of `recipes`: its page, and that it decides every parameter of the networks it is for, each once.

    Plain, residual, recurrent and transformer networks: every scheme resolves and has the std that the plan says, every
    choice has a reason, two runs and a JSON round trip give the same plan. What it doesn't decide it names.

    Raises:
        ContractError: naming the recipe, the parameter and what does not hold.

    Example:
        >>> from fanin.recipes import gpt2
        >>> check_recipe(gpt2)
    """
    recipe, planned = recipes.recipe(item), 0
    for heading in ("Paper and code:", "Reference:"):
        require(heading in recipe.page, f"{recipe.name} has a page with {heading!r}")
    require(recipe.version >= 1 and recipe.summary.endswith("."), f"{recipe.name} has a version and a first sentence")
    for network in networks.all_kinds():
        try:
            plan = recipe(network.params, network.graph)
        except InputError as error:
            is_of_kind = not any(repr(param.path) in str(error) for param in network.params)
            is_named = is_of_kind or "does not decide" in str(error)
            require(is_named and recipe.name in str(error), f"{recipe.name} says what it can't do: {error}")
            continue
        planned += 1
        _check_plan(plan, network.params)
        require(plan == recipe(network.params, network.graph), f"{recipe.name} says the same twice")
        require(Plan.from_json(plan.to_json()) == plan, f"{recipe.name}: the plan is the same after JSON")
    require(planned > 0, f"{recipe.name} plans one of the networks at least")


def _check_plan(plan: Plan, params: tuple[Param, ...]) -> None:
    require(
        tuple(each.param for each in plan.assignments) == params, f"{plan.recipe} decides every parameter, in order"
    )
    for each in plan.assignments:
        where = f"{plan.recipe} on {each.param.path}"
        require(bool(each.reason), f"{where}: a reason")
        std = None if each.keeps else schemes.moments(each.scheme, each.param).std
        require(each.std == std, f"{where}: std {each.std}, by its scheme {std}")
        require(std is None or math.isfinite(std), f"{where}: a finite std")
