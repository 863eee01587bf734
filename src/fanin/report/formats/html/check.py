"""The pictures of a check's page, and its tables: repeated layers folded, and every one."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from fanin.report.views import fixed, layers

_FEWEST = 3  # layers that make a course
LOOKS = dict(zip(layers.MARKS.values(), ("bad", "weak", "quiet", "good"), strict=True))


def pictures(document: Mapping[str, Any]) -> dict[str, Any]:
    """The sizes of signal and gradient over depth."""
    return {
        "courses": [_course(document, direction) for direction in ("forward", "backward")]
        if len(document["layers"]) >= _FEWEST
        else [],
        "folded": layers.rows(document),
        "every": layers.rows(document, fold=False),
        "layers": layers,
        "fixed": fixed,
        "looks": LOOKS,
    }


def _course(document: Mapping[str, Any], direction: str) -> Markup:
    from fanin.report.pictures import check as depth  # matplotlib, which a notebook's table does without
    from fanin.report.pictures.style import inline, panel

    figure, axes = panel(4.8, 2.8)
    depth.course(axes, document, direction)
    what = "signal after" if direction == "forward" else "gradient at"
    return Markup(inline(figure, direction, f"Size of the {what} each of {len(document['layers'])} layers."))
