"""A study over two settings as a map: inits down, depth (or what else varies) across."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fanin.report.views import Table
from fanin.report.views.study import Arm, axes, beginning, begins, inits, learned, rate


class HeatMap(NamedTuple):
    """Arms by two of their settings: a value per row and column, None where there is none.

    Attributes:
        limits: where theory ends the trainable region, per row: a value of the columns, or None.
        tables: what else changes over the columns: when training begins, which rate is best.
    """

    title: str
    rows: list[str]
    columns: list[Any]
    across: str
    values: list[list[float | None]]
    learned: list[list[str]]
    limits: list[float | None]
    tables: list[Table]


def heat_maps(document: Mapping[str, Any]) -> list[HeatMap]:
    """One for each combination of the other settings, if depth, or else any setting, varies: inits down, it across."""
    varied = axes(document)
    if not varied:
        return []
    across = "depth" if "depth" in varied else next(iter(varied))
    others = [axis for axis in varied if axis != across]
    cells = dict.fromkeys(tuple(arm["cell"][axis] for axis in others) for arm in document["arms"])
    return [_heat_map(document, across, varied[across], dict(zip(others, cell, strict=True))) for cell in cells]


def _heat_map(document: Mapping[str, Any], across: str, columns: list[Any], cell: Mapping[str, Any]) -> HeatMap:
    found = {
        (arm["init"], arm["cell"][across]): arm
        for arm in document["arms"]
        if all(arm["cell"][axis] == value for axis, value in cell.items())
    }
    rows = inits(document)
    tables = []
    if across == "depth":
        tables.append(_table(beginning(document), found, rows, columns, across, lambda arm: begins(document, arm)))
    if len(document["rates"]) > 1:
        tables.append(_table("best rate", found, rows, columns, across, rate))
    return HeatMap(
        ", ".join(f"{axis} {value}" for axis, value in cell.items()),
        rows,
        columns,
        across,
        [[_score(document, found.get((row, column))) for column in columns] for row in rows],
        [[learned(found[row, column]) if (row, column) in found else "" for column in columns] for row in rows],
        [_limit(found.get((row, columns[-1]))) if across == "depth" else None for row in rows],
        tables,
    )


def _table(
    what: str,
    found: Mapping[tuple[str, Any], Arm],
    rows: list[str],
    columns: list[Any],
    across: str,
    say: Callable[[Arm], str],
) -> Table:
    """One thing of every arm, inits down, as the map has it."""
    head = (what, *(f"{across} {column}" for column in columns))
    cells = [(row, *(say(found[row, column]) if (row, column) in found else "" for column in columns)) for row in rows]
    return Table(head, cells, "l" + "r" * len(columns))


def _score(document: Mapping[str, Any], arm: Arm | None) -> float | None:
    summary = {} if arm is None else arm["summary"]
    value = (summary.get(f"final_{document['metric']}") or {}).get("mean")
    return None if value is None else float(value)


def _limit(arm: Arm | None) -> float | None:
    """The largest depth that theory lets train."""
    return None if arm is None or arm["theory"] is None else arm["theory"]["depth"]
