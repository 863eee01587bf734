"""fanin rule."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fanin.cli._options import common
from fanin.cli._output import say, text_format
from fanin.cli._pages import page
from fanin.errors import InputError, UnknownName

if TYPE_CHECKING:
    from fanin.doctor import Rule

_FAMILIES = {
    "1": "weights",
    "2": "signal",
    "3": "gradients",
    "4": "outputs and loss",
    "5": "data",
    "6": "structure",
    "7": "training set-up: not the initialization",
    "8": "the model's own method to initialise it",
}


@click.command()
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="Every rule's page.")
@common("text", "json")
def command(code: str | None, every: bool, format_: str | None, out: Path | None, seed: int, quiet: bool) -> int:
    """The page of a rule of the doctor, by code or slug; without CODE, the list of rules.

    \b
    fanin rule FAN103
    """
    from fanin.doctor import all_rules

    known = all_rules()
    chosen = [rule for rule in known if code is not None and code.lower() in {rule.code.lower(), rule.slug}]
    if code is not None and every:
        raise InputError(f"got {code!r} and --all; give one of them")
    if code is not None and not chosen:
        raise UnknownName("rule", code, [rule.code for rule in known], [rule.slug for rule in known])
    if (format_ or text_format(out)) == "json":
        pages = [page(item) for item in chosen or known]
        text = json.dumps({"schema": "fanin.rules/1", "rules": pages}, indent=2, ensure_ascii=False)
    elif chosen or every:
        text = "\n\n\n".join(f"{r.code} {r.slug}\n\n{r.page}" for r in chosen or known)
    else:
        text = "\n".join(_families(known))
    say(text, out)
    return 0


def _families(rules: "Sequence[Rule]") -> Iterator[str]:
    """The list, by the first digit of the codes."""
    width = max(len(rule.slug) for rule in rules)
    for digit, family in groupby(rules, lambda rule: rule.code.removeprefix("FAN")[0]):
        yield _FAMILIES.get(digit, "others").capitalize()
        yield from (f"  {rule.code}  {rule.slug:<{width}}  {rule.summary}" for rule in family)
        yield ""
    yield "fanin rule CODE shows one with its measurement, its limits and its fix."
