"""A table on a narrow terminal: less important columns go first, long names lose their middles, no word is broken."""

import re
from collections.abc import Collection, Sequence

from fanin.report.views import Table
from fanin.report.words import elide

_NAME, _LEAST = 34, 12  # columns that a name has before others are given up for it, and at the least


def narrow(table: Table, width: int, name: str, plain_first: Sequence[str], wraps: Collection[str] = ()) -> Table:
    """The columns that fit.

    Args:
        table: to be shown.
        width: what there is.
        name: the head of the column whose cells may lose their middles.
        plain_first: heads of columns that may be left out, those that are missed least first.
        wraps: heads of columns whose cells may wrap between words.
    """
    head, rows, align = list(table.head), [list(row) for row in table.rows], list(table.align)
    for plain in plain_first:
        if _needed(head, rows, name, wraps) <= width:
            break
        if plain in head:
            i = head.index(plain)
            for line in (head, align, *rows):
                del line[i]
    limit = _NAME + width - _needed(head, rows, name, wraps)
    column = head.index(name)
    for row in rows:
        row[column] = _elided(row[column], max(_LEAST, limit))
    return Table(tuple(head), [tuple(row) for row in rows], "".join(align))


def _needed(head: list[str], rows: list[list[str]], name: str, wraps: Collection[str]) -> int:
    """Columns of text: heads may wrap between words, cells where they are told to, a name is cut."""
    columns = list(zip(head, *rows, strict=True))
    parts = [(*title.split(), *(" ".join(cells).split() if title in wraps else cells)) for title, *cells in columns]
    widths = [max(map(len, found)) for found in parts]
    widths[head.index(name)] = min(_NAME, widths[head.index(name)])
    return sum(widths) + 2 * len(widths)


def _elided(name: str, limit: int) -> str:
    """A name cut in its middle; the count of a fold stays."""
    text, count = re.fullmatch(r"(.*?)( ×\d+)?", name, re.DOTALL).groups("")  # type: ignore[union-attr]
    return elide(text, limit - len(count)) + count
