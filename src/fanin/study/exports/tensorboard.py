"""Event files for TensorBoard, one folder per trial, written by PyTorch's writer; a folder that is there is left."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fanin.errors import FaninError, MissingExtra
from fanin.study.exports._rows import METRICS, trials


def send(document: Mapping[str, Any], place: str) -> str:
    """Write the trials that have ended under a folder."""
    try:
        write = importlib.import_module("fanin.adapters.torch._events").write
    except ImportError:
        raise MissingExtra("tensorboard", "tensorboard", "an event file") from None
    count = 0
    for trial, facts in trials(document):
        name = "".join(c if c.isalnum() or c in "-_.=" else "_" for c in f"{facts['init']}-lr={facts['lr']:g}")
        folder = Path(place) / f"{name}-seed={facts['seed']}-{trial['id'][:6]}"
        if not trial["epochs"] or folder.exists():
            continue
        values = [
            (metric, epoch[metric], epoch["epoch"])
            for epoch in trial["epochs"]
            for metric in METRICS
            if epoch.get(metric) is not None
        ]
        try:
            write(folder, values)
        except OSError as error:
            raise FaninError(f"cannot write {str(folder)!r}: {error.strerror}") from error
        count += 1
    return f"{count} trials written to {place}"
