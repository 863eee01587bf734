"""Presets as they are by themselves: what they vary, what they are built of, and that a model's is like any other."""

from fanin import report
from fanin.study import compare
from fanin.study.run import work_of
from fanin.study.work import Settings


def test_a_preset_varies_what_its_claim_is_about_unless_something_else_is_asked():
    found = compare("hanin-rolnick", data="digits", init="he_normal", epochs=1, seeds=1, workers=1).to_json()
    assert [arm["cell"] for arm in found["arms"]] == [{"depth": depth} for depth in (10, 20, 40)]
    found = compare("hanin-rolnick", data="digits", init="he_normal", depth=2, epochs=1, seeds=1, workers=1)
    assert [arm["cell"] for arm in found.to_json()["arms"]] == [{"depth": 2}]


def test_square_networks_are_as_wide_as_deep_unless_a_width_is_asked():
    work = work_of("hanin-rolnick", "digits")
    for axes, widths in (
        ({"depth": 3}, (64, 3, 3, 3, 10)),
        ({"depth": 2, "width": 7}, (64, 7, 7, 10)),
        ({"depth": 0}, (64, 10)),
    ):
        assert work.base(axes, Settings()).widths == widths


def test_the_map_of_beginnings_stands_in_text_and_page():
    init = ["he_normal", "0.001*randn"]
    small = {"data": "digits", "depth": [1, 9], "width": 20, "lr": 0.1, "epochs": 4, "seeds": 1, "workers": 1}
    document = compare("hanin-rolnick", init=init, **small).to_json()
    text, page = (report.render(document, kind) for kind in ("text", "html"))
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("epochs to 20 %"))
    assert lines[first].split() == ["epochs", "to", "20", "%", "depth", "1", "depth", "9"]
    assert lines[first + 3].split() == ["0.001*randn", "4", "never"]
    assert "Epochs until the test accuracy first reaches 20 %" in page
    assert document["arms"][0]["summary"]["epochs_to_20"] is not None
