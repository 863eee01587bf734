"""Event files for TensorBoard."""

from collections.abc import Iterable
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter


def write(folder: Path, values: Iterable[tuple[str, float, int]]) -> None:
    """A folder of events: name, value and step; it appears whole or not at all."""
    beside = folder.with_name(f".{folder.name}.part")
    with SummaryWriter(str(beside)) as writer:
        for name, value, step in values:
            writer.add_scalar(name, value, step)
    beside.rename(folder)
