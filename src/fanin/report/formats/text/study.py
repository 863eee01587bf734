"""A study: the answer, then one line per arm."""

from collections.abc import Iterator, Mapping
from typing import Any

from fanin.report.formats.text.bars import sparkline
from fanin.report.formats.text.blocks import Block, Code, Grid, Line, Style
from fanin.report.views import Table
from fanin.report.views import study as view
from fanin.report.views.heat import HeatMap, heat_maps
from fanin.report.words import number, percent, thin

_STYLE: dict[str, Style] = {"all": "good", "some": "weak", "none": "bad", "pending": "quiet"}


def blocks(document: Mapping[str, Any], width: int) -> Iterator[Block]:
    """Answer first, then the table, what did not end, and how to reproduce."""
    yield Line(document["answer"], "heading")
    yield Line()
    for found in heat_maps(document):
        yield from _map(found, document["metric"])
    table = _arms(document, 20 if width >= 100 else 10)
    styles = {(i, table.head.index("learned")): _STYLE[view.learns(arm)] for i, arm in enumerate(document["arms"])}
    yield Grid(table, indent=0, styles=styles)
    reasons = view.reasons(document)
    if reasons:
        yield Line()
        yield Grid(Table(("", "", ""), reasons, "lll"), indent=0)
    for note in view.states(document):
        yield Line(f"• {note}", "weak")
    yield Line()
    yield Line(f"learned: {document['rule']}", "quiet")
    if len(document["rates"]) > 1:
        yield Line(f"rate: the best of each on {view.judge(document)}", "quiet")
    yield Line(view.setting(document), "quiet")
    yield Line("reproduce:", "quiet")
    yield Code(document["reproduce"]["command"], indent=2)


def _arms(document: Mapping[str, Any], columns: int) -> Table:
    varied, several = [*view.axes(document)], len(document["rates"]) > 1
    rates = ("rate",) if several else ()
    head = (
        "init",
        *varied,
        f"test {document['metric']}",
        *rates,
        "learned",
        "final",
        view.beginning(document),
        "moved",
        "cause",
    )
    rows: list[tuple[str, ...]] = [
        (
            arm["init"],
            *(str(arm["cell"][axis]) for axis in varied),
            _curve(document, arm, columns),
            *((view.rate(arm),) if several else ()),
            view.learned(arm),
            view.final(document, arm),
            view.begins(document, arm),
            view.moved(arm),
            view.cause_code(arm),
        )
        for arm in document["arms"]
    ]
    return Table(head, rows, f"l{'r' * len(varied)}l{'r' * len(rates)}rrrrl")


def _map(found: HeatMap, metric: str) -> Iterator[Block]:
    """A heat map as a table; in brackets where not every seed learned."""
    yield Line(f"final test {metric} by {found.across}{f', {found.title}' if found.title else ''}", "quiet")
    rows = [
        (name, *(_entry(value, done, metric) for value, done in zip(values, learned, strict=True)))
        for name, values, learned in zip(found.rows, found.values, found.learned, strict=True)
    ]
    yield Grid(Table(("", *map(str, found.columns)), rows, "l" + "r" * len(found.columns)), indent=0)
    yield Line()
    for table in found.tables:
        yield Grid(table, indent=0)
        yield Line()


def _entry(value: float | None, learned: str, metric: str) -> str:
    done, _, of = learned.partition(" of ")
    text = percent(value) if metric == "accuracy" else number(value)
    return text if done == of else f"({text})"


def _curve(document: Mapping[str, Any], arm: Mapping[str, Any], columns: int) -> str:
    accuracy = document["metric"] == "accuracy"
    points = [sum(values) / len(values) for _, values in view.curve(arm, "accuracy" if accuracy else "test_loss")]
    most = 1.0 if accuracy else max(points, default=1.0)
    return sparkline([points[i] for i in thin(len(points), columns)], 0.0, most)
