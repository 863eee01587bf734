import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanin.report.pictures import heat, strip, style
from fanin.report.pictures.lines import Series, draw, spread
from fanin.report.views.heat import HeatMap

SVG = "{http://www.w3.org/2000/svg}"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_labels_keep_their_distance_their_order_and_their_middle(places: list[float]) -> None:
    given_, moved = np.array(places), spread(np.array(places), 0.1)
    assert np.all(np.diff(np.sort(moved)) >= 0.1 - 1e-9)
    assert np.all(np.diff(moved[np.argsort(given_, kind="stable")]) > 0)
    assert moved.mean() == pytest.approx(given_.mean())


def test_labels_far_apart_stay_where_they_are() -> None:
    assert spread(np.array([0.9, 0.1, 0.5]), 0.1).tolist() == pytest.approx([0.9, 0.1, 0.5])


def test_foreign_names_are_text_and_not_formulas() -> None:
    figure, axes = style.panel()
    draw(axes, [Series(0, "$\\frac$ <b> \x1b", [0, 1], [0.1, 0.2], [0.1, 0.1], [0.2, 0.3])])
    texts = [element.text for element in ElementTree.fromstring(style.svg(figure, "a")).iter(f"{SVG}text")]
    assert "$\\frac$ <b> \\x1b" in texts


def test_an_empty_series_is_left_out() -> None:
    figure, axes = style.panel()
    draw(axes, [Series(0, "nothing yet", [], [], [], [])])
    assert "nothing yet" not in style.svg(figure, "a")


def test_the_same_arm_has_the_same_colour_and_the_ninth_has_dashes() -> None:
    assert style.color(0) == style.color(len(style.ARMS))
    assert style.dash(0) != style.dash(len(style.ARMS))


def test_every_colour_follows_the_page() -> None:
    figure, axes = style.panel()
    strip.draw(axes, [strip.Row("1", {"edges": [0, 1, 2], "counts": [1, 3]}, "std 1")], style.color(2), "weight")
    inline = style.inline(figure, "one", 'says "it"')
    assert not re.search(r"(?:fill|stroke): #", inline)
    assert "var(--arm-2)" in inline
    assert ElementTree.fromstring(inline).get("aria-label") == 'says "it"'


def test_a_deep_network_shows_some_of_its_layers() -> None:
    rows = [strip.Row(str(k), None, "") for k in range(1, 41)]
    figure, axes = strip.panel(len(rows))
    strip.draw(axes, rows, style.color(0), "activation")
    shown = [text.get_text() for text in axes.texts if text.get_text().isdigit()]
    assert len(shown) == strip.LAYERS
    assert (shown[0], shown[-1]) == ("1", "40")
    assert figure.get_size_inches()[1] == pytest.approx(strip.size(12)[1])


def test_weights_are_shown_around_zero() -> None:
    assert strip.around_zero([strip.Row("1", {"edges": [0.0, 2.0], "counts": [1]}, "")]) == pytest.approx((-2.06, 2.06))
    assert strip.around_zero([strip.Row("1", None, "")]) is None


def test_limits_of_an_activation_that_nobody_knows() -> None:
    assert strip.limits("mine") is strip.limits(None) is None


def test_a_heat_map_names_its_rows_and_is_drawn_as_paths() -> None:
    """A raster of a few pixels is blurred by browsers, and labels set behind a formatter's back are lost."""
    found = HeatMap(
        "", ["he_normal", "$\\frac$"], [5, 30], "depth", [[0.9, 0.1], [None, 0.5]], [["3 of 3"] * 2] * 2, [], [None] * 2
    )
    figure, axes = style.panel(*heat.size(found))
    heat.draw(axes, found, "accuracy")
    root = ElementTree.fromstring(style.svg(figure, "a"))
    assert [element.text for element in root.iter(f"{SVG}text") if element.text] == [
        *("5", "30", "depth", "he_normal", "$\\frac$", "90", "10", "–", "50", "final test accuracy, %")
    ]
    assert not list(root.iter(f"{SVG}image"))
