"""One line of PyTorch for many parameters, as a loop to paste."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

_NUMBER = re.compile(r"(?<![^.])\d+(?=\.)")  # a whole part of a path
_WIDTH, _FEW = 80, 3


def for_each(code: str, paths: Sequence[str]) -> str:
    """Code about `w`, for each of some parameters of `model`; as it is, if it is about no `w`.

    Example:
        >>> print(for_each("nn.init.zeros_(w)", ["0.weight"]))
        w = model.get_parameter('0.weight')
        nn.init.zeros_(w)
        >>> print(for_each("nn.init.zeros_(w)", [f"{i}.weight" for i in range(0, 80, 2)]))
        for i in range(0, 80, 2):
            w = model.get_parameter(f'{i}.weight')
            nn.init.zeros_(w)
    """
    if not paths or not re.search(r"\bw\b", code):
        return code
    if len(paths) == 1:
        return f"w = model.get_parameter({paths[0]!r})\n{code}"
    return "\n".join(_loop(code, run) for run in _runs(paths))


def _loop(code: str, paths: Sequence[str]) -> str:
    steps = _steps(paths)
    if steps is None:
        head, name = f"for name in {_tuple(paths)}:", "name"
    else:
        at, numbers = steps
        match = list(_NUMBER.finditer(paths[0]))[at]
        head = f"for i in range({numbers.start}, {numbers.stop}, {numbers.step}):".replace(", 1):", "):")
        name = "f" + repr(paths[0][: match.start()] + "{i}" + paths[0][match.end() :])
    body = f"w = model.get_parameter({name})\n{code}"
    return head + "".join(f"\n    {line}" for line in body.split("\n"))


def _runs(paths: Sequence[str]) -> Iterable[Sequence[str]]:
    """Those of one pattern of names together if they can be counted, and all others in one."""
    found: dict[tuple[str, ...], list[str]] = {}
    for path in paths:
        found.setdefault(tuple(_NUMBER.split(path)), []).append(path)
    counted = [run for run in found.values() if _steps(run)]
    others = [path for run in found.values() if not _steps(run) for path in run]
    return [*counted, *([others] if others else [])]


def _steps(paths: Sequence[str]) -> tuple[int, range] | None:
    """Which number of the paths counts, and how, if it is one with equal steps."""
    columns = list(zip(*([int(number) for number in _NUMBER.findall(path)] for path in paths), strict=False))
    moving = [i for i, column in enumerate(columns) if len(set(column)) > 1]
    is_one_pattern = len({tuple(_NUMBER.split(path)) for path in paths}) == 1
    if len(paths) <= _FEW or len(moving) != 1 or not is_one_pattern or any("{" in path for path in paths):
        return None
    column = columns[moving[0]]
    steps = {after - before for before, after in pairwise(column)}
    step = steps.pop()
    return (moving[0], range(column[0], column[-1] + 1, step)) if not steps and step > 0 else None


def _tuple(paths: Sequence[str]) -> str:
    """In lines that are not too long."""
    lines, line = [], ""
    for path in paths:
        if line and len(line) + len(path) > _WIDTH:
            lines.append(line)
            line = ""
        line += f"{path!r}, "
    lines.append(line)
    if len(lines) == 1:
        return f"({', '.join(map(repr, paths))}{',' * (len(paths) == 1)})"
    return "(\n" + "\n".join(f"    {each.rstrip()}" for each in lines) + "\n)"
