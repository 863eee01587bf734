"""A page for every rule of the doctor, and their table by family."""

import re
from itertools import groupby

from words import code, essay, prose, table

from fanin.cli.rule import _FAMILIES as FAMILIES
from fanin.doctor import Rule, all_rules

SECTION = "rules"
_INTRODUCTION = """# The rules of the doctor

What `fanin check` looks for. Each rule fires on an example of its own and on no other rule's healthy example; that is a
test. The first digit of the code is the family. `fanin rule CODE` prints a page in the terminal; `--select FAN1,FAN203`
and `--ignore FAN104` choose.
"""


def pages() -> dict[str, str]:
    """The table, then one page each."""
    rules = all_rules()
    return {f"{SECTION}/index.md": _index(rules)} | {f"{SECTION}/{rule.code}.md": _page(rule) for rule in rules}


def _index(rules: tuple[Rule, ...]) -> str:
    text = _INTRODUCTION
    for digit, family in groupby(rules, lambda rule: rule.code.removeprefix("FAN")[0]):
        text += f"\n## {FAMILIES.get(digit, 'others').capitalize()}\n\n"
        text += table(("code", "name", "finds"), (_row(rule) for rule in family))
    return text


def _row(rule: Rule) -> tuple[str, str, str]:
    return f"[{rule.code}]({rule.code}.md)", code(rule.slug), prose(rule.summary)


def _page(rule: Rule) -> str:
    references = re.sub(r"\n(?=\S)", "\n\n", rule.page.partition("## References\n")[2])
    text = rule.page.partition("## References\n")[0] + "## References\n" + references
    return f"# {rule.code} {rule.slug}\n\n{essay(text)}\n\nIn the terminal: `fanin rule {rule.code}`\n"
