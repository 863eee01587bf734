"""The layers of a checked network as a table: what was found where, with repeated blocks folded into one row."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from fanin.report.views import Table, folding
from fanin.report.words import number, percent, span, thin

Layer = Mapping[str, Any]

_SHARES = ("saturated", "dead")
_SEVERITIES = ("error", "warning", "info")
_FEW = 12  # layers that are shown one by one
_CLOSE = 1.5  # factor between the weights' stds of neighbours that are one block's repetition
_CENTRED = 0.1  # of the std: a mean that is not worth a column
_EQUAL = 1.1  # factor within which a fold shows one number


class Row(NamedTuple):
    """One layer, or several that repeat each other; the worst severity found there, and the codes."""

    layers: tuple[Layer, ...]
    severity: str | None
    codes: tuple[str, ...]

    @property
    def name(self) -> str:
        """`layers.0-11.linear1`."""
        return folding.spell(layer["name"] for layer in self.layers)[0]


def rows(document: Mapping[str, Any], *, fold: bool = True) -> list[Row]:
    """Every layer; or repeated ones in one row, in order of their first."""
    singles = _singles(document)
    return _fold(singles) if fold and len(singles) > _FEW else singles


def _singles(document: Mapping[str, Any]) -> list[Row]:
    found: dict[str | None, list[Mapping[str, Any]]] = {}
    for finding in document["findings"]:
        for name in dict.fromkeys([finding["layer"], *finding.get("shared", ())]):
            found.setdefault(name, []).append(finding)
    return [_single(layer, found.get(layer["name"], [])) for layer in document["layers"]]


def _single(layer: Layer, findings: Iterable[Mapping[str, Any]]) -> Row:
    codes = tuple(dict.fromkeys(finding["code"] for finding in findings))
    worst = min((finding["severity"] for finding in findings), key=_SEVERITIES.index, default=None)
    return Row((layer,), worst, codes)


def _fold(singles: Sequence[Row]) -> list[Row]:
    """Layers of one pattern, operation, shape, activation and verdict, whose weights are alike."""
    folds: dict[object, list[list[Row]]] = {}
    for row in singles:
        runs = folds.setdefault(_key(row), [])
        if runs and _alike(runs[-1][-1].layers[0], row.layers[0]):
            runs[-1].append(row)
        else:
            runs.append([row])
    order = {row.layers[0]["name"]: i for i, row in enumerate(singles)}
    runs = sorted((run for runs in folds.values() for run in runs), key=lambda run: order[run[0].layers[0]["name"]])
    return [Row(tuple(row.layers[0] for row in run), run[0].severity, run[0].codes) for run in runs]


def _key(row: Row) -> object:
    layer = row.layers[0]
    pattern = folding.pattern(layer["name"])
    return (pattern, layer["op"], tuple(layer["shape"]), layer["activation"], row.severity, row.codes)


def _alike(a: Layer, b: Layer) -> bool:
    one, other = a["weight"].get("std"), b["weight"].get("std")
    return one == other or (bool(one) and bool(other) and 1 / _CLOSE < one / other < _CLOSE)


def shown(rows: Sequence[Row], most: int) -> list[int]:
    """Which rows to show: all; of very many, those with findings, and some of the others."""
    if len(rows) <= most:
        return list(range(len(rows)))
    marked = [i for i, row in enumerate(rows) if row.severity is not None]
    others = [i for i, row in enumerate(rows) if row.severity is None]
    chosen = [marked[i] for i in thin(len(marked), most)]
    return sorted(chosen + [others[i] for i in thin(len(others), max(2, most - len(chosen)))])


def table(document: Mapping[str, Any], of: Sequence[Row]) -> Table:
    """A mark, the layer, its weights, the signal after it, the gradient before it, the rules that spoke."""
    columns = [column for column in _COLUMNS if any(_tells(layer, column) for layer in document["layers"])]
    codes = ["found"] if any(row.codes for row in of) else []
    head = ("", "layer", "shape", "activation", *(column[0] for column in columns), *codes)
    cells = [
        (
            MARKS[row.severity],
            row.name + (f" ×{len(row.layers)}" if len(row.layers) > 1 else ""),
            "×".join(map(str, row.layers[0]["shape"])),
            row.layers[0]["activation"] or "",
            *(_cell([_value(layer, column) for layer in row.layers], column[2]) for column in columns),
            *([_few(row.codes)] if codes else []),
        )
        for row in of
    ]
    return Table(head, cells, "llll" + "r" * len(columns) + "l" * len(codes))


MARKS = {"error": "✗", "warning": "!", "info": "·", None: "✓"}
_COLUMNS = (
    ("weight mean", "weight", "mean"),
    ("weight std", "weight", "std"),
    ("signal std", "forward", "std"),
    ("theory", "predicted", "std"),
    ("saturated", "forward", "saturated"),
    ("dead", "forward", "dead"),
    ("gradient", "backward", "gradient"),
)


def course(document: Mapping[str, Any], direction: str) -> list[float | None]:
    """The rms of the signal (`forward`) or of its gradient (`backward`) at each layer, as far as it was measured."""
    chosen = _course_name(document, direction)
    return [layer[direction].get(chosen) for layer in document["layers"]]


def breaks_off(document: Mapping[str, Any], direction: str) -> bool:
    """Whether the last layer's was measured, and is no number."""
    return document["layers"][-1][direction].get(_course_name(document, direction), 0.0) is None


def _course_name(document: Mapping[str, Any], direction: str) -> str:
    names = {"forward": ("rms", "std"), "backward": ("gradient",)}[direction]
    return next((name for name in names if any(name in layer[direction] for layer in document["layers"])), names[0])


def _value(layer: Layer, column: tuple[str, str, str]) -> Any:
    _, group, name = column
    values = layer[group]
    # a prediction may be kept by direction, as a trace is
    return values.get(name, (values.get("forward") or {}).get(name) if group == "predicted" else None)


def _tells(layer: Layer, column: tuple[str, str, str]) -> bool:
    value = _value(layer, column)
    if column[2] == "mean":  # around 0, as it should be, it tells nothing
        return value is not None and abs(value) > _CENTRED * (layer["weight"].get("std") or 0.0)
    return bool(value) if column[2] in _SHARES else value is not None


def _cell(values: Sequence[float | None], statistic: str) -> str:
    """One number; where a fold's numbers differ, `first→last` if they run from end to end, else `low–high`."""
    write = percent if statistic in _SHARES else number
    known = [value for value in values if value is not None]
    if not known:
        return write(None)
    low, high = min(known), max(known)
    if max(abs(low), abs(high)) <= _EQUAL * min(abs(low), abs(high)) and low * high > 0:
        return write(median(known))
    first, last = write(known[0]), write(known[-1])
    if first != last and {first, last} == {write(low), write(high)}:
        return f"{first.removesuffix(' %') if last.endswith(' %') else first}→{last}"
    return span(write(low), write(high))


def _few(codes: Sequence[str]) -> str:
    return ", ".join(codes[:2]) + (f" +{len(codes) - 2}" if len(codes) > 2 else "")
