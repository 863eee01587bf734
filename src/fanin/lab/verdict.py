"""How one training ended, and why, as codes with the numbers that a sentence needs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from fanin.adapters.numpy import Network
from fanin.study.work import Yardstick

_STILL: Final = 0.01
_SATURATED: Final = 0.5
_ALIKE: Final = 1e-3  # of the largest weight: copies drift apart by rounding alone
_SEEN: Final = 0.1  # of the way from chance to 1: more than chance gives on a few hundred examples


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to say.

    Attributes:
        code: learned, slow, not-learned or diverged; then, of one that has not learned, still, saturated,
            identical-units.
        values: learned: accuracy, epoch (the first half-way); slow: accuracy; not-learned: accuracy, chance; diverged:
            epoch; still: moved; saturated: share, layer; identical-units: units, layer.
    """

    code: str
    values: dict[str, float]


def words(arm: Mapping[str, Any], network: Network, yardstick: Yardstick) -> Iterator[Word]:
    """How an arm of the study document ended; its first word is the outcome.

    Args:
        arm: of one trial.
        network: as the training left it.
        yardstick: what counts as having learned.
    """
    trial = arm["trials"][0]
    rows, accuracy = trial["epochs"], arm["summary"]["final_accuracy"]["mean"]
    if trial["state"] == "diverged":
        yield Word("diverged", {"epoch": rows[-1]["epoch"]})
        return
    if arm["summary"]["learned"]:
        half_way = next(row["epoch"] for row in rows if row["accuracy"] >= yardstick.learned)
        yield Word("learned", {"accuracy": accuracy, "epoch": half_way})
        return
    if accuracy > yardstick.chance + _SEEN * (1 - yardstick.chance):
        yield Word("slow", {"accuracy": accuracy})
    else:
        yield Word("not-learned", {"accuracy": accuracy, "chance": yardstick.chance})
    yield from _reasons(rows[-1], network)


def _reasons(row: Mapping[str, Any], network: Network) -> Iterator[Word]:
    moved = [share for share in row["moved"] if share is not None]
    if moved and max(moved) < _STILL:
        yield Word("still", {"moved": max(moved)})
    hidden: Sequence[float] = [share or 0.0 for share in row["saturated"][:-1]]
    if hidden and max(hidden) > _SATURATED:
        yield Word("saturated", {"share": max(hidden), "layer": 1.0 + hidden.index(max(hidden))})
    for layer, (weight, bias) in enumerate(zip(network.weights[:-1], network.biases[:-1], strict=True)):
        units = np.column_stack([weight, bias])
        if len(units) > 1 and np.max(np.ptp(units, axis=0)) <= _ALIKE * np.max(np.abs(units)):
            yield Word("identical-units", {"units": float(len(units)), "layer": layer + 1.0})
            return
