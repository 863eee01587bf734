"""The docs build: pages that follow from the package, figures, formulas without a script, links out of this folder."""

from pathlib import Path

import api_pages
import figures
import formulas
import neighbours
import recipe_pages
import rule_pages
import scheme_pages
import task_pages
import verb_pages
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

CATALOGUES = (scheme_pages, rule_pages, recipe_pages, task_pages, verb_pages, api_pages)
"""Each has `SECTION`, its place in the navigation, and `pages() -> {path: Markdown}`, the index first."""
HAND_WRITTEN = ("concepts", "how-to", "add")
"""Folders whose files stand in the navigation by order of name, the index first."""


def on_config(config: MkDocsConfig) -> None:
    """Complete the navigation: sections that mkdocs.yml gives as a folder's name get that folder's pages."""
    folders = {room.SECTION: list(room.pages()) for room in CATALOGUES}
    docs = Path(config.docs_dir)
    for folder in HAND_WRITTEN:
        paths = sorted((docs / folder).glob("*.md"), key=lambda path: (path.name != "index.md", path.name))
        folders[folder] = [path.relative_to(docs).as_posix() for path in paths]
    config.nav = _filled(config.nav or [], folders)


def _filled(nav: list, folders: dict[str, list[str]]) -> list:
    """The navigation with `folder/` replaced by its pages."""
    filled: list = []
    for entry in nav:
        if isinstance(entry, dict):
            filled += [
                {title: _filled(below, folders) if isinstance(below, list) else below} for title, below in entry.items()
            ]
        else:
            filled += folders[entry.rstrip("/")] if entry.endswith("/") else [entry]
    return filled


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, the figures, and the files of the repository that pages link to."""
    made = {path: text for room in CATALOGUES for path, text in room.pages().items()}
    for path, content in (made | figures.files(config.docs_dir) | neighbours.files(config.docs_dir)).items():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links that leave the folder lead to the page of that file."""
    return neighbours.relinked(markdown, page.file.src_uri)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Formulas as MathML, figures as part of the page, which they follow in its colours."""
    return figures.inlined(formulas.rendered(html), config.docs_dir)
