"""The docs build: pages that follow from the package, figures, formulas without a script, links out of this folder."""

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


def on_config(config: MkDocsConfig) -> None:
    """Complete the navigation: where mkdocs.yml names a folder, its pages."""
    config.nav = _filled(config.nav or [], {room.SECTION: list(room.pages()) for room in CATALOGUES})


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
