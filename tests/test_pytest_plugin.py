import subprocess
import sys

import pytest

TESTS = """
import numpy as np

def test_sick(fanin_check):
    fanin_check([np.random.default_rng(0).random((30, 784)), np.random.default_rng(1).random((10, 30))])

def test_healthy(fanin_check):
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((30, 784)) / 28, rng.standard_normal((10, 30)) / 30**0.5]
    assert fanin_check(weights, activation="tanh").cause is None
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> object:
    """The inner pytest, with the plugin of this source tree whether or not it is installed."""
    pytester.makepyfile(TESTS)
    return lambda *options: pytester.runpytest_subprocess("-p", "no:fanin", "-p", "fanin.pytest_plugin", *options)


def test_a_sick_network_fails_with_its_cause_in_one_block(run: pytest.Pytester) -> None:
    result = run("-p", "no:warnings")  # type: ignore[operator]
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["The cause", "*FAN103 non-zero-mean, 2 layers: 1-2"])
    text = result.stdout.str()
    assert "def test_sick" not in text, "no lines of source: the report says it"
    assert "signal std" not in text, "nor the table of all layers"


@pytest.mark.parametrize(
    ("options", "cause"), [(["--fanin-select", "FAN2"], "FAN201"), (["--fanin-ignore", "FAN103,FAN104"], "FAN201")]
)
def test_rules_are_chosen_on_the_command_line(run: pytest.Pytester, options: list[str], cause: str) -> None:
    result = run(*options)  # type: ignore[operator]
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["The cause", f"*{cause}*"])


def test_rules_are_chosen_in_the_configuration_and_the_command_line_wins(
    run: pytest.Pytester, pytester: pytest.Pytester
) -> None:
    pytester.makepyprojecttoml('[tool.fanin]\nselect = ["FAN1"]\nper-layer-ignores = { "*" = ["FAN1"] }\n')
    run().assert_outcomes(passed=2)  # type: ignore[operator]
    run("--fanin-ignore", "FAN2").assert_outcomes(passed=1, failed=1)  # type: ignore[operator]


def test_an_unknown_code_is_named(run: pytest.Pytester) -> None:
    result = run("--fanin-select", "FAN999")  # type: ignore[operator]
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*unknown rule 'FAN999'*"])


def test_the_plugin_is_light_until_it_is_used() -> None:
    heavy = "{'numpy', 'scipy', 'torch', 'rich', 'click', 'matplotlib'}"
    code = f"import sys, fanin.pytest_plugin; print({heavy} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
