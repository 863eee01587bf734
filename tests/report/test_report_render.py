import copy
import json
from typing import Any

import pytest

from fanin.errors import InputError, UnknownName
from fanin.report import formats, picture, render
from fanin.report._render import kind_of

OF_A_CHECK = ("github", "junit", "sarif")


@pytest.mark.parametrize("format", formats())
def test_every_format_renders_every_kind(document: dict[str, Any], format: str) -> None:
    if format in OF_A_CHECK and kind_of(document) != "check":
        with pytest.raises(InputError, match=f"{format} shows a document of kind check"):
            render(document, format)
        return
    before = copy.deepcopy(document)
    text = render(document, format)
    assert text
    assert not text.endswith("\n")
    assert document == before
    assert render(document, format) == text


def test_json_is_the_document(document: dict[str, Any]) -> None:
    text = render(document, "json")
    assert json.loads(text) == document
    assert '"edges": [\n' not in text


def test_json_refuses_what_json_lacks(document: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="finite"):
        render(document | {"seed": float("nan")}, "json")


def test_unknown_format_names_the_nearest(document: dict[str, Any]) -> None:
    with pytest.raises(UnknownName, match="did you mean html"):
        render(document, "htm")


@pytest.mark.parametrize(
    "document",
    [{}, {"schema": None}, {"schema": "fanin.bake/1"}, {"schema": "fanin.check/2"}, {"schema": "x" * 500}, [], None],
)
def test_a_foreign_document_is_refused_in_one_line(document: Any) -> None:
    with pytest.raises(InputError, match=r"fanin\.check/1") as caught:
        render(document)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("format", ["text", "html"])
def test_a_missing_part_is_named(build: dict[str, Any], format: str) -> None:
    document = build["check"]()
    del document["findings"]
    with pytest.raises(InputError, match=r"fanin.check/1 document lacks 'findings'"):
        render(document, format)


def test_kind() -> None:
    assert kind_of({"schema": "fanin.study/1"}) == "study"


def test_pictures(document: dict[str, Any]) -> None:
    if kind_of(document) not in ("propagate", "sample", "study"):
        with pytest.raises(InputError, match="there is no picture of"):
            picture(document, "svg")
        return
    assert picture(document, "png").startswith(b"\x89PNG")
    drawn = picture(document, "svg")
    assert b"<svg" in drawn
    assert b"<dc:date>" not in drawn
    assert picture(document, "svg") == drawn


def test_a_picture_ends_in_svg_or_png(build: dict[str, Any]) -> None:
    with pytest.raises(UnknownName, match="did you mean png"):
        picture(build["sample"](count=100), "pngx")


def test_a_part_that_only_the_page_needs_is_named(build: dict[str, Any]) -> None:
    document = build["study"](epochs=1, seeds=1)
    del document["title"]
    with pytest.raises(InputError, match="title"):
        render(document, "html")
