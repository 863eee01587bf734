"""Pages of Markdown as tests: their code blocks in order, each run as its language says.

`python` and `pycon` share the page's names; with title="FILE" a block is written to that file instead. `console` blocks
are commands behind "$ " with what they print. Before a block, `<!-- slow -->` leaves it to the slow tests, and
`<!-- not run: reason -->` says why it can't be run. `<!-- setup` … `-->` is Python that a reader has anyway.
"""

import contextlib
import doctest
import io
import re
import runpy
import shlex
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from fanin.cli import run

RUN = ("python", "pycon", "console")
SHOWN = ("text", "sh", "toml", "yaml", "json")
_BLOCK = re.compile(
    r"^<!-- (?P<mark>setup|slow|not run:)(?P<words>.*?)-->[ ]*$"
    r"|^(?P<indent>[ ]*)(?P<fence>```+)(?P<language>\w*)(?P<options>[^\n]*)\n(?P<code>.*?)^(?P=indent)(?P=fence)[ ]*$"
    r"|(?<=\n\n)(?P<terminal>    \$ .*?\n)(?=\n*(?! {4}|\n)|\Z)",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """One block: where it stands, its language, its code, the file that it is, and its mark."""

    line: int
    language: str
    code: str
    title: str | None
    mark: str


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page, and its setups."""
    mark = ""
    for match in _BLOCK.finditer(page):
        line = page.count("\n", 0, match.start()) + 1
        if match["mark"] == "setup":
            yield Block(line, "python", match["words"], None, "")
        elif match["mark"]:
            mark = match["mark"].rstrip(":")
        else:
            title = re.search(r'title="([^"]+)"', match["options"] or "")
            language = "console" if match["terminal"] else match["language"]
            code = textwrap.dedent(match["terminal"] or match["code"])
            yield Block(line, language, code, title and title[1], mark)
            mark = ""


def play(page: str, slow: bool) -> list[str]:
    """Run a page in the folder that is current; what differs from the page, with line numbers."""
    with _imports_from_here():
        return list(_play(page, slow))


def _play(page: str, slow: bool) -> Iterator[str]:
    names: dict[str, object] = {"__name__": "__page__"}
    for block in blocks(page):
        if block.mark == "not run" or (block.mark == "slow" and not slow):
            continue
        if block.title:
            Path(block.title).write_text(block.code)
            sys.modules.pop(Path(block.title).stem, None)  # another test's file of that name
        elif block.language == "python":
            exec(compile("\n" * block.line + block.code, "page", "exec"), names)
        elif block.language == "pycon":
            yield from _session(block, names)
        elif block.language == "console":
            yield from _terminal(block)


def _session(block: Block, names: dict[str, object]) -> list[str]:
    """A session with prompts, as doctest runs it; numbers are compared as `alike` does."""
    said: list[str] = []
    test = doctest.DocTestParser().get_doctest(block.code, names, "page", "page", block.line)
    test.globs = names
    runner = doctest.DocTestRunner(_Checker(), verbose=False, optionflags=doctest.ELLIPSIS)
    runner.run(test, out=said.append, clear_globs=False)
    return said


class _Checker(doctest.OutputChecker):
    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want, got, optionflags) or alike(want, got)


def _terminal(block: Block) -> list[str]:
    """Commands and their output."""
    problems, code = [], 0
    for part in re.split(r"^(?=\$ )", block.code, flags=re.MULTILINE)[1:]:
        command, _, shown = part.replace("\\\n", " ").partition("\n")
        code, printed = _run(shlex.split(command[2:]), code)
        if not alike(shown, printed):
            problems.append(f"line {block.line}: {command}\n-- shown\n{shown}\n-- printed\n{printed}")
    return problems


def _run(words: list[str], before: int) -> tuple[int, str]:
    """One command, in this process; its exit code and what a terminal shows of it."""
    screen = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    code = before
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
        match words:
            case ["fanin", *arguments]:
                code = _as_process(words, lambda: run(arguments))
            case ["python", file, *_]:
                code = _as_process(words[1:], lambda: _program(file))
            case ["cat", file]:
                screen.write(Path(file).read_text())
            case ["echo", "$?"]:
                screen.write(f"{before}\n")
            case _:
                raise AssertionError(f"pages run fanin, python, cat and echo $?, not {shlex.join(words)}")
    return code, screen.buffer.getvalue().decode()  # type: ignore[attr-defined]


def _program(file: str) -> int:
    runpy.run_path(file, run_name="__main__")
    return 0


def _as_process(words: list[str], command: Callable[[], int]) -> int:
    """A command that finds its words in sys.argv."""
    kept, sys.argv = sys.argv, words
    try:
        with _imports_from_here():
            return command()
    finally:
        sys.argv = kept


@contextlib.contextmanager
def _imports_from_here() -> Iterator[None]:
    """Finds modules that lie in the current folder, and forgets them afterwards: the next process imports them anew."""
    before, path = set(sys.modules), list(sys.path)
    sys.path.insert(0, str(Path.cwd()))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(Path.cwd()):
                del sys.modules[name]


_NUMBER = r"[-−+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?:[ ]?%)?"
_BARS = r"[▁-█](?:[▁-█ ]*[▁-█])?"
_TOKEN = re.compile(rf"\.\.\.|…|{_NUMBER}|{_BARS}|\s+|.", re.DOTALL)


def alike(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed.

    Words and whole numbers must be equal, blanks may be more or fewer (a column moves with its numbers), `...` stands
    for anything. Numbers with decimals or in percent may differ by 2 %, or by one in the last digit, and bars made of
    blocks may differ: they depend on the order in which a processor adds up.

    >>> alike("3 of 3, 91.8 %", "3 of 3, 91.6 %"), alike("3 of 3", "2 of 3"), alike("a ... 5", "a b\\nc 5")
    (True, False, True)
    """
    return _match(_tokens(shown), _tokens(printed))


def _tokens(text: str) -> list[str]:
    return [" " if token.isspace() else token for token in _TOKEN.findall(text.strip())]


def _match(shown: list[str], printed: list[str]) -> bool:
    """Between two `...` the first place that fits is the right one, as for * in file names."""
    pieces: list[list[str]] = [[]]
    for token in shown:
        pieces.append([]) if token in ("...", "…") else pieces[-1].append(token)
    if len(pieces) == 1:
        return len(shown) == len(printed) and _fits(shown, printed)
    first, *middle, last = pieces
    if len(printed) < len(first) + len(last) or not _fits(first, printed[: len(first)]):
        return False
    place, end = len(first), len(printed) - len(last)
    for piece in middle:
        while place + len(piece) <= end and not _fits(piece, printed[place : place + len(piece)]):
            place += 1
        place += len(piece)
    return place <= end and _fits(last, printed[end:])


def _fits(shown: list[str], printed: list[str]) -> bool:
    return all(a == b or _near(a, b) for a, b in zip(shown, printed, strict=True))


def _near(shown: str, printed: str) -> bool:
    if re.fullmatch(_BARS, shown) and re.fullmatch(_BARS, printed):
        return True
    if not (re.fullmatch(_NUMBER, shown) and re.fullmatch(_NUMBER, printed)):
        return False
    if shown.endswith("%") != printed.endswith("%") or not re.search(r"[.e%]", shown):
        return False
    a, b = (float(re.sub(r"[,% ]", "", text).replace("−", "-")) for text in (shown, printed))
    return abs(a - b) <= max(0.02 * abs(a), 1.001 * _last_digit(shown))


def _last_digit(number: str) -> float:
    """The worth of a number's last digit: 0.01 of 1.25."""
    digits, _, exponent = re.sub(r"[ %]", "", number).partition("e")
    return 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
