"""The lab's page in every language, on a phone, in the dark, by keyboard, for axe, and for people who mean harm."""

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .conftest import Visit, start_server, stop_server

Open = Callable[..., Visit]
ROOMS = ("draw", "propagate", "learn", "layer")
LANGUAGES = {"en": "English", "es": "Español", "zh": "中文", "ja": "日本語"}
MESSAGES = Path(__file__).parents[2] / "src" / "fanin" / "lab" / "static" / "messages"
SMALL = "depth=3&width=16&batch=32&data=digits&epochs=2"
HOSTILE = "<img src=x onerror=\"window.harmed='yes'\">"


def everything(seen: Visit) -> None:
    """Goes through the four rooms until each has shown all it has."""
    for name in ROOMS:
        seen.page.locator(f"#tab-{name}").click()
        if name == "learn":
            seen.page.locator("#learn .main").click()
            expect(seen.page.locator("#learn .answer .swatch").first).to_be_visible(timeout=60_000)
        seen.room(name)


def unfold(page: Page) -> None:
    """Opens whatever can be opened."""
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")


def test_each_language_is_whole_in_every_room(visit: Open) -> None:
    seen = visit(f"#{SMALL}")
    page = seen.page
    everything(seen)
    for language, name in LANGUAGES.items():
        page.locator("#language").select_option(name)
        words: dict[str, str] = json.loads((MESSAGES / f"{language}.json").read_text("utf-8"))
        expect(page.locator("#tab-draw")).to_have_text(words["room.draw"])
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if language == "zh" else language)
        expect(page.locator("#learn .answer")).to_contain_text(words["learn.word.not-learned"].split("{")[0])
        text = page.locator("body").text_content() or ""  # a missing message would be written to the console, too
        assert not re.search(r"\{[a-z_]+%?\}|\b(?:draw|propagate|learn|layer|error)\.[a-z]+\.|NaN|undefined", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browser_says_which_language_comes_first(visit: Open, language: str) -> None:
    words = json.loads((MESSAGES / f"{language}.json").read_text("utf-8"))
    expect(visit(locale=language).page.locator("#tab-layer")).to_have_text(words["room.layer"])


def test_the_language_is_switched_and_kept(visit: Open) -> None:
    seen = visit()
    page = seen.page
    seen.room("draw")
    for language, name in LANGUAGES.items():
        page.get_by_role("combobox").first.select_option(name)
        words = json.loads((MESSAGES / f"{language}.json").read_text("utf-8"))
        expect(seen.answer("draw")).to_contain_text(words["draw.shifted"].split("{")[0])
        expect(page.get_by_role("tab").first).to_have_text(words["room.draw"])
    expect(page).to_have_url(re.compile("language=ja"))
    page.goto(page.url.partition("#")[0])
    expect(page.get_by_role("tab").first).to_have_text(words["room.draw"])


def test_numbers_are_written_as_the_language_writes_them(visit: Open) -> None:
    seen = visit("#count=10000", locale="es")
    expect(seen.answer("draw")).to_contain_text("tiene media 0,5")
    expect(seen.page.locator("#draw").get_by_text("La media de 10.000 sorteos").first).to_be_visible()


def test_a_phone_shows_every_room_without_scrolling_sideways(visit: Open) -> None:
    seen = visit(
        f"#{SMALL}&init=rand&init=np.random.randn(n_out, n_in)*np.sqrt(2/n_in)", viewport={"width": 360, "height": 740}
    )
    everything(seen)
    for name in ROOMS:
        seen.page.locator(f"#tab-{name}").click()
        unfold(seen.page)
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, name


def test_light_and_dark_follow_the_system_and_the_switch(visit: Open) -> None:
    dark, light = "rgb(21, 24, 27)", "rgb(255, 255, 255)"
    page = visit(color_scheme="dark").page
    expect(page.locator("body")).to_have_css("background-color", dark)
    page.locator("#theme").select_option("light")
    expect(page.locator("body")).to_have_css("background-color", light)
    page.reload()
    expect(page.locator("body")).to_have_css("background-color", light)
    page.locator("#theme").select_option("auto")
    page.emulate_media(color_scheme="light")
    expect(page.locator("body")).to_have_css("background-color", light)


def test_axe_finds_nothing_serious_in_any_room_light_or_dark(visit: Open) -> None:
    seen = visit(f"#{SMALL}&init=rand&init=randn&init=zeros", reduced_motion="reduce")
    everything(seen)
    found = []
    for scheme, name in itertools.product(("light", "dark"), ROOMS):
        seen.page.emulate_media(color_scheme=scheme)
        seen.page.locator(f"#tab-{name}").click()
        seen.room(name)
        unfold(seen.page)
        found += [(scheme, name, *fault) for fault in _faults(Axe().run(seen.page).response)]
    assert found == []


def _faults(response: dict[str, Any]) -> list[tuple[str, str]]:
    grave = [fault for fault in response["violations"] if fault["impact"] in ("serious", "critical")]
    return [(fault["id"], node["html"][:200]) for fault in grave for node in fault["nodes"]]


def test_the_rooms_are_reached_by_keyboard_and_focus_is_seen(visit: Open) -> None:
    page = visit(f"#{SMALL}").page
    expect(page.locator("#draw figure").first).to_be_visible()
    page.locator("#link").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("tab", name="Draw")).to_be_focused()
    for name in ("Propagate", "Learn", "Your layer", "Draw"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        expect(page.get_by_role("tabpanel")).to_have_count(1)
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Your layer")).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#layer') !== null")


@pytest.mark.parametrize(
    "hash_",
    [
        f"#init={quote(HOSTILE)}&init={quote('javascript:alert(1)')}",
        f"#room=propagate&init=randn&activation={quote(HOSTILE)}&bias={quote(HOSTILE)}&depth=3&width=16",
        f"#room=layer&text={quote(HOSTILE)}&shape={quote(HOSTILE)}&unit={quote(HOSTILE)}",
        f"#room={quote(HOSTILE)}&language={quote(HOSTILE)}&count=1e99&seed=-5&inputs=x&init=",
        f"#room=learn&task={quote(HOSTILE)}&data={quote(HOSTILE)}&lr=-1&epochs=1e9&biases={quote(HOSTILE)}",
        "#" + "init=rand&" * 3000 + "=&&&%E0%A4%A&__proto__=1&constructor=2",
    ],
    ids=["draw", "propagate", "layer", "numbers", "learn", "long"],
)
def test_a_hostile_link_stays_text(visit: Open, hash_: str) -> None:
    seen = visit(hash_, forgiven="responded with a status of 4")
    page = seen.page
    expect(page.locator("#version")).not_to_be_empty()
    if "room=learn" in hash_:
        page.locator("#learn .main").click()
    expect(page.locator("main")).to_contain_text(re.compile("Not possible:|That did not work:|rand has mean"))
    assert page.evaluate("window.harmed") is None
    assert page.locator("img").count() == 0
    assert page.evaluate("Object.prototype.harmed") is None


def test_a_server_that_is_gone_is_said_and_asked_again(visit: Open) -> None:
    process, address = start_server()
    try:
        seen = visit(at=address, forgiven="ERR_CONNECTION_REFUSED")
        seen.room("draw")
        stop_server(process)
        seen.page.get_by_role("button", name="Draw again").click()
        alert = seen.page.locator("#draw .trouble")
        expect(alert).to_contain_text("The server does not answer.")
        process, _ = start_server(urlsplit(address).port or 0)
        alert.get_by_role("button", name="Try again").click()
        expect(alert).to_be_hidden()
        expect(seen.page.locator("#draw .seed")).to_have_text("seed 1")
    finally:
        stop_server(process)


def test_it_prints_without_its_buttons(visit: Open) -> None:
    seen = visit()
    seen.room("draw")
    seen.page.emulate_media(media="print")
    assert _seen(seen.page, "#draw .answer")
    assert _seen(seen.page, "#draw figure")
    assert not _seen(seen.page, "[role=tablist]")
    assert not _seen(seen.page, "#link")


def _seen(page: Page, where: str) -> bool:
    return page.locator(where).first.is_visible()
