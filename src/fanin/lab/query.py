"""What a request asks for: read from its query, each value within its bounds."""

import math
import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import QueryParams

from fanin.errors import InputError, UnknownName, shorten

ARMS: Final = 3
"""Initializations side by side."""
LONGEST_TEXT: Final = 500

LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "count": (2, 1_000_000),
    "depth": (1, 50),
    "width": (1, 512),
    "batch": (2, 1024),
    "gain": (0, 100),
    "seed": (0, 2**32 - 1),
    "epochs": (1, 100),
    "lr": (1e-6, 100),
    "size": (1, 100_000),
}
"""Least and most of each number; `size` of a layer's side. They bound the time and memory that one request takes."""


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


def inits(query: QueryParams) -> list[str]:
    """The initializations.

    Raises:
        InputError: none, too many, or too long a text.
    """
    found = query.getlist("init")
    if not 1 <= len(found) <= ARMS:
        raise InputError(f"got {len(found)} initializations; expected 1 to {ARMS}, as init=...")
    return [checked("init", text) for text in found]


def text(query: QueryParams, name: str, default: str | None = None) -> str:
    """A text.

    Raises:
        InputError: it is missing or too long.
    """
    found = query.get(name, default)
    if found is None:
        raise InputError(f"{name} is missing; expected {name}=...")
    return checked(name, found)


def checked(name: str, found: str, most: int = LONGEST_TEXT) -> str:
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
        InputError: another text, or out of range.
    """
    found = query.get(name)
    if found is None:
        return default
    least, most = LIMITS[name]
    if not re.fullmatch(r"[0-9]{1,12}", found) or not least <= int(found) <= most:
        raise InputError(f"{name} is {shorten(found, 20)!r}; expected a whole number from {least:.0f} to {most:.0f}")
    return int(found)


def real(query: QueryParams, name: str, default: float) -> float:
    """A number.

    Raises:
        InputError: another text, or out of range.
    """
    found = query.get(name)
    if found is None:
        return default
    least, most = LIMITS[name]
    value = float(found) if re.fullmatch(r"[0-9.]{1,30}(e-?[0-9]{1,2})?", found) and found.count(".") < 2 else math.nan
    if not least <= value <= most:
        raise InputError(f"{name} is {shorten(found, 20)!r}; expected a number from {least:g} to {most:g}")
    return value


def shape(query: QueryParams, name: str = "shape") -> tuple[int, int] | None:
    """(out, in) of OUTxIN; None if it is not given.

    Raises:
        InputError: another text, or out of range.
    """
    found = query.get(name)
    if found is None:
        return None
    match = re.fullmatch(r"\s*([0-9]{1,6})\s*[x×]\s*([0-9]{1,6})\s*", found.lower())
    least, most = LIMITS["size"]
    if match is None or not all(least <= int(side) <= most for side in match.groups()):
        raise InputError(
            f"{name} is {shorten(found, 20)!r}; expected OUTxIN with sides from {least} to {most}, such as 30x784"
        )
    return int(match[1]), int(match[2])
