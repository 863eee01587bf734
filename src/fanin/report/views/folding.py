"""Names of repeated blocks in one spelling: `layers.0-11.linear1` for twelve."""

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"(?<![^.])\d+(?=[.#]|$)|(?<=#)\d+")  # a whole part of a path, or the count of a call
_MOST = 3


def pattern(name: str) -> tuple[str, ...]:
    """What a name says between its numbers.

    >>> pattern("layers.3.linear1"), pattern("1"), pattern("cell#2"), pattern("conv1")
    (('layers.', '.linear1'), ('', ''), ('cell#', ''), ('conv1',))
    """
    return tuple(_NUMBER.split(name))


def spell(names: Iterable[str]) -> list[str]:
    """Many names in few, one per pattern.

    >>> spell(["head", *(f"layers.{i}.linear1" for i in range(12))])
    ['head', 'layers.0-11.linear1']
    """
    found: dict[tuple[str, ...], list[list[int]]] = {}
    for name in dict.fromkeys(names):
        found.setdefault(pattern(name), []).append([int(number) for number in _NUMBER.findall(name)])
    return [_fill(parts, many) for parts, many in found.items()]


def _fill(parts: tuple[str, ...], many: list[list[int]]) -> str:
    ranges = [_ranges(column) for column in zip(*many, strict=True)]
    return "".join(part + text for part, text in zip(parts, [*ranges, ""], strict=True))


def _ranges(numbers: Iterable[int]) -> str:
    """0-3,5 for 0, 1, 2, 3, 5; `0…40` for what has many gaps."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    if len(runs) > _MOST:
        return f"{runs[0][0]}…{runs[-1][1]}"
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
