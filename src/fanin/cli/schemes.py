"""fanin schemes."""

import inspect
import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fanin.cli._options import common
from fanin.cli._output import say, text_format

if TYPE_CHECKING:
    from fanin.schemes import Variant

_FIRST = ("he", "glorot", "lecun", "numpy_random", "constant", "defaults")
"""The files that everybody meets; all others follow by status."""
_COMMON = (*_FIRST, "saxe", "truncated", "variance_scaling", "transformer", "embedding")
"""Files, the most used first; all others, and what a framework has of its own, follow by name."""
_HEADINGS = {"first": "To begin with", "established": "Established", "recent": "Recent", "historical": "Historical"}
_FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "jax": "JAX", "dks": "DKS"}


@click.command()
@click.argument("name", required=False)
@common("text", "json")
def command(name: str | None, format_: str | None, out: Path | None, seed: int, quiet: bool) -> int:
    """The catalogue of schemes; with NAME, its page.

    \b
    fanin schemes
    fanin schemes he_normal
    """
    from fanin.schemes import catalogue, find

    variants = (find(name),) if name else tuple(sorted(catalogue(), key=_place))
    if (format_ or text_format(out)) == "json":
        text = json.dumps({"schema": "fanin.schemes/1", "schemes": [_record(item) for item in variants]}, indent=2)
    else:
        text = _page(variants[0]) if name else _table(variants)
    say(text, out)
    return 0


def _record(item: "Variant") -> dict[str, Any]:
    from fanin.schemes import elsewhere
    from fanin.values import codec

    scheme = item.example()
    return {
        "name": item.name,
        "aliases": list(item.aliases),
        "signature": item.signature,
        "summary": item.page.splitlines()[0],
        "law": scheme.law.name,
        "loc": scheme.loc,
        "scale": scheme.scale,
        "claims": scheme.to_json()["claims"],
        "status": scheme.status,
        "reference": scheme.reference,
        "spelled": dict(scheme.spelled or {}),
        "file": item.build.__module__,
        "elsewhere": [codec.encode(row) for row in elsewhere(item)],
    }


def _group(item: "Variant") -> str:
    """The framework whose own law it is, or how established it is."""
    framework, colon, _ = item.name.partition(":")
    return framework if colon else "first" if _file(item) in _FIRST else item.example().status


def _place(item: "Variant") -> tuple[int, str, int, str]:
    """By group, and in it family by family: the schemes of a file in their own order."""
    groups = (*_HEADINGS, *_FRAMEWORKS)
    group, file = _group(item), _file(item)
    common = _COMMON.index(file) if file in _COMMON and group in _HEADINGS else len(_COMMON)
    return groups.index(group) if group in groups else len(groups), group, common, file


def _file(item: "Variant") -> str:
    return item.build.__module__.rpartition(".")[2]


def _table(variants: "tuple[Variant, ...]") -> str:
    return "\n".join(_lines(variants))


def _lines(variants: "tuple[Variant, ...]") -> Iterator[str]:
    for group, items in groupby(variants, _group):
        members = {_typed(item): item.page.splitlines()[0] for item in items}
        width = max(map(len, members))
        yield _HEADINGS.get(group) or f"As {_FRAMEWORKS.get(group, group)} has it, faults included"
        yield from (f"  {name:<{width}}  {summary}" for name, summary in members.items())
        yield ""
    yield "fanin schemes NAME shows one with its defaults, its reference and what the same name gives elsewhere."


def _typed(item: "Variant") -> str:
    return f"{item.name}({', '.join(item.defaults)})" if item.defaults else item.name


def _page(item: "Variant") -> str:
    record = _record(item)
    names = f"also: {', '.join(item.aliases)}\n" if item.aliases else ""
    essay = inspect.getdoc(inspect.getmodule(item.build)) or ""
    return (
        f"{item.signature}\n{names}\n{item.page}\n\n{essay}\n\n{_values(item)}{_spelled(record['spelled'])}"
        + _elsewhere(record["elsewhere"])
    ).rstrip()


def _values(item: "Variant") -> str:
    """How a value is made, what the standard law is, and what is claimed of the values."""
    from fanin import sampling

    scheme = item.example()
    standard = sampling.page(scheme.law).splitlines()[0]
    shift = "" if scheme.loc == "0" else f"{scheme.loc} + "
    scaled = "z" if scheme.scale == "1" else f"{scheme.scale} * z"
    value = scheme.loc if scheme.law.name == "constant" else f"{shift}{scaled}\n    z: {standard}"
    claims = scheme.claims
    known = {"mean": claims and claims.mean, "mean square": claims and claims.second_moment}
    said = ", ".join(f"{what} {formula}" for what, formula in known.items() if formula)
    return f"value: {value}\n" + (f"claims: {said}\n" if said else "") + f"status: {scheme.status}\n"


def _spelled(code: dict[str, str]) -> str:
    lines = [f"  {framework:<6} {code[framework]}\n" for framework in ("torch", "keras", "jax") if framework in code]
    return "spelled:\n" + "".join(lines) if lines else ""


def _elsewhere(rows: list[dict[str, Any]]) -> str:
    """The table of what the name means elsewhere, one paragraph per parameter."""
    text, last = "\nthe same name elsewhere:\n" if rows else "", None
    for row in rows:
        text += "" if row["param"] == last else f"  {row['param']}\n"
        low, high = float(row["low"]), float(row["high"])  # "inf" in JSON
        text += f"    {row['scheme']:<24} std {row['std']:<12.6g} on [{low:.6g}, {high:.6g}]\n"
        last = row["param"]
    return text
