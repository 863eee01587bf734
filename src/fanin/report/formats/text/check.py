"""The doctor's report: the cause first."""

from collections.abc import Iterator, Mapping
from typing import Any

from fanin.report.formats.text.bars import course
from fanin.report.formats.text.blocks import Block, Code, Grid, Line, Style
from fanin.report.formats.text.narrow import narrow
from fanin.report.views import Table, fixed, layers
from fanin.report.views import check as view
from fanin.report.words import elide, number, plural, thin

_STYLE: dict[str | None, Style] = {"error": "bad", "warning": "weak", "info": "quiet", None: "good"}
_PLAIN_FIRST = ("theory", "weight mean", "activation", "shape", "dead", "saturated", "found", "gradient", "signal std")
_MOMENTS, _WRAPS = ("mean before", "mean after", "std before", "std after"), ("scheme",)
_MOST = 40  # rows of a table
_PLACES = 8


def blocks(document: Mapping[str, Any], width: int) -> Iterator[Block]:
    """What was fixed, verdict, principal cause, the other findings, the layers."""
    if "fixed" in document:
        yield Line(fixed.headline(document))
        if document["fixed"]["parameters"]:
            table = narrow(fixed.table(document), width - 2, "parameter", _MOMENTS, _WRAPS)
            yield Grid(table, indent=2, whole=True, wraps=_WRAPS)
        yield Line()
    yield Line(view.headline(document), "good" if document["verdict"] == "pass" else "bad")
    groups = view.groups(document)
    if view.cause(document) is not None:
        yield Line()
        yield Line("The cause" if view.causes(document) == 1 else "The first cause", "heading")
        yield from _finding(groups.pop(0), document["framework"], width)
    if groups:
        yield Line()
        yield Line("Also found" if view.cause(document) is not None else "Found", "heading")
        for group in groups:
            yield from _finding(group, document["framework"], width)
    if document["layers"]:
        yield Line()
        yield from _layers(document, width)


def _finding(group: view.Group, framework: str, width: int) -> Iterator[Block]:
    first, is_fault = group.first, view.fails(group.first)
    title, style = view.title(group), _STYLE[first["severity"]]
    if len(view.places(group)) == 1 or len(title) <= width - 2:
        yield Line(title, style, indent=2)
    else:
        yield Line(f"{first['code']} {first['slug']}, {view.count(group)}", style, indent=2)
        yield from _places(group, width)
    yield Line(first["message"], indent=4)
    if not is_fault:  # it only explains
        yield Line(first["help"], indent=4)
        return
    rows: list[tuple[str, ...]] = [(fact.name, fact.value, fact.meaning) for fact in view.evidence(group)]
    if rows:
        yield Grid(Table(("", "", ""), rows, "lll"), indent=6)
    yield Line(f"Do: {first['help']}", indent=4)
    if first["fix"]:
        yield Line(view.remedy(group, framework), indent=6)
        for library, code in view.snippets(group, framework).items():
            names = [library, *[""] * code.count("\n")]
            lines = (f"{name:<7}{line}" for name, line in zip(names, code.split("\n"), strict=True))
            yield Code("\n".join(lines), indent=6)


def _places(group: view.Group, width: int) -> Iterator[Block]:
    places = view.places(group)
    for place in places[:_PLACES]:
        yield Line(elide(place, width - 4), "quiet", indent=4)
    if len(places) > _PLACES:
        yield Line(f"and {len(places) - _PLACES} more", "quiet", indent=4)


def _layers(document: Mapping[str, Any], width: int) -> Iterator[Block]:
    """Signal and gradient over depth in a line each, then a row per layer or per fold of repeated ones."""
    yield from _courses(document, width)
    rows = layers.rows(document)
    shown = layers.shown(rows, _MOST)
    table = narrow(layers.table(document, [rows[i] for i in shown]), width, "layer", _PLAIN_FIRST)
    styles = {(i, 0): _STYLE[rows[j].severity] for i, j in enumerate(shown)}
    yield Grid(table, indent=0, styles=styles, whole=True)
    hidden = sum(len(row.layers) for row in rows) - sum(len(rows[i].layers) for i in shown)
    if hidden:
        yield Line(f"and {plural(hidden, 'layer')} more without findings; --format html shows all", "quiet")


def _courses(document: Mapping[str, Any], width: int) -> Iterator[Block]:
    rows: list[tuple[str, ...]] = []
    for name, direction in (("signal", "forward"), ("gradient", "backward")):
        values = layers.course(document, direction)
        known = [value for value in values if value is not None]
        if len(known) > 2:
            line = course([values[i] for i in thin(len(values), width - 32)])
            if layers.breaks_off(document, direction):
                line = f"{line.rstrip()} then not finite"
            rows.append((name, line, f"{number(known[0])}→{number(known[-1])}"))
    if rows:
        yield Grid(Table(("", "", ""), rows, "lll"), indent=0, whole=True)
        yield Line()
