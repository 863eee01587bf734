"""GET /api/layer: a pasted line explained, as `fanin explain` does, with what its picture needs."""

from typing import Any

import numpy as np
from starlette.datastructures import QueryParams

from fanin.errors import InputError
from fanin.explanation import LONGEST, Explanation, explain, explained
from fanin.lab import query as ask
from fanin.lab.answers import at
from fanin.values import codec
from fanin.values.activation import activation
from fanin.values.param import Layout

_POINTS = 201
_REACH = 4.0  # standard deviations to each side


def layer(query: QueryParams) -> dict[str, Any]:
    """The document `fanin.explain/1`, its reasons as codes with values, and curves to draw.

    Raises:
        FaninError: a parameter out of range, or a text that is not understood.
    """
    ask.known(query, "text", "shape", "activation", "layout")
    text, shape, layout = _text(query), ask.shape(query), _layout(query)
    phi = ask.activation(query, "sigmoid")
    with at("text"):
        found, reasons = explained(text, shape, phi, layout)
    out, inputs = found.shape
    better = explain(found.recommended["scheme"], (out, inputs), found.activation, found.layout)
    x, phi = _grid(found), activation(found.activation)
    return {
        "document": found.to_json(),
        "reasons": [{**codec.encode(reason), "text": str(reason)} for reason in reasons],
        "read": {"init": found.scheme, "shape": [out, inputs], "activation": found.activation},
        "curves": {
            "preactivation": _density(found, x),
            "activation": {"y": _numbers(phi.function(x)), "slope": _numbers(phi.derivative(x))},
            "recommended": _density(better, _grid(better)),
        },
    }


def _text(query: QueryParams) -> str:
    with at("text"):
        found = query.get("text")
        if found is None or not found.strip():
            raise InputError("text is missing; expected a line such as np.random.randn(30, 784) or nn.Linear(784, 30)")
        return ask.checked("text", found, LONGEST)


def _layout(query: QueryParams) -> Layout:
    match query.get("layout", "oi"):
        case "oi" | "io" as found:
            return found
        case other:
            with at("layout"):
                raise InputError(f"layout is {other[:20]!r}; expected oi for (out, in), or io for (in, out)")


def _grid(found: Explanation) -> Any:
    """Where the pre-activations lie, and the middle of the activation beside them."""
    mean, std = found.preactivation["mean"], found.preactivation["std"]
    return np.linspace(min(mean - _REACH * std, -_REACH), max(mean + _REACH * std, _REACH), _POINTS)


def _density(found: Explanation, x: Any) -> dict[str, Any]:
    """N(mean, std²) of the pre-activations; nothing where all weights are 0 and it is a point."""
    mean, std = found.preactivation["mean"], found.preactivation["std"]
    density = np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi)) if std > 0 else np.zeros_like(x)
    return {"x": _numbers(x), "density": _numbers(density)}


def _numbers(values: Any) -> list[float | None]:
    return [codec.finite(float(f"{value:.6g}")) for value in values.tolist()]
