"""Small pieces of Markdown that the generated pages share."""

import re
from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(`+[^`]+`+)")


def prose(text: str) -> str:
    """A docstring as Markdown: outside code, signs of formulas are no markup, and arXiv numbers and DOIs are links.

    >>> prose("2 * 3 * 4, arXiv:1502.01852")
    '2 \\\\* 3 \\\\* 4, [arXiv:1502.01852](https://arxiv.org/abs/1502.01852)'
    """
    return "".join(part if _CODE.fullmatch(part) else _plain(part) for part in _CODE.split(text))


def _plain(text: str) -> str:
    text = re.sub(r"(?<=\S)([*<])|([*<])(?=\S)|(?<= )[*](?= )", lambda sign: f"\\{sign[0]}", text)
    text = re.sub(r"arXiv:(\d{4}\.\d{4,5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", text)
    return re.sub(r"doi:(10\.\S+?)(?=[.,;]?(?:\s|$))", r"[doi:\1](https://doi.org/\1)", text)


def essay(text: str) -> str:
    """A docstring of several paragraphs; a list right behind its paragraph gets the empty line it needs."""
    blocks = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(block if block.startswith("```") else _spaced(prose_lines(block)) for block in blocks)


def prose_lines(text: str) -> str:
    """Prose line by line; indented lines outside lists are formulas, which Markdown shows as they are."""
    lines, in_list = [], False
    for line in text.split("\n"):
        in_list = line.startswith("- ") or (in_list and (line.startswith("  ") or not line))
        is_formula = line.startswith("    ") and not in_list
        lines.append(line if is_formula else _marked(line))
    return "\n".join(lines)


def _marked(line: str) -> str:
    mark = "- " if line.startswith("- ") else ""
    return mark + prose(line.removeprefix(mark))


def _spaced(text: str) -> str:
    return re.sub(r"(^(?!- |\s|$|#).*\n)(?=- )", r"\1\n", text, flags=re.MULTILINE)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def code(text: str) -> str:
    """Inline code, whatever it holds."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def slug(name: str) -> str:
    """A name as part of an address: `torch:trunc_normal_` is torch-trunc_normal_."""
    return name.replace(":", "-").replace(".", "-")
