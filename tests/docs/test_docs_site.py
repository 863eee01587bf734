"""The documentation builds strictly; the built site is whole by itself: no dead link, nothing from elsewhere."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
# what a browser would fetch by itself; a link that a reader clicks may lead elsewhere
_FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
    ("image", "href"),
}
_IN_STYLE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])(https?:)?//")
_IN_SCRIPT = re.compile(r"(?:fetch|importScripts|Worker|import)\(\s*[`'\"](?:https?:)?//")


class _Page(HTMLParser):
    """Links, anchors and what is fetched, of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.fetched: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value or "")
            elif (tag, name) in _FETCHED:
                self.fetched.append(value or "")
            elif (tag, name) == ("a", "href"):
                self.links.append(value or "")


def dead_links(site: Path) -> list[str]:
    """Links to files or anchors that are not there; of a page that is read as 404 wherever it stands, none."""
    pages = {path: _Page(path.read_text()) for path in site.rglob("*.html") if path.name != "404.html"}
    dead = []
    for path, page in pages.items():
        for link in page.links + page.fetched:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if not target.is_file() or (
                anchor and target in pages and anchor not in pages[target].anchors | {"__search", "__drawer"}
            ):
                dead.append(f"{path.relative_to(site)}: {link}")
    return dead


def foreign(site: Path) -> list[str]:
    """What a browser would fetch from another host."""
    found = []
    for path in site.rglob("*"):
        if path.suffix not in (".html", ".css", ".js", ".svg"):
            continue
        text = path.read_text()
        if path.suffix == ".html":
            found += [f"{path.name}: {url}" for url in _Page(text).fetched if urlsplit(url).netloc]
        patterns = (_IN_STYLE,) if path.suffix in (".css", ".svg") else (_IN_STYLE, _IN_SCRIPT)
        found += [f"{path.name}: {match[0]}" for pattern in patterns for match in pattern.finditer(text)]
    return found


def test_the_site(tmp_path: Path) -> None:
    site = tmp_path / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stdout + built.stderr
    assert dead_links(site) == []
    assert foreign(site) == []
    theory = (site / "theory.html").read_text()
    assert "<math" in theory and "arithmatex" not in theory and "MathJax" not in theory
    assert "<svg viewBox" in (site / "index.html").read_text()


@pytest.mark.parametrize(
    "fault",
    [
        '<a href="none.html">',
        '<a href="#none">',
        '<a href="other.html#none">',
        '<img src="none.png">',
    ],
)
def test_a_dead_link_is_found(fault: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<a href="other.html#here">')
    (tmp_path / "other.html").write_text('<p id="here"><a href="https://example.org/">')
    assert dead_links(tmp_path) == []
    (tmp_path / "index.html").write_text(fault)
    assert len(dead_links(tmp_path)) == 1


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("a.html", '<script src="https://unpkg.com/x">'),
        ("a.html", '<link href="//fonts.example.org/css">'),
        ("a.css", "@font-face { src: url(https://fonts.example.org/a) }"),
        ("a.js", 'fetch("https://example.org/")'),
    ],
)
def test_a_foreign_host_is_found(file: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(fault)
    assert len(foreign(tmp_path)) == 1
