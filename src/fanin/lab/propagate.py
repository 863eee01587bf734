"""GET /api/propagate: the signal through a deep stack, as `fanin propagate` follows it, and in words."""

from dataclasses import replace
from typing import Any, Final

from starlette.datastructures import QueryParams

from fanin.errors import InputError
from fanin.lab import query as ask
from fanin.lab.answers import at
from fanin.propagation import Arm, document, propagate
from fanin.values import Scheme, codec
from fanin.values.formula import number

_LARGEST: Final = 12_000_000
"""Weights and activations of a stack, 8 bytes each: as much as `propagate` keeps of what it has drawn."""


def follow(query: QueryParams) -> dict[str, Any]:
    """The document `fanin.propagate/1` of one or several initializations; histograms of the gradients; words.

    Raises:
        FaninError: a parameter out of range, or an expression that is not understood.
    """
    ask.known(query, "init", "depth", "width", "activation", "batch", "seed", "gain", "bias")
    gain = ask.real(query, "gain", 1.0)
    stack: dict[str, Any] = {
        **_sizes(query),
        "activation": ask.activation(query, "tanh"),
        "seed": ask.whole(query, "seed", 0),
        "bias": ask.scheme("bias", query.get("bias", "zeros")),
    }
    arms: list[Arm] = []
    for place, (text, scheme) in enumerate(ask.inits(query.getlist("init"))):
        with at(f"init.{place}"):
            arms.append(propagate(_scaled(scheme, text, gain), **stack))
    return {
        "document": document(arms),
        "gradients": [[{"edges": h.edges, "counts": h.counts} for h in arm.gradients] for arm in arms],
        "words": [codec.encode(arm.words) for arm in arms],
    }


def _sizes(query: QueryParams) -> dict[str, int]:
    usual = {"depth": 10, "width": 256, "batch": 256}
    found = {name: ask.whole(query, name, size) for name, size in usual.items()}
    depth, width, batch = found.values()
    with at("depth"):
        if depth * width * (width + batch) > _LARGEST:
            raise InputError(f"depth {depth}, width {width} and batch {batch} are too much together; take less of one")
    return found


def _scaled(scheme: Scheme, typed: str, gain: float) -> Scheme:
    """A scheme with all its values multiplied, under the name that it was typed by."""
    loc, scale = (f"{number(gain)} * ({formula})" for formula in (scheme.loc, scheme.scale))
    return replace(scheme, name=typed, loc=loc, scale=scale)
