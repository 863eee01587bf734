"""From a case to findings: one cause first, the rest as its consequences."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from fanin.doctor._case import Case
from fanin.doctor._ignore import split
from fanin.doctor._reach import is_beyond
from fanin.doctor._rule import chosen
from fanin.values import Finding

# whom to blame first: weights that no data can excuse, the data, loss and labels, the head, the other weights, then
# what structure, signals and gradients make of them, and last the learning rate
_BLAME = ("FAN105", "FAN101", "FAN102", "FAN5", "FAN702", "FAN703", "FAN4", "FAN1", "FAN6", "FAN2", "FAN3")
# FAN602 is none: a network is as narrow and as deep as it is built, whatever else is wrong with it
_CONSEQUENCES = ("FAN2", "FAN3", "FAN4", "FAN601", "FAN603")
# what explains a fault of signals, however grave: then that is no error of the initialization
_EXPLAINED = {
    "FAN501": ("FAN201", "FAN202", "FAN205", "FAN301", "FAN302", "FAN303", "FAN304", "FAN4", "FAN107"),
    "FAN502": ("FAN201", "FAN202", "FAN205", "FAN4"),
    "FAN702": ("FAN303", "FAN304", "FAN4", "FAN201"),
    "FAN703": ("FAN303", "FAN304", "FAN4", "FAN201"),
    # weights elsewhere, of which the head's are one part or that it only passes on
    "FAN102": ("FAN4",),
    "FAN103": ("FAN4",),
    "FAN104": ("FAN4",),
    "FAN201": ("FAN4",),
    "FAN202": ("FAN4",),
    "FAN204": ("FAN4",),
    "FAN205": ("FAN4",),
    "FAN601": ("FAN4",),
}
# what has a parameter drawn anew, so that nothing else is asked of it
_REDRAWS = ("FAN105", "FAN101", "FAN102", "FAN103")
_OF_WEIGHTS = ("FAN101", "FAN102", "FAN103", "FAN104", "FAN107")
_OF_TRAINED = ("FAN101", "FAN105", "FAN303", "FAN401", "FAN5", "FAN7")  # a scale that was learnt is not judged
_OUTSIDE = ("FAN5", "FAN7", "FAN303")  # the weights have no part in them
_SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings, the principal ones first, and the code of the cause: None if there is no error and no warning."""

    findings: tuple[Finding, ...]
    cause: str | None


def diagnose(case: Case, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Diagnosis:
    """What is wrong with a case.

    The cause is the first error, or else the first warning, in the order of broken or equal weights, data, loss and
    labels, head, other weights, structure, forward signal, gradients, learning rate. What the data or the loss explain
    is never an error of the weights. Other findings on structure, signals, loss and gradients are the cause's
    consequences: they stay, as infos that say so. What a cause can't have made stands beside it, and may have
    consequences of its own. An info only explains, so without a cause there is none. Of a trained network only what can
    be wrong with one is asked.

    Args:
        case: what was measured.
        select: codes or beginnings of codes (`FAN1`) or slugs to look for; all, if empty.
        ignore: those to leave out; on some layers only, as `backbone.*:FAN104`.

    Raises:
        UnknownName: a code that no rule has.
    """
    codes, is_left_out = split(ignore)
    rules = [rule for rule in chosen(select, codes) if not case.is_trained or rule.code.startswith(_OF_TRAINED)]
    found = [finding for rule in rules for finding in rule.check(case) if not is_left_out(finding)]
    grave = [finding for finding in found if finding.severity != "info"]
    grave = [finding for finding in grave if not any(_explains(case, other, finding) for other in grave)]
    if not grave:
        return Diagnosis((), None)
    order = partial(_blame, case, grave)
    causes: list[Finding] = []
    for finding in sorted(grave, key=order):
        if not any(_follows(case, finding, cause) for cause in causes):
            causes.append(finding)
    first = causes[0].code
    found = [finding for finding in found if not _is_idle(finding, causes)]
    findings = [finding if finding in causes else _told(case, finding, causes) for finding in found]
    return Diagnosis(tuple(sorted(findings, key=lambda finding: (finding.code != first, *order(finding)))), first)


def _blame(case: Case, grave: Iterable[Finding], finding: Finding) -> tuple[int, int, str]:
    """Where a finding stands. Narrow layers come last if signal or gradient change by more than these explain."""
    place = next((i for i, family in enumerate(_BLAME) if finding.code.startswith(family)), len(_BLAME))
    if finding.code == "FAN602" and any(is_beyond(case, other, finding) for other in grave):
        place = len(_BLAME)
    return _SEVERITIES.index(finding.severity), place, finding.code


def _explains(case: Case, other: Finding, finding: Finding) -> bool:
    """Data and loss explain at any place; weights what is in other layers; signals nothing that is worse than they.

    Only a collapse to one direction, which has no second degree, explains what is worse.
    """
    if not finding.code.startswith(_EXPLAINED.get(other.code, ())):
        return False
    if other.code.startswith(("FAN5", "FAN7")):
        return not is_beyond(case, finding, other)
    is_milder = _SEVERITIES.index(other.severity) > _SEVERITIES.index(finding.severity)
    is_mild = is_milder and other.code.startswith(("FAN2", "FAN6")) and "stable_rank" not in other.measured
    return other.layer != finding.layer and not is_mild


def _is_idle(finding: Finding, causes: Iterable[Finding]) -> bool:
    """An info on the scale of weights, where nothing but data, loss and learning rate is at fault: they are fine."""
    is_info = finding.code == "FAN104" and finding.severity == "info"
    return is_info and all(cause.code.startswith(_OUTSIDE) for cause in causes)


def _told(case: Case, finding: Finding, causes: Iterable[Finding]) -> Finding:
    """A finding, or the info that it is a consequence of the first cause that can have made it."""
    cause = next((cause for cause in causes if _follows(case, finding, cause)), None)
    if cause is None:
        return finding
    return replace(finding, severity="info", help=f"A consequence of {cause.code}: cure that first.", fix=None)


def _follows(case: Case, finding: Finding, cause: Finding) -> bool:
    if finding.code == cause.code:
        return False
    if _is_redrawn(finding, cause):
        return True
    is_consequence = finding.code.startswith((*_CONSEQUENCES, *_EXPLAINED.get(cause.code, ())))
    return finding.severity != "info" and is_consequence and not is_beyond(case, finding, cause)


def _is_redrawn(finding: Finding, cause: Finding) -> bool:
    """What is said of a parameter that is to be drawn anew anyway; of memory, of a layer's other parameters too."""
    if cause.code not in _REDRAWS or finding.code in _REDRAWS[: _REDRAWS.index(cause.code)]:
        return False
    is_memory = cause.code in ("FAN105", "FAN101") and cause.layer is not None and finding.layer == cause.layer
    is_same = finding.parameter is not None and finding.parameter == cause.parameter
    return finding.code.startswith(_OF_WEIGHTS) and (is_same or is_memory)
