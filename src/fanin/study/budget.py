"""How much of a study to run now."""

import time
from collections.abc import Sequence

from fanin.errors import InputError
from fanin.study.grid import whole
from fanin.values import Trial


class Budget:
    """Trials and minutes that may be spent; when they are, what is in flight is finished and no more is begun.

    Raises:
        InputError: not above 0.
    """

    def __init__(self, trials: int | None = None, minutes: float | None = None) -> None:
        if minutes is not None and not (isinstance(minutes, (int, float)) and 0 < minutes < 1e9):
            raise InputError(f"max_minutes is {minutes!r}; expected a number above 0")
        self._left = None if trials is None else whole("max_trials", trials)
        self._end = None if minutes is None else time.monotonic() + 60 * minutes

    def __call__(self) -> bool:
        """Whether to begin one more stack."""
        return self._end is None or time.monotonic() < self._end

    def part(self, wanted: Sequence[Trial]) -> list[Trial]:
        """As many trials as are paid for, those of the first seeds first, so that all arms get some."""
        if self._left is None:
            return list(wanted)
        paid = {trial.id for trial in sorted(wanted, key=lambda trial: trial.seed)[: self._left]}
        self._left -= len(paid)
        return [trial for trial in wanted if trial.id in paid]
