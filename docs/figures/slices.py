"""A matrix drawn whole, and its four quarters drawn each alone: the same numbers."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

import fanin
from fanin.report.pictures.style import INK, color

SIZE = 24
SHADES = LinearSegmentedColormap.from_list("signed", [color(0), "#f3f1ee", color(1)])


def draw() -> Figure:
    """Whole at the left; the quarters at the right, with a gap of two cells between them."""
    half, end = slice(0, SIZE // 2), slice(SIZE // 2, SIZE)
    apart = np.full((SIZE + 2, SIZE + 2), np.nan)
    for rows in (half, end):
        for columns in (half, end):
            shifted = tuple(
                slice(part.start + 2 * (part is end), part.stop + 2 * (part is end)) for part in (rows, columns)
            )
            apart[shifted] = fanin.sample("randn", (SIZE, SIZE), seed=1, path="w", index=(rows, columns))
    whole = fanin.sample("randn", (SIZE, SIZE), seed=1, path="w")
    figure = Figure(figsize=(6.2, 3.1), layout="constrained")
    for axes, cells, name in zip(figure.subplots(1, 2), (whole, apart), ("drawn whole", "four processes"), strict=True):
        axes.imshow(cells, cmap=SHADES, vmin=-2.5, vmax=2.5, interpolation="nearest")
        axes.set_title(name, loc="left", fontsize=10, color=INK)
        axes.axis("off")
    return figure
