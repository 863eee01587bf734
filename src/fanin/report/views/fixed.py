"""What `--fix` drew anew, before and after."""

import re
from collections.abc import Mapping
from typing import Any

from fanin.report.views import Table, folding
from fanin.report.words import number, plural, span


def headline(document: Mapping[str, Any]) -> str:
    """What was done, in one sentence."""
    done = document["fixed"]
    before = f"{plural(done['findings'], 'finding')}, {done['cause'] or 'no cause'}"
    if not done["parameters"] and document["verdict"] == "pass":
        return "Nothing to fix."
    if not done["parameters"]:
        return f"Nothing could be fixed safely: no finding names a weight and a scheme for it. Before: {before}."
    return f"Drew {plural(len(done['parameters']), 'parameter')} anew. Before: {before}. After:"


def table(document: Mapping[str, Any]) -> Table:
    """One row per scheme and pattern of names: mean and std, before and after."""
    found: dict[object, list[Mapping[str, Any]]] = {}
    for item in document["fixed"]["parameters"]:
        found.setdefault((folding.pattern(item["parameter"]), item["scheme"]), []).append(item)
    rows: list[tuple[str, ...]] = [
        (
            folding.spell(item["parameter"] for item in items)[0] + (f" ×{len(items)}" if len(items) > 1 else ""),
            *(_span(items, when, name) for name in ("mean", "std") for when in ("before", "after")),
            _brief(items[0]["scheme"]),
        )
        for items in found.values()
    ]
    head = ("parameter", "mean before", "mean after", "std before", "std after", "scheme")
    return Table(head, rows, "lrrrrl")


def _span(items: list[Mapping[str, Any]], when: str, name: str) -> str:
    known = [item[when][name] for item in items if item[when].get(name) is not None]
    return span(number(min(known)), number(max(known))) if known else number(None)


def _brief(scheme: str) -> str:
    """A scheme with its arguments to four digits."""
    return re.sub(r"\d+\.\d{4,}", lambda match: f"{float(match[0]):.4g}", scheme)
