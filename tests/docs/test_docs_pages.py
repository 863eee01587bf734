"""Every code block of the pages and of the README runs and prints what the page shows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pages import RUN, SHOWN, Block, alike, blocks, play

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "README.md", *PAGES)}
RUNNING = {name: text for name, text in TEXTS.items() if any(block.language in RUN for block in blocks(text))}
SLOW = {name: text for name, text in RUNNING.items() if any(block.mark == "slow" for block in blocks(text))}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader's folder: empty, with a terminal of 96 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "96")
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.mark.parametrize("page", RUNNING)
def test_page(page: str, folder: Path) -> None:
    problems = play(RUNNING[page], slow=False)
    assert not problems, "\n".join(problems)


@pytest.mark.slow
@pytest.mark.parametrize("page", SLOW)
def test_page_with_its_long_blocks(page: str, folder: Path) -> None:
    problems = play(SLOW[page], slow=True)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("page", TEXTS)
def test_every_block_says_what_it_is(page: str) -> None:
    unknown = [(block.line, block.language) for block in blocks(TEXTS[page]) if block.language not in RUN + SHOWN]
    assert not unknown


def test_a_page_that_is_wrong_is_found_out(folder: Path) -> None:
    right = '```python title="net.py"\nprint(3)\n```\n\n```console\n$ python net.py\n3\n$ echo $?\n0\n```\n'
    assert play(right, slow=False) == []
    for wrong in (right.replace("\n3\n", "\n4\n"), right.replace("\n0\n", "\n1\n")):
        assert len(play(wrong, slow=False)) == 1
    assert play("```pycon\n>>> 1 + 1\n3\n```\n", slow=False)
    with pytest.raises(ZeroDivisionError):
        play("```python\n1 / 0\n```\n", slow=False)
    assert play("<!-- slow -->\n```pycon\n>>> 1 + 1\n3\n```\n", slow=False) == []


def test_blocks_of_a_page() -> None:
    page = (
        "<!-- setup\nx = 1\n-->\n\nText:\n\n    $ fanin rule\n    ...\n\n- item\n  ```sh\n  pip install fanin\n  ```\n"
    )
    assert list(blocks(page)) == [
        Block(1, "python", "\nx = 1\n", None, ""),
        Block(7, "console", "$ fanin rule\n...\n", None, ""),
        Block(11, "sh", "pip install fanin\n", None, ""),
    ]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("mean 0.497", "mean 0.4971", True),
        ("mean 0.497", "mean 0.52", False),
        ("2.3e-07", "2.4e-07", True),
        ("2.3e-07", "2.3e-06", False),
        ("all 30 units", "all 31 units", False),
        ("91.8 % [90.9–92.7]", "91.5 % [90.8–92.9]", True),
        ("a\n...\nc", "a\nb\nb\nc", True),
        ("a\n...\nc", "a\nb\nd", False),
        ("... c ...", "a c b", True),
        ("signal ▁▂▃ 0.4", "signal ▁▁▂▃  0.4", True),
        ("", "something", False),
    ],
)
def test_alike(shown: str, printed: str, same: bool) -> None:
    assert alike(shown, printed) is same


def test_calls_within_a_sentence_need_no_more_than_import_fanin() -> None:
    """`fanin.report.schema(...)` would: rooms are imported by their names."""
    called = {call for text in TEXTS.values() for call in re.findall(r"`fanin((?:\.\w+)+)\(", text)}
    code = "import fanin, operator\n" + "\n".join(
        f"operator.attrgetter({call[1:]!r})(fanin)" for call in sorted(called)
    )
    assert called
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
