"""Blocks to text, with rich: the one file that knows it.

Every string is taken as foreign: it is cleaned of control characters and never read as markup.
"""

from collections.abc import Iterable
from io import StringIO
from typing import Literal

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from fanin.report.formats.text.blocks import Block, Code, Grid, Style
from fanin.report.words import clean

_STYLES: dict[Style, str] = {
    "plain": "",
    "heading": "bold",
    "quiet": "dim",
    "good": "green",
    "weak": "yellow",
    "bad": "red",
}
_ASCII = str.maketrans(
    dict(zip("▁▂▃▄▅▆▇█", "_.:-=+*#", strict=True))
    | {"±": "+/-", "×": "x", "–": "-", "—": "-", "−": "-", "·": "*", "√": "sqrt ", "•": "-", "’": "'", "…": "..."}
    | {"→": ">", "✗": "x", "✓": "+"}
)
_JUSTIFY: dict[str, Literal["left", "right"]] = {"l": "left", "r": "right"}
_LONGEST = 18  # a word longer than this may be broken
_RULED = box.Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
_RULED_ASCII = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)


def page(blocks: Iterable[Block], *, width: int, color: bool, ascii: bool) -> str:
    """All blocks, one under the other, `width` columns wide, no spaces at the ends of lines."""
    file = StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for block in blocks:
        console.print(_renderable(block, width, ascii), soft_wrap=isinstance(block, Code))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()).strip("\n")


def _renderable(block: Block, width: int, ascii: bool) -> RenderableType:
    if isinstance(block, Grid):
        return Padding(_grid(block, width - block.indent, ascii), (0, 0, 0, block.indent), expand=False)
    if isinstance(block, Code):
        return Text("\n".join(" " * block.indent + _cell(line, ascii) for line in block.text.split("\n")))
    text = Text(_cell(block.text, ascii), style=_STYLES[block.style])
    return Padding(text, (0, 0, 0, block.indent), expand=False) if block.indent else text


def _grid(block: Grid, width: int, ascii: bool) -> RichTable:
    head = tuple(_cell(name, ascii) for name in block.table.head)
    rows = [tuple(_cell(cell, ascii) for cell in row) for row in block.table.rows]
    ruled = _RULED_ASCII if ascii else _RULED
    grid = RichTable(
        box=ruled if any(head) else None, show_header=any(head), show_edge=False, pad_edge=False, padding=(0, 1, 0, 0)
    )
    wraps = [not block.whole or name in block.wraps for name in block.table.head]
    whole = [tuple("" if free else cell for cell, free in zip(row, wraps, strict=True)) for row in rows]
    widths = _widths([head, *rows], width, whole)
    for name, align, columns in zip(head, block.table.align, widths, strict=True):
        grid.add_column(Text(name), justify=_JUSTIFY[align], overflow="fold", max_width=columns)
    for i, row in enumerate(rows):
        grid.add_row(*(Text(cell, style=_STYLES[block.styles.get((i, j), "plain")]) for j, cell in enumerate(row)))
    return grid


def _widths(rows: list[tuple[str, ...]], available: int, whole: list[tuple[str, ...]]) -> list[int]:
    """As wide as the cells need; where that is too much, the widest columns wrap first, between words.

    The cells of `whole` aren't wrapped; a long word of others is broken if all that isn't enough.
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, cells)) for cells in columns]
    words = [max(len(word) for cell in cells for word in cell.split() or [""]) for cells in columns]
    kept = [max(map(len, cells)) for cells in zip(*whole, strict=True)] or [0] * len(columns)
    for longest in (max(words), _LONGEST):
        least = [max(min(longest, word), cell) for word, cell in zip(words, kept, strict=True)]
        while sum(widths) + 2 * len(widths) > available:
            spare = [width - word for width, word in zip(widths, least, strict=True)]
            if max(spare) <= 0:
                break
            widths[spare.index(max(spare))] -= 1
    return widths


def _cell(text: str, ascii: bool) -> str:
    text = clean(text)
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode() if ascii else text
