"""The settings in which arms are compared: those that a study varies beside init, rate and seed."""

from collections.abc import Mapping

from fanin.values import Trial

AXES = ("depth", "width", "activation", "optimizer")

Value = int | str | None


def value(trial: Trial, axis: str) -> Value:
    """What a trial has on one axis; of a dense network the number of hidden layers, and the units of the first."""
    if axis == "depth" and trial.widths:
        return len(trial.widths) - 2
    if axis == "width" and len(trial.widths) > 2:
        return trial.widths[1]
    found: Value = getattr(trial, axis)
    return found


def belongs(trial: Trial, init: str, cell: Mapping[str, Value]) -> bool:
    """Whether a trial is one of an arm's."""
    return trial.init == init and all(value(trial, axis) == wanted for axis, wanted in cell.items())
