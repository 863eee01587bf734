"""The cure of what the weights are to blame for: drawn anew in place, and checked again.

Only what is safe is written: the parameters that a finding names together with a scheme; where signal, gradient or a
residual stream are at fault as a whole, all that are trained; and these, too, where the first did not help. The schemes
are those of the recipe `signal`, of `siren` for sines with a factor inside. What was learned is left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fanin.checkup._redraw import Redrawn, redraw
from fanin.doctor import Case, omega
from fanin.values import Finding, codec

if TYPE_CHECKING:
    from fanin.checkup._report import Report

_ROUNDS = 3  # what was hidden behind the first cause shows in the next
_NETWORK = ("FAN2", "FAN3", "FAN6")  # faults of signal, gradient, structure: no single weight's
_SHARED = ("FAN108", "FAN304", "FAN601", "FAN603")  # cured by what stands around, too, so that they name no scheme
_OUTPUT = "FAN401"


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was done: the cause and the number of findings before, and the parameters that were drawn anew."""

    cause: str | None
    findings: int
    parameters: tuple[Redrawn, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the document of a check carries it."""
        return codec.encode(self)  # type: ignore[no-any-return]


def fix_(report: "Report", model: Any, again: Callable[[], "Report"], seed: int) -> "Report":
    """Draw anew what a report's findings blame, and check again, until there is nothing left that this could cure.

    Raises:
        InputError: a model or arrays that can't be written to.
    """
    first, recipe, redrawn = report, _recipe(report.case), dict[str, Redrawn]()
    tried: set[str] = set()
    for _ in range(_ROUNDS):
        blamed = _blamed(report, tried)
        if not blamed:
            break
        redrawn |= redraw(report.case, blamed, recipe, model, seed)
        tried |= blamed
        report = again()
    return replace(report, fixed=Fixed(first.cause, len(first.findings), tuple(redrawn.values())))


def _blamed(report: "Report", tried: set[str]) -> set[str]:
    """Paths of the parameters to draw anew."""
    case = report.case
    if report.ok or report.cause is None or case.is_trained:
        return set()
    cured = [finding for finding in report.findings if finding.severity != "info" and _is_curable(finding)]
    frozen = {path for node in case.graph.nodes if node.frozen for path in node.params}
    named = {path for finding in cured for path in _named(case, finding)} - frozen - tried
    is_cause = any(finding.code == report.cause for finding in cured)
    is_whole = any(finding.code.startswith(_NETWORK) for finding in cured)  # as the cause, or beside it
    if is_whole or (is_cause and not named):
        return {param.path for param in case.params} - frozen - tried
    return named


def _is_curable(finding: Finding) -> bool:
    return finding.fix is not None or finding.code in _SHARED


def _named(case: Case, finding: Finding) -> set[str]:
    """The parameter of a finding; of outputs, which a bias may make, and of gates, which are one, the whole layer."""
    node = case.graph.by_name.get(finding.layer or "")
    if node is not None and (finding.code == _OUTPUT or node.op == "recurrent"):
        return set(node.params)
    return {finding.parameter} if finding.parameter else set()


def _recipe(case: Case) -> str:
    """`siren` for a chain of sines, with the factor in front of them that the gradient shows; else `signal`."""
    factor = omega(case)
    return f"siren(omega={factor:g})" if factor else "signal"
