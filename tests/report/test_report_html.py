import copy
import json
import re
from html.parser import HTMLParser
from typing import Any

from fanin.report import render

HOSTILE = "\x1b[2J</script><script>alert(1)</script><img src=x onerror=alert(1)> $\\frac$ ]]> --> \"' [b] http://evil.example/"
CLOSED = {"schema", "metric", "method", "check", "state", "verdict", "severity", "cause", "code", "layout", "dtype"}
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Tags balance, ids are unique, and everything that could load or run something is kept for a look."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self.open:
            self.text[tag] = self.text.get(tag, "") + data


def spoil(value: Any, key: str = "") -> Any:
    """Every free text of a document made hostile."""
    if isinstance(value, dict):
        return {k: v if k in CLOSED else spoil(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [spoil(item, key) for item in value]
    return HOSTILE if isinstance(value, str) else value


def check_harmless(text: str) -> Page:
    page = Page(text)
    assert not {"script", "img", "link", "iframe", "object", "image", "base"} & set(page.tags)
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in {"src", "srcset", "action", "data", "poster"}, (tag, name)
        if name.endswith("href"):
            assert value.startswith("#"), value
        for target in re.findall(r"url\(([^)]*)\)", value):
            assert target.strip("\"'").startswith("#"), value
    assert "url(" not in page.text["style"]
    assert "@import" not in page.text["style"]
    assert len(page.ids) == len(set(page.ids))
    return page


def test_pages_are_sound_and_load_nothing(document: dict[str, Any]) -> None:
    text = render(document, "html")
    page = check_harmless(text)
    assert "://" not in text
    assert text.startswith("<!doctype html>")
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("title") == 1
    assert ("meta", "name", "viewport") in page.attributes
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_hostile_texts_stay_texts(document: dict[str, Any]) -> None:
    page = check_harmless(render(spoil(document), "html"))
    assert "</script><script>alert(1)</script>" in page.text["body"], "shown, not run"
    assert "\x1b" not in page.text["body"]


def test_the_document_comes_back_out_of_the_page(document: dict[str, Any]) -> None:
    for given in (document, spoil(document)):
        data = render(given, "html").split('<details class="data">')[1].split("</details>")[0]
        assert json.loads(Page(data).text["pre"]) == given


def test_pictures_follow_the_page(document: dict[str, Any]) -> None:
    text = render(document, "html")
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    drawn = document["schema"] != "fanin.explain/1" and len(document.get("layers", range(3))) >= 3
    assert bool(pictures) == drawn
    for picture in pictures:
        assert 'role="img"' in picture
        assert re.search(r'aria-label="[^"]{20,}"', picture)
        assert "var(--" in picture
        assert "#000000" not in picture, "black ink would vanish on the dark page"
        assert "metadata" not in picture
        assert not re.search(r"<svg[^>]* (width|height)=", picture)


def test_study_page_has_all_its_parts(build: dict[str, Any]) -> None:
    document = build["study"](epochs=3)
    page = Page(render(document, "html"))
    body = page.text["body"]
    assert page.text["h1"] == document["title"]
    assert body.index(document["answer"]) < body.index("Which learn") < body.index("Score and cost")
    for part in (
        "3 of 3",
        "0 of 3",
        "never",
        "non-zero-mean (FAN102)",
        "Nothing found",
        "All 30 units are equal.",
        "2.4.6",
    ):
        assert part in body, part
    assert page.tags.count("svg") == 2 + 2 * len(document["arms"])
    assert page.tags.count("details") >= len(document["arms"])
    assert document["reproduce"]["command"] in body


def test_study_page_without_its_optional_parts(build: dict[str, Any]) -> None:
    document = build["study"](epochs=1, seeds=1)
    for arm in document["arms"]:
        arm |= {"check": None, "start": None, "trials": []}
        arm["summary"] |= {"final_accuracy": None, "epochs_to_20": None, "learned": 0, "of": 0}
    text = Page(render(document, "html")).text["body"]
    assert "Not checked" in text
    assert "Before the first step" not in text


def test_sample_and_propagate_without_their_optional_parts(build: dict[str, Any]) -> None:
    sample = build["sample"](count=100)
    for one in sample["samples"]:
        del one["expected"], one["histogram"], one["convergence"]
    assert "svg" not in Page(render(sample, "html")).tags
    propagate = build["propagate"](depth=2, width=8)
    for arm in propagate["arms"]:
        for layer in arm["layers"]:
            layer |= {"histogram": None, "stderr": None, "predicted": dict.fromkeys(layer["predicted"])}
    for key in ("depth", "width", "activation", "batch"):
        del propagate[key]
    assert Page(render(propagate, "html")).tags.count("svg") == 2


def test_extreme_numbers_are_drawn_without_complaint(build: dict[str, Any]) -> None:
    document = copy.deepcopy(build["propagate"](depth=3, width=8))
    document["activation"] = "relu"
    for k, layer in enumerate(document["arms"][0]["layers"]):
        layer["measured"] |= {"std": 0.0, "gradient": 1e300 * k, "dead": 1.0}
        layer["predicted"] |= {"std": 0.0, "gradient": 1e300}
        layer["histogram"] = {"edges": [-1e300, 0.0, 1e300], "counts": [0, 0]}
    check_harmless(render(document, "html"))
