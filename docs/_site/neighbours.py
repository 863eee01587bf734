"""Files of the repository beside `docs`: those that pages link to become pages, so that no link leads nowhere."""

import os
import re
from pathlib import Path, PurePosixPath

_LINK = re.compile(
    r"(?P<code>^(?P<fence>```+).*?^(?P=fence)[ ]*$)"  # code is passed over
    r"|(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?!\w+:|/|#)(?P<path>[^)\s#]+)(?P<anchor>(?:#[^)\s]*)?)\)",
    re.MULTILINE | re.DOTALL,
)
_LANGUAGES = {".py": "python", ".toml": "toml", ".yml": "yaml", ".json": "json"}
ROOT_PAGES = ("CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/README.md")
"""They stand in the navigation whether or not a page links to them."""


def files(docs: str) -> dict[str, str]:
    """Pages of the files outside that are linked to, from pages and from each other."""
    root, found = Path(docs).parent, {_page(path): _text(Path(docs).parent, path) for path in ROOT_PAGES}
    waiting = [(path.relative_to(docs).as_posix(), path.read_text()) for path in Path(docs).rglob("*.md")]
    waiting += list(found.items())
    while waiting:
        source, text = waiting.pop()
        for target in _outside(text, source):
            page = _page(target)
            if page not in found and (root / target).is_file():
                found[page] = _text(root, target)
                waiting.append((page, found[page]))
    return found


def relinked(markdown: str, source: str) -> str:
    """Markdown whose links lead to the site's pages, from wherever the file stands in the repository."""

    def link(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        target = _target(match["path"], source)
        inside = target.removeprefix("docs/")
        there = os.path.relpath(inside if inside != target else _page(target), PurePosixPath(source).parent)
        return f"[{match['text']}]({PurePosixPath(there)}{match['anchor']})"

    return _LINK.sub(link, markdown)


def _outside(markdown: str, source: str) -> set[str]:
    """Paths in the repository, outside docs, that a page links to."""
    targets = {_target(match["path"], source) for match in _LINK.finditer(markdown) if match["path"]}
    return {target for target in targets if not target.startswith(("docs/", ".."))}


def _target(link: str, source: str) -> str:
    """The path in the repository that a page's link means."""
    return os.path.normpath(PurePosixPath(_origin(source)).parent / link)


def _origin(source: str) -> str:
    """Where a page's file stands in the repository."""
    inside = PurePosixPath(source)
    if inside.parts[0] != "repository":
        return f"docs/{source}"
    path = str(inside.relative_to("repository"))
    return path if path in ROOT_PAGES else path.removesuffix(".md")


def _page(target: str) -> str:
    return f"repository/{target}" if target.endswith(".md") else f"repository/{target}.md"


def _text(root: Path, target: str) -> str:
    """A file as a page: Markdown as it is, code in a block under its path."""
    text = (root / target).read_text()
    if target.endswith(".md"):
        return text
    language = _LANGUAGES.get(Path(target).suffix, "text")
    return f"# {Path(target).name}\n\n`{target}`\n\n````{language}\n{text}````\n"
