"""What a page of text is made of."""

from dataclasses import dataclass, field
from typing import Literal

from fanin.report.views import Table

Style = Literal["plain", "heading", "quiet", "good", "weak", "bad"]


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, wrapped to the width."""

    text: str = ""
    style: Style = "plain"
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to copy: never wrapped, the terminal does that without breaking them."""

    text: str
    indent: int = 2


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `styles` by row and column. `whole`: only heads wrap, and the cells under those of `wraps`."""

    table: Table
    indent: int = 2
    styles: dict[tuple[int, int], Style] = field(default_factory=dict)
    whole: bool = False
    wraps: tuple[str, ...] = ()


Block = Line | Code | Grid
