"""pytest's door to the doctor: a fixture that fails a test with the cause if a network starts badly.

    def test_the_start_is_good(fanin_check):
        fanin_check(build_model(), batch)

`--fanin-select` and `--fanin-ignore` choose the rules, as `--select` and `--ignore` of `fanin check` do; by default
`[tool.fanin]` of pyproject.toml. Nothing but this file is imported before a test uses the fixture.
"""

from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from fanin.checkup import Report


class Check(Protocol):
    """What the fixture is: `fanin.check` that fails the test."""

    def __call__(self, model: Any, batch: Any = None, **options: Any) -> "Report":
        """The report, unless the test fails."""
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """--fanin-select and --fanin-ignore."""
    group = parser.getgroup("fanin", "the initialization of neural networks")
    for name, what in (("select", "only these rules"), ("ignore", "not these rules; PATTERN:CODES for some layers")):
        group.addoption(f"--fanin-{name}", action="append", metavar="CODES", help=f"{what}, for fanin_check")


@pytest.fixture
def fanin_check(request: pytest.FixtureRequest) -> Check:
    """`fanin_check(model, batch=None, **options)`: `fanin.check`, and the test fails unless nothing is found.

    Returns the report. Options are those of `fanin.check`, and win over the command line's.
    """

    def check(model: Any, batch: Any = None, **options: Any) -> "Report":
        __tracebackhide__ = True
        import fanin

        report = fanin.check(model, batch, **(_rules(request.config) | options))
        if not report.ok:
            pytest.fail(_block(report), pytrace=False)
        return report

    return check


def _rules(config: pytest.Config) -> dict[str, list[str]]:
    from fanin.cli._config import rules

    given = {name: config.getoption(f"fanin_{name}") for name in ("select", "ignore")}
    codes = {name: [code for text in texts for code in text.split(",")] for name, texts in given.items() if texts}
    return rules(config.rootpath) | codes


def _block(report: "Report") -> str:
    """The verdict and what was found, without the table of all layers."""
    from fanin.report import render

    return render(report.to_json() | {"layers": []}, "text", width=88)
