"""A study for other programs: one row per trial and epoch as a file, or its trials in their trackers.

One file each, discovered. A file format has `encode(document) -> bytes`; a tracker has `send(document, place) -> str`,
which says what was sent, and sends nothing twice.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from fanin.errors import UnknownName

_TRACKERS = ("mlflow", "tensorboard")


def formats() -> tuple[str, ...]:
    """File formats.

    >>> formats()
    ('csv', 'json', 'parquet')
    """
    names = (info.name for info in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in names if not name.startswith("_") and name not in _TRACKERS))


def encode(document: Mapping[str, Any], format_: str) -> bytes:
    """The rows of a study as the bytes of a file.

    Raises:
        UnknownName: no such format.
        FaninError: its package is not installed.
    """
    if format_ not in formats():
        raise UnknownName("export format", format_, formats())
    return cast(bytes, import_module(f"{__name__}.{format_}").encode(document))


def send(document: Mapping[str, Any], tracker: str, place: str) -> str:
    """Send the trials of a study to a tracker, those that are not there yet; what was done, in words.

    Raises:
        UnknownName: no such tracker.
        FaninError: its package is not installed, or the place can't be reached or written.
    """
    if tracker not in _TRACKERS:
        raise UnknownName("tracker", tracker, _TRACKERS)
    return cast(str, import_module(f"{__name__}.{tracker}").send(document, place))
