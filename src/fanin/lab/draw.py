"""GET /api/draw: numbers drawn and described, as `fanin sample --converge` does."""

import math
from typing import Any, Final

from starlette.datastructures import QueryParams

from fanin.description import DEFAULT_COUNT, describe, document
from fanin.errors import InputError
from fanin.lab import query as ask
from fanin.lab.answers import at
from fanin.schemes import dense_shape, read

_LARGEST: Final = 1 << 20
"""Weights of a layer: laws of whole matrices draw one to get its first row."""


def draw(query: QueryParams) -> dict[str, Any]:
    """The document `fanin.sample/1` of one or several initializations, with convergence.

    Raises:
        FaninError: a parameter out of range, or an expression that is not understood.
    """
    ask.known(query, "init", "count", "seed", "shape")
    count, seed, given = ask.whole(query, "count", DEFAULT_COUNT), ask.whole(query, "seed", 0), ask.shape(query)
    found = []
    for place, (text, _) in enumerate(ask.inits(query.getlist("init"))):
        with at(f"init.{place}" if given is None else "shape"):
            shape = dense_shape(read(text), given, "oi")
            if math.prod(shape) > _LARGEST:
                raise InputError(f"{shape[0]}x{shape[1]} is more than {_LARGEST:,} weights; give a smaller layer")
        with at(f"init.{place}"):
            found.append(describe(text, shape=shape, count=count, seed=seed, converge=True))
    return document(found)
