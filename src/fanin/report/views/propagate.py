"""A signal through a deep stack, layer by layer."""

from collections.abc import Mapping
from typing import Any

from fanin.report.views import Table
from fanin.report.words import number, percent, plural

_SHARES = ("saturated", "dead")


def headline(document: Mapping[str, Any]) -> str:
    """What was propagated, in one line."""
    parts = [f"{document['activation']} layers" if document.get("activation") else "layers"]
    if document.get("depth"):
        parts[0] = f"{document['depth']} {parts[0]}"
    if document.get("width"):
        parts.append(plural(document["width"], "unit"))
    if document.get("batch"):
        parts.append(plural(document["batch"], "input"))
    if document.get("bias"):
        parts.append(f"biases {document['bias']}")
    return ", ".join(parts)


def layers(arm: Mapping[str, Any]) -> Table:
    """Each layer measured, with the mean-field prediction and its standard error at this width."""
    shares = [name for name in _SHARES if any(layer["measured"][name] for layer in arm["layers"])]
    head = ("layer", "mean", "std", "predicted", *shares, "gradient", "predicted")
    return Table(head, [_row(layer, shares) for layer in arm["layers"]], "r" * len(head))


def _row(layer: Mapping[str, Any], shares: list[str]) -> tuple[str, ...]:
    measured, predicted, error = layer["measured"], layer["predicted"], layer.get("stderr") or {}
    return (
        str(layer["layer"]),
        number(measured["mean"]),
        number(measured["std"]),
        _predicted(predicted["std"], error.get("std")),
        *(percent(measured[name]) for name in shares),
        number(measured["gradient"]),
        _predicted(predicted["gradient"], error.get("gradient")),
    )


def _predicted(value: float | None, error: float | None) -> str:
    return number(value) if value is None or error is None else f"{number(value)} ± {error:.1g}"
