"""A page for every scheme of the catalogue: the law, what it claims, its essay, and the same name elsewhere."""

import inspect
from itertools import groupby

from words import code, essay, prose, slug, table

from fanin import sampling
from fanin.cli.schemes import _FRAMEWORKS as FRAMEWORKS
from fanin.cli.schemes import _HEADINGS as HEADINGS
from fanin.cli.schemes import _group as group
from fanin.cli.schemes import _place as place
from fanin.errors import InputError
from fanin.schemes import FOUNDING_SHAPE, Variant, catalogue, elsewhere, spellings
from fanin.values import Param
from fanin.values.param import dense

SECTION = "schemes"
_INTRODUCTION = """# The catalogue of schemes

Every initialization that fanin knows, by the name that is typed. Most take arguments: `he_normal(mode='fan_out')`.
Names such as `torch:xavier_uniform_` are a framework's own meaning, faults included; where the same name means
something else elsewhere, the page says so in numbers. `fanin schemes NAME` prints a page in the terminal.
"""
_LAYER = dense("w", FOUNDING_SHAPE)


def pages() -> dict[str, str]:
    """The tables by group, then one page each."""
    variants = sorted(catalogue(), key=place)
    return {f"{SECTION}/index.md": _index(variants)} | {
        f"{SECTION}/{slug(item.name)}.md": _page(item) for item in variants
    }


def _index(variants: list[Variant]) -> str:
    text = _INTRODUCTION
    for name, items in groupby(variants, group):
        heading = HEADINGS.get(name) or f"As {FRAMEWORKS.get(name, name)} has it, faults included"
        text += f"\n## {heading}\n\n" + table(("name", "draws"), (_row(item) for item in items))
    return text


def _row(item: Variant) -> tuple[str, str]:
    return f"[`{item.name}`]({slug(item.name)}.md)", prose(item.page.splitlines()[0])


def _page(item: Variant) -> str:
    scheme = item.example()
    aliases = f"Also typed: {', '.join(map(code, item.aliases))}\n\n" if item.aliases else ""
    return (
        f"# {item.name}\n\n{essay(item.page)}\n\n{code(item.signature)}\n\n{aliases}"
        f"## The law\n\n{_law(item)}\n"
        f"## What it is for, and what to mind\n\n{essay(inspect.getdoc(inspect.getmodule(item.build)) or '')}\n\n"
        f"{_spelled(item)}{_elsewhere(item)}"
        f"## Reference\n\n{prose(scheme.reference)}. Status: {scheme.status}.\n"
    )


def _law(item: Variant) -> str:
    """How an entry is made of a standard draw, and what is claimed of it and tested."""
    scheme, claims = item.example(), item.example().claims
    shift = "" if scheme.loc == "0" else f"{scheme.loc} + "
    scaled = "z" if scheme.scale == "1" else f"{scheme.scale} * z"
    value = scheme.loc if scheme.law.name == "constant" else f"{shift}{scaled}"
    rows = [("each entry", code(value))]
    if "z" in value.split():
        rows.append(("z", prose(sampling.page(scheme.law).splitlines()[0])))
    for what, formula in (
        ("mean", claims and claims.mean),
        ("mean square", claims and claims.second_moment),
        ("least", claims and claims.low),
        ("greatest", claims and claims.high),
    ):
        rows += [(what, code(formula))] if formula else []
    if claims and claims.orthogonal:
        rows.append(("orthogonal", "rows, or columns where they are fewer, at right angles"))
    return table(("", "with its defaults"), rows) + (
        "\nThe formulas are claims that a test holds against the law and against drawn numbers, on dense, convolution, "
        "grouped, transposed, fused and table parameters.\n"
    )


def _spelled(item: Variant) -> str:
    """Code for one layer, where the scheme fits a matrix."""
    param = _fitting(item)
    if param is None:
        return ""
    rows = ((framework, code(text)) for framework, text in spellings(item.example(), param).items())
    shape = " × ".join(map(str, param.shape))
    return f"## Spelled in each framework\n\nFor a weight of shape {shape} (out × in):\n\n{table(('', 'code'), rows)}\n"


def _fitting(item: Variant) -> Param | None:
    try:
        spellings(item.example(), _LAYER)
    except InputError:
        return None
    return _LAYER


def _elsewhere(item: Variant) -> str:
    rows = elsewhere(item)
    if not rows:
        return ""
    text = "## The same name elsewhere\n\nWhere what goes by this name differs between frameworks:\n\n"
    lines, last = [], ""
    for row in rows:
        lines.append(
            (row.param if row.param != last else "", _named(row.scheme), f"{row.std:.6g}", _support(row.low, row.high))
        )
        last = row.param
    return text + table(("parameter", "scheme", "std", "support"), lines) + "\n"


def _named(name: str) -> str:
    return f"[`{name}`]({slug(name)}.md)"


def _support(low: float, high: float) -> str:
    return f"[{low:.4g}, {high:.4g}]"
