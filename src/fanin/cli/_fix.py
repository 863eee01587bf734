"""`fanin check --fix FILE`: the weights at fault drawn anew, checked again, and written."""

import importlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fanin.cli._output import beside, writable, write
from fanin.errors import InputError

if TYPE_CHECKING:
    from fanin.checkup import Report

Arrays = dict[str, NDArray[Any]]


def ready(path: Path, *, is_model: bool) -> None:
    """Complain before long work rather than after it.

    Raises:
        InputError: an ending that means no format, or no such folder.
    """
    known = (".safetensors",) if is_model else (".safetensors", ".npz")
    if path.suffix.lower() not in known:
        raise InputError(f"--fix {str(path)!r}: weights are written as {' or '.join(known)}")
    writable(path)


def fixed(report: "Report", target: Any, path: Path, seed: int) -> "Report":
    """The report of the network after the cure; its weights are in the file, under their own names.

    Without anything to cure, nothing is written.

    Args:
        report: of the check.
        target: what was checked: arrays by name, a model, or a function that builds it.
        path: `.safetensors`, or `.npz` for arrays.
        seed: of the check, and of the new weights.

    Raises:
        InputError: weights that can't be written.
    """
    from fanin.adapters import framework_of
    from fanin.checkup._factory import build

    if framework_of(target) is None and callable(target):
        built = build(target, seed)
        model, batch = built.model, built.batch
    else:
        model, batch = target, None
    if isinstance(model, dict):
        model = {name: np.array(values) for name, values in model.items()}  # a file's may be read-only
    after = report.fix_(model, batch, seed=seed)
    if after.fixed is None or not after.fixed.parameters:
        return after
    if isinstance(model, dict):
        write(path, _packed(model, path.suffix.lower()))
    else:
        _save(model, path)
    return after


def outcome(after: "Report", path: Path) -> str:
    """What became of the file, in one line."""
    count = len(after.fixed.parameters) if after.fixed else 0
    if not count:
        if after.ok:
            return f"nothing to fix; {path} was not written"
        return f"no finding has a fix that can be applied; {path} was not written"
    return f"wrote {path}, with {count} parameter{'' if count == 1 else 's'} drawn anew"


def _save(model: Any, path: Path) -> None:
    """The state of a model; the file appears whole or not at all."""
    from fanin.adapters import framework_of

    adapter = importlib.import_module(f"fanin.adapters.{framework_of(model)}")
    try:
        with beside(path.resolve()) as temporary:
            adapter.save(model, temporary, {"format": "pt"})
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror}; nothing was written") from None


def _packed(arrays: Arrays, ending: str) -> bytes:
    if ending == ".npz":
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]  # its stub takes every name for allow_pickle
        return file.getvalue()
    from safetensors.numpy import save

    contiguous = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    return bytes(save(contiguous))
