"""What happens to a stack wherever it is trained, and how its work gets there."""

import hashlib
import os
import pickle
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import cast

from fanin.errors import FaninError, place
from fanin.study.outcome import Outcome
from fanin.study.work import Tick, Work
from fanin.values import Trial

_here: dict[str, Work] = {}


def attempt(work: Work, stack: Sequence[Trial], tick: Tick = lambda trials: None) -> tuple[Outcome, ...]:
    """Train a stack; if that fails, each trial alone, so that only the guilty one is recorded as failed."""
    try:
        return work.train(stack, tick)
    except Exception as error:  # noqa: BLE001 whatever stops a trial is its result
        if len(stack) == 1:
            return (failed(stack[0], error),)
        return tuple(outcome for trial in stack for outcome in attempt(work, (trial,), tick))


def failed(trial: Trial, error: BaseException) -> Outcome:
    """A trial that an error stopped, in one line; somebody else's with its place, which is short so as to be alike."""
    reason = str(error).splitlines()[0] if str(error) else "no message"
    where = "" if isinstance(error, FaninError) else place(error).rpartition(os.sep)[2]
    return Outcome(trial, "failed", error=f"{type(error).__name__}: {reason}" + (f" ({where})" if where else ""))


def pack(work: Work) -> bytes:
    """A work as bytes for another process; modules that only this process has imported from a file go with it.

    The bytes are read by workers of this study alone.
    """
    modules: Sequence[ModuleType] = getattr(work, "modules", ())
    if not modules and getattr(work, "plain", False):
        return pickle.dumps(work)
    cloudpickle = package("cloudpickle", "torch")
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        return cast(bytes, cloudpickle.dumps(work))
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def attempt_packed(packed: bytes, stack: Sequence[Trial]) -> tuple[Outcome, ...]:
    """The same in a worker that was sent the work as bytes: it is unpacked once."""
    os.environ.setdefault("FANIN_NUM_THREADS", "1")  # the other cores have workers of their own
    digest = hashlib.sha256(packed).hexdigest()
    if digest not in _here:
        _here.clear()
        _here[digest] = pickle.loads(packed)  # noqa: S301  made by `pack` in the driver of this study
    return attempt(_here[digest], stack)


def package(name: str, extra: str) -> ModuleType:
    """An optional package.

    Raises:
        FaninError: not installed; the message says how.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise FaninError(f"{name} is not installed; pip install 'fanin[{extra}]'") from error
