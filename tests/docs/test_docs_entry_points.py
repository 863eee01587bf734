"""The files of the pages "Add one more", installed as another package's: fanin finds them, and their contracts hold."""

import subprocess
import sys
from pathlib import Path

from pages import blocks

ADD = Path(__file__).parents[2] / "docs" / "add"
GROUPS = {
    "halves": "fanin.schemes",
    "signs": "fanin.sampling.laws",
    "quiet_head": "fanin.recipes",
    "loud_head": "fanin.doctor.rules",
    "tanh_deep": "fanin.study.tasks",
}
PROGRAM = """
import signs
from fanin.cli import run
from fanin.testing import check_law

check_law(signs)
for command in (
    "schemes halves",
    "rule FAN950",
    "init net.py:build --recipe quiet_head --dry-run",
    "compare tanh-deep --dry-run",
):
    assert run(command.split()) == 0, command
"""


def test_what_a_page_adds_is_found_by_its_entry_point(tmp_path: Path) -> None:
    files = {
        block.title: block.code
        for page in ADD.glob("*.md")
        for block in blocks(page.read_text())
        if block.title and Path(block.title).stem in GROUPS
    }
    assert {Path(name).stem for name in files} == set(GROUPS)
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    installed = tmp_path / "example-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: example\nVersion: 1.0\n")
    entries = "".join(f"[{group}]\n{name} = {name}\n" for name, group in GROUPS.items())
    (installed / "entry_points.txt").write_text(entries)
    (tmp_path / "net.py").write_text("from torch import nn\n\n\ndef build():\n    return nn.Linear(3, 2)\n")
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "halves_uniform(kept=0.5)" in done.stdout
    assert "loud-head" in done.stdout
    assert "quiet_head" in done.stdout
    assert "tanh" in done.stdout or "0.01*randn" in done.stdout
