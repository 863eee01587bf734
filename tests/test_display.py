"""How a report shows itself: a table in a notebook, and as wide as rich's console is."""

from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import fanin


@pytest.fixture(scope="module")
def sick() -> fanin.Report:
    rng = np.random.default_rng(0)
    return fanin.check([rng.random((30, 784)), rng.random((10, 30))])


def test_a_notebook_gets_a_table(sick: fanin.Report) -> None:
    shown = sick._repr_html_()
    assert shown.startswith('<div class="fanin">') and shown.count("<tr>") == 3
    assert "The cause:" in shown and "<pre" not in shown


@pytest.mark.parametrize("width", [50, 120])
def test_rich_shows_it_at_the_width_of_its_console(sick: fanin.Report, width: int) -> None:
    file = StringIO()
    Console(file=file, width=width, force_terminal=True, color_system="standard").print(sick)
    assert "\x1b[" in file.getvalue()
    plain = StringIO()
    Console(file=plain, width=width).print(sick)
    lines = plain.getvalue().splitlines()
    assert "\x1b[" not in plain.getvalue()
    assert max(map(len, lines)) <= width
    assert "The cause" in lines
