"""A page for every verb of the command line: its `--help`."""

import click
from words import table

from fanin.cli import _fanin as group

SECTION = "cli"
_INTRODUCTION = """# The command line

Results go to stdout, progress and messages to stderr. Exit code 0: done and nothing found; 1: findings; 2: bad usage
or bad input, with one line that says what was given, what was expected and what to do. Defaults come from
`[tool.fanin]` in `pyproject.toml` ([configuration](../check.md#configuration)); the command line wins.

"""


def pages() -> dict[str, str]:
    """The table, then one page each."""
    context = click.Context(group, info_name="fanin", max_content_width=100, terminal_width=100)
    verbs = {name: group.get_command(context, name) for name in group.list_commands(context)}
    rows = ((f"[`fanin {name}`]({name}.md)", verb.get_short_help_str(120)) for name, verb in verbs.items() if verb)
    index = _INTRODUCTION + table(("verb", "does"), rows)
    each = {f"{SECTION}/{name}.md": _page(context, name, verb) for name, verb in verbs.items() if verb}
    return {f"{SECTION}/index.md": index} | each


def _page(parent: click.Context, name: str, verb: click.Command) -> str:
    context = click.Context(verb, info_name=name, parent=parent, max_content_width=100, terminal_width=100)
    return f"# fanin {name}\n\n```text\n{verb.get_help(context)}\n```\n"
