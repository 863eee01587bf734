"""GET /api/propagate: the signal through a deep stack, as `fanin propagate` follows it, and in words."""

from dataclasses import replace
from typing import Any, Final

from starlette.datastructures import QueryParams

from fanin.errors import InputError
from fanin.lab import query as ask
from fanin.propagation import document, propagate
from fanin.schemes import parse
from fanin.values import Scheme, codec
from fanin.values.formula import number

_LARGEST: Final = 20_000_000
"""Weights and activations of a stack, 8 bytes each."""


def follow(query: QueryParams) -> dict[str, Any]:
    """The document `fanin.propagate/1` of one or several initializations, and what happens to each in words.

    Raises:
        FaninError: a parameter out of range, or an expression that is not understood.
    """
    ask.known(query, "init", "depth", "width", "activation", "batch", "seed", "gain", "bias")
    depth, width, batch = (
        ask.whole(query, name, size) for name, size in (("depth", 10), ("width", 256), ("batch", 256))
    )
    if depth * width * (width + batch) > _LARGEST:
        raise InputError(f"depth {depth}, width {width} and batch {batch} are too much together; take less of one")
    gain = ask.real(query, "gain", 1.0)
    arms = [
        propagate(
            _scaled(parse(text), text, gain),
            depth=depth,
            width=width,
            activation=ask.text(query, "activation", "tanh"),
            batch=batch,
            seed=ask.whole(query, "seed", 0),
            bias=ask.text(query, "bias", "zeros"),
        )
        for text in ask.inits(query)
    ]
    return {"document": document(arms), "words": [codec.encode(arm.words) for arm in arms]}


def _scaled(scheme: Scheme, typed: str, gain: float) -> Scheme:
    """A scheme with all its values multiplied, under the name that it was typed by."""
    loc, scale = (f"{number(gain)} * ({formula})" for formula in (scheme.loc, scheme.scale))
    return replace(scheme, name=typed, loc=loc, scale=scale)
