"""The table of a study: one row per trial and epoch, tidy, with everything that tells trials apart."""

from collections.abc import Iterator, Mapping
from typing import Any

CELL = ("depth", "width", "activation", "optimizer")
METRICS = (
    *("loss", "train_accuracy", "validation_loss", "validation_accuracy"),
    *("test_loss", "accuracy"),
)
COLUMNS = (
    *("task", "init", *CELL, "lr", "chosen", "seed", "trial", "state", "error", "planned", "seconds", "epoch"),
    *METRICS,
)


def rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows by COLUMNS; `chosen` says whether validation chose this rate for the arm."""
    for trial, facts in trials(document):
        for epoch in trial["epochs"]:
            yield {**facts, "epoch": epoch["epoch"], **{name: epoch.get(name) for name in METRICS}}
        if not trial["epochs"]:
            yield dict.fromkeys(COLUMNS) | facts


def trials(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Each trial of the document, and its part of a row."""
    for arm in document["arms"]:
        cell = {axis: arm["cell"].get(axis, document["settings"].get(axis)) for axis in CELL}
        for trial in arm["trials"]:
            yield (
                trial,
                {
                    "task": document["task"],
                    "init": arm["init"],
                    **cell,
                    "lr": trial["lr"],
                    "chosen": trial["lr"] == arm["lr"],
                    "seed": trial["seed"],
                    "trial": trial["id"],
                    "state": trial["state"],
                    "error": trial["error"],
                    "planned": trial["planned"],
                    "seconds": trial["seconds"],
                },
            )
