"""What a request asks for: read from its query or its body, each value within its bounds."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.datastructures import QueryParams

from fanin import schemes
from fanin.errors import InputError, UnknownName, shorten
from fanin.lab.answers import at
from fanin.values import Activation, Scheme
from fanin.values.activation import activation as activation_of

ARMS: Final = 3
"""Initializations side by side."""
LONGEST: Final = 500
"""Characters of an expression."""

LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "count": (2, 1_000_000),
    "depth": (1, 50),
    "width": (1, 512),
    "batch": (2, 1024),
    "gain": (0, 100),
    "seed": (0, 2**32 - 1),
    "epochs": (1, 100),
    "lr": (1e-6, 100),
    "in": (1, 100_000),
    "out": (1, 100_000),
}
"""Least and most of each number; they bound the time and the memory that one request takes."""


def known(query: QueryParams, *names: str) -> None:
    """Complain about a name that means nothing here, or stands twice.

    Raises:
        FaninError: with the names that are known.
    """
    for name in query:
        if name not in names:
            raise UnknownName("parameter", name, names)
        if name != "init" and len(query.getlist(name)) > 1:
            raise InputError(f"{name} is given {len(query.getlist(name))} times; expected it once")


def inits(found: Sequence[str]) -> list[tuple[str, Scheme]]:
    """The initializations, as typed and as read.

    Raises:
        FaninError: none, or too many.
        Refusal: one that is not understood.
    """
    if not 1 <= len(found) <= ARMS:
        raise InputError(f"got {len(found)} initializations; expected 1 to {ARMS}, as init=...")
    return [(text, scheme(f"init.{place}", text)) for place, text in enumerate(found)]


def scheme(name: str, found: str) -> Scheme:
    """The scheme of an expression.

    Raises:
        Refusal: it is not understood.
    """
    with at(name):
        return schemes.parse(checked(name, found))


def activation(query: QueryParams, default: str) -> Activation:
    """The activation.

    Raises:
        Refusal: no such name.
    """
    with at("activation"):
        return activation_of(checked("activation", query.get("activation", default)))


def checked(name: str, found: str, most: int = LONGEST) -> str:
    """A text of bounded length.

    Raises:
        InputError: too long.
    """
    if len(found) > most:
        raise InputError(f"{name} has {len(found)} characters; expected at most {most}")
    return found


def whole(query: QueryParams, name: str, default: int) -> int:
    """A whole number.

    Raises:
        Refusal: another text, or out of range.
    """
    found, (least, most) = query.get(name), LIMITS[name]
    with at(name):
        if found is not None and not (re.fullmatch(r"[0-9]{1,12}", found) and least <= int(found) <= most):
            shown = shorten(found, 20)
            raise InputError(f"{name} is {shown!r}; expected a whole number from {least:.0f} to {most:.0f}")
    return default if found is None else int(found)


def real(query: QueryParams, name: str, default: float) -> float:
    """A number.

    Raises:
        Refusal: another text, or out of range.
    """
    found, (least, most) = query.get(name), LIMITS[name]
    if found is None:
        return default
    value = float(found) if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{0,20})?(e-?[0-9]{1,2})?", found) else math.nan
    with at(name):
        if not least <= value <= most:
            raise InputError(f"{name} is {shorten(found, 20)!r}; expected a number from {least:g} to {most:g}")
    return value


def shape(query: QueryParams) -> tuple[int, int] | None:
    """(out, in) of OUTxIN; None if it is not given.

    Raises:
        Refusal: another text, or out of range.
    """
    found, (least, most) = query.get("shape"), LIMITS["in"]
    if found is None:
        return None
    sides = re.fullmatch(r" *([0-9]{1,6}) *[x×] *([0-9]{1,6}) *", found.lower())
    with at("shape"):
        if sides is None or not all(least <= int(side) <= most for side in sides.groups()):
            raise InputError(
                f"shape is {shorten(found, 20)!r}; expected OUTxIN with sides from {least:.0f} to {most:.0f}, such as "
                "30x784"
            )
        return int(sides[1]), int(sides[2])
