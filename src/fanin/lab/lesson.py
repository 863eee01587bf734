"""A training, told epoch by epoch: what the page of the room Learn shows."""

import base64
import math
import time
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fanin.adapters.numpy import Network
from fanin.lab.plan import Plan
from fanin.lab.verdict import words
from fanin.study.datasets import scaled
from fanin.study.measure import PROBE
from fanin.study.outcome import Epoch
from fanin.study.start import layers
from fanin.study.study import document_of
from fanin.study.train import Moment, epochs, outcomes
from fanin.values import codec

Array = NDArray[Any]
Event = tuple[str, dict[str, Any]]
"""Its name, and its data."""

_MOST_UNITS: Final = 30
_SPREAD: Final = 3.0  # root mean squares that the picture of a weight covers


def lesson(plan: Plan) -> Iterator[Event]:
    """`start`, an `epoch` before training and after each pass, `done`; each when the caller asks for it."""
    began = time.perf_counter()
    head = plan.header()
    yield "start", _start(plan, head)
    seen, last = [], None
    for moment in epochs(plan.trials, plan.work.data):
        seen.append((moment.alive, moment.rows))
        last = _last(last, moment, len(plan.trials))
        yield "epoch", _epoch(plan, moment)
    found = document_of(head, outcomes(plan.trials, seen, time.perf_counter() - began))
    yield "done", _done(plan, found, last or [])


def _start(plan: Plan, head: dict[str, Any]) -> dict[str, Any]:
    return {
        "task": plan.work.task.name,
        "classes": plan.work.data.classes,
        "epochs": plan.trials[0].epochs,
        "arms": [{"init": arm["init"], **_cause(arm["check"])} for arm in head["arms"]],
    }


def _cause(check: dict[str, Any]) -> dict[str, Any]:
    """The doctor's principal finding."""
    message = next((f["message"] for f in check["findings"] if f["code"] == check["cause"]), None)
    return {"cause": check["cause"], "message": message}


def _epoch(plan: Plan, moment: Moment) -> dict[str, Any]:
    x = scaled(plan.work.data.x_train[:PROBE], plan.trials[0].dtype)
    arms: list[dict[str, Any]] = [{"state": "diverged"} for _ in plan.trials]
    for slot, (i, row) in enumerate(zip(moment.alive, moment.rows, strict=True)):
        arms[int(i)] = _arm(_slice(moment.network, slot), row, x)
    return {"epoch": moment.epoch, "arms": arms}


def _arm(network: Network, row: Epoch, x: Array) -> dict[str, Any]:
    """What is shown of one network: `fanin.study/1`'s row of this epoch, its activations, its first weights."""
    state = "going" if row.loss is not None else "diverged"
    measured = {name: value for name, value in codec.encode(row).items() if name in _SHOWN}
    histograms = [layer["activation"]["histogram"] for layer in layers(network, x)]
    return {"state": state, **measured, "histograms": histograms, "images": _images(network.weights[0])}


_SHOWN: Final = ("loss", "accuracy", "train_accuracy", "gradient", "saturated", "moved")


def _images(weight: Array) -> dict[str, Any]:
    """Weights (units, inputs) as bytes: 128 is 0, 1 and 255 stand for `scale` and beyond; units in their order."""
    inputs = weight.shape[1]
    side = math.isqrt(inputs)
    rows, columns = (side, side) if side * side == inputs else (1, inputs)
    finite = np.nan_to_num(weight, nan=0.0, posinf=0.0, neginf=0.0)
    scale = min(float(np.max(np.abs(finite))), _SPREAD * float(np.sqrt(np.mean(finite * finite)))) or 1.0
    pixels = np.rint(128 + 127 * np.clip(finite[:_MOST_UNITS] / scale, -1, 1)).astype(np.uint8)
    units = [base64.b64encode(unit.tobytes()).decode() for unit in pixels]
    return {"rows": rows, "columns": columns, "scale": scale, "units": units}


def _slice(network: Network, slot: int) -> Network:
    weights, biases = (tuple(part[slot] for part in parts) for parts in (network.weights, network.biases))
    return Network(weights, biases, network.activation, network.output)


def _last(before: list[Network] | None, moment: Moment, count: int) -> list[Network]:
    """The latest network of each trial; its arrays are the stack's own, which training goes on to change."""
    found = list(before) if before is not None else [_slice(moment.network, i) for i in range(count)]
    for slot, i in enumerate(moment.alive):
        found[int(i)] = _slice(moment.network, slot)
    return found


def _done(plan: Plan, found: dict[str, Any], last: list[Network]) -> dict[str, Any]:
    chance = plan.work.yardstick()
    arms = [
        {
            "learned": arm["summary"]["learned"] == 1,
            "accuracy": arm["summary"]["final_accuracy"]["mean"],
            "words": [codec.encode(word) for word in words(arm, network, chance)],
        }
        for arm, network in zip(found["arms"], last, strict=True)
    ]
    return {"answer": found["answer"], "arms": arms}
