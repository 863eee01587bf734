"""What to train on: images and labels, embedded, found in the caches that people have, or from a file; and data made
here by a rule.

One module per source, discovered: `NAME`, and `load(data_dir, download) -> Dataset`, or `make(size) -> Examples`.
"""

import re
from pathlib import Path
from types import ModuleType

from fanin import _discover
from fanin.errors import InputError, UnknownName
from fanin.study.datasets._archive import read
from fanin.study.datasets._dataset import Dataset, one_hot, scaled
from fanin.study.datasets._examples import Examples, examples, read_examples

__all__ = ["Dataset", "Examples", "examples", "load", "load_examples", "names", "one_hot", "scaled"]


def load(name: str, data_dir: str | Path | None = None, download: bool = False) -> Dataset:
    """The data set of a name, or of a path that ends in `.npz`.

    Args:
        name: `mnist-mini`, `digits`, `mnist`, or `path.npz` with x and y, or x_train, y_train, x_test and y_test.
        data_dir: where the files of `mnist` are; without it the caches of other libraries are looked through.
        download: fetch the files of `mnist` if they are not there.

    Raises:
        UnknownName: no such data set.
        InputError: the file is missing, broken, truncated or another one; the message names it.

    Example:
        >>> digits = load("digits")
        >>> digits.x_train.shape, digits.x_test.shape, digits.classes
        ((1500, 64), (297, 64), 10)
    """
    if name.endswith(".npz"):
        return read(Path(name))
    source, _ = _source(name)
    if not hasattr(source, "load"):
        raise InputError(
            f"data {name!r} are no images with labels, which this network takes; they are made for a model"
        )
    found: Dataset = source.load(data_dir, download)
    return found


def load_examples(name: str, data_dir: str | Path | None = None, download: bool = False) -> Examples:
    """The same for a model in code, which takes inputs and targets of any shape.

    Args:
        name: as `load` takes it; or of data that are made: `adding`, with a size `adding(200)`.
        data_dir, download: as `load` takes them.

    Raises:
        UnknownName: no such data.
        InputError: a file that is missing or broken, or a size out of range.

    Example:
        >>> load_examples("adding(20)").x_test.shape
        (1000, 20, 2)
    """
    if name.endswith(".npz"):
        return read_examples(Path(name))
    source, size = _source(name)
    if hasattr(source, "load"):
        return examples(load(name, data_dir, download))
    found: Examples = source.make() if size is None else source.make(size)
    return found


def names() -> tuple[str, ...]:
    """The names that are known."""
    return tuple(module.NAME for module in _discover.modules(__name__))


def _source(name: str) -> tuple[ModuleType, int | None]:
    """The module of a name, and the size in brackets behind it, which made data take."""
    sources = {module.NAME: module for module in _discover.modules(__name__)}
    stem, size = re.fullmatch(r"(.*?)(?:\((\d{1,9})\))?", name, re.DOTALL).groups()  # type: ignore[union-attr]
    if stem not in sources or (size is not None and not hasattr(sources[stem], "make")):
        raise UnknownName("data set", name, [*sources, "path.npz"])
    return sources[stem], None if size is None else int(size)
