"""A recipe is one file: its docstring is its page, `choose` decides one parameter, and the rest follows."""

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import NamedTuple

from fanin import _discover, schemes
from fanin.errors import InputError, UnknownName
from fanin.recipes._network import Network
from fanin.values import Graph, Param, Scheme
from fanin.values.plan import KEEP, Assignment, Plan

MATRICES = ("weight", "recurrent")
TABLES = ("embedding", "position", "token")
"""Roles of what multiplies the signal, and of what is a signal by itself."""


class Choice(NamedTuple):
    """A scheme, as an object or as it would be typed, and why."""

    scheme: Scheme | str
    reason: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a file of `recipes/` offers: a pure function from parameters to a plan.

    Attributes:
        name: of the file.
        version: a change of any value that it gives is a new version.
        summary, page: first line of the docstring, and all of it.
        choose: (parameter, network, options) -> Choice, or None for what it knows nothing of.
        rate: (parameter, network, optimizer, options) -> factor on the learning rate; None if it asks for none.
    """

    name: str
    version: int
    summary: str
    page: str
    choose: Callable[..., Choice | None]
    rate: Callable[..., float] | None = None

    @property
    def defaults(self) -> Mapping[str, float]:
        """Options with their defaults."""
        options = list(inspect.signature(self.choose).parameters.values())[2:]
        return {option.name: option.default for option in options}

    def __call__(self, params: Sequence[Param], graph: Graph | None = None, **options: float) -> Plan:
        """The plan for these parameters.

        Raises:
            InputError: an undecided parameter, by its name; an option that it does not take; a network not of its kind.
        """
        self.check(options)
        network = Network.of(params, graph)
        return Plan(self.name, self.version, tuple(self.decide(param, network, options) for param in network.params))

    def check(self, options: Mapping[str, float]) -> None:
        """Raises InputError for an option that the recipe does not take."""
        unknown = set(options) - set(self.defaults)
        if unknown:
            known = ", ".join(f"{name}={value:g}" for name, value in self.defaults.items()) or "no options"
            raise InputError(f"recipe {self.name} does not take {', '.join(sorted(unknown))}; it takes {known}")

    def decide(self, param: Param, network: Network, options: Mapping[str, float]) -> Assignment:
        """The assignment of one parameter.

        Raises:
            InputError: the recipe has nothing to say of it.
        """
        choice = self.choose(param, network, **options)
        if choice is None and param.role == "length":
            choice = self._length(param, network, options)
        if choice is None:
            raise InputError(
                f"recipe {self.name} does not decide {param.path!r} ({param.role} of shape {param.shape}); "
                f"override it with a scheme, or with keep to leave it alone"
            )
        return assignment(param, *choice)

    def _length(self, param: Param, network: Network, options: Mapping[str, float]) -> Choice | None:
        """Of a weight-normalised weight g·v/|v|: the length that rows of v would have, so that nothing is changed."""
        stem = re.sub(r"(original0|_g)$", "", param.path)
        direction = network.by_path.get(f"{stem}original1") or network.by_path.get(f"{stem}_v")
        choice = None if direction is None else self.choose(direction, network, **options)
        if direction is None or choice is None:
            return None
        std = assignment(direction, *choice).std
        entries = math.prod(direction.shape) / max(1, math.prod(param.shape))
        return (
            None if std is None else Choice(f"constant({std * math.sqrt(entries):.9g})", "length of its weight's rows")
        )


def usual_prelu(param: Param, network: Network, slope: float) -> Choice | None:
    """The slope of a PReLU; nothing is usual for other numbers that multiply the signal."""
    node = network.node(param)
    is_slope = param.role == "scalar" and node is not None and node.activation == "prelu"
    return Choice(f"constant({slope})", "slope of PReLU") if is_slope else None


def usual(param: Param) -> Choice | None:
    """What nearly all recipes do with vectors: norms start as the identity, biases at 0."""
    match param.role:
        case "norm_scale":
            return Choice("ones", "the identity")
        case "norm_shift" | "bias":
            return Choice("zeros", "the identity" if param.role == "norm_shift" else "no offset")
    return None


def assignment(param: Param, scheme: Scheme | str, reason: str) -> Assignment:
    """A parameter with its scheme and the std that this has here; `keep` has none.

    Raises:
        FaninError: the text is no scheme, or the scheme does not fit the parameter.
    """
    if isinstance(scheme, str):
        scheme = KEEP if scheme == "keep" else schemes.parse(scheme)
    std = None if scheme.law == KEEP.law else schemes.moments(scheme, param).std
    return Assignment(param, scheme, std, reason)


def recipe(module: ModuleType) -> Recipe:
    """The recipe of a file."""
    page = (module.__doc__ or "").strip()
    name = module.__name__.rpartition(".")[2]
    return Recipe(name, module.VERSION, page.split("\n", 1)[0], page, module.choose, getattr(module, "rate", None))


@cache
def catalogue() -> Mapping[str, Recipe]:
    """Every recipe by its name."""
    found = (recipe(module) for module in _discover.modules("fanin.recipes"))
    return {each.name: each for each in found}


def find(name: str) -> Recipe:
    """The recipe of a name.

    Raises:
        UnknownName: with the nearest names.

    Example:
        >>> find("gpt2").version
        1
    """
    if name not in catalogue():
        raise UnknownName("recipe", name, catalogue())
    return catalogue()[name]
