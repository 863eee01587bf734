"""Figures: a file of `docs/figures` has `draw() -> Figure`; a page that shows `figures/NAME.svg` gets it inline."""

import html
import importlib.util
import re
from functools import cache
from pathlib import Path

from matplotlib.figure import Figure

from fanin.report.pictures import style

_IMAGE = re.compile(r'(?:<p>)?<img alt="([^"]*)" src="[^"]*?figures/([\w-]+)\.svg"\s*/?>(?:</p>)?')


def files(docs: str) -> dict[str, str]:
    """Every figure as a file of its own, on white."""
    names = sorted(path.stem for path in (Path(docs) / "figures").glob("[!_]*.py"))
    return {f"figures/{name}.svg": style.svg(_draw(docs, name), name) for name in names}


def inlined(page: str, docs: str) -> str:
    """A page's HTML with the figures in place of their images; the alternative text is the label."""
    return _IMAGE.sub(lambda image: _figure(docs, image[2], html.unescape(image[1])), page)


def _figure(docs: str, name: str, label: str) -> str:
    picture = _draw(docs, name)
    width = round(picture.get_figwidth() * 96)
    return f'<figure class="drawn" style="max-width: {width}px">{style.inline(picture, name, label)}</figure>'


@cache
def _draw(docs: str, name: str) -> Figure:
    path = Path(docs) / "figures" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"docs_figure_{name}", path)
    assert spec is not None, path
    assert spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.draw()
