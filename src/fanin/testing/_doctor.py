"""The contract of a rule of the doctor."""

from dataclasses import replace
from types import ModuleType

import numpy as np

from fanin import doctor
from fanin.checkup import check
from fanin.doctor import Case, Example
from fanin.testing._contract import require
from fanin.values import Trace


def check_rule(item: ModuleType) -> None:
    """A rule of the doctor: its page, that it speaks on its sick example alone, and copes with what was not measured.

    Every rule is silent on its healthy example, its finding says what was measured and what to do, two runs say the
    same, and a trace that lacks any of its statistics, or all, raises nothing.

    Raises:
        ContractError: naming the rule and what does not hold.

    Example:
        >>> from fanin.doctor.rules import symmetric_units
        >>> check_rule(symmetric_units)
    """
    rule = doctor.rule(item)
    for heading in doctor.HEADINGS:
        require(f"\n## {heading}\n" in rule.page, f"{rule.code} has the heading {heading!r}")
    require(rule.summary.endswith("."), f"{rule.code} begins with a sentence")
    sick, healthy = _case(rule.sick()), _case(rule.healthy())
    found = list(rule.check(sick))
    require(bool(found), f"{rule.code} speaks on its sick example")
    require(found == list(rule.check(sick)), f"{rule.code} says the same twice")
    for finding in found:
        require((finding.code, finding.slug) == (rule.code, rule.slug), f"{rule.code} signs its findings")
        require(bool(finding.measured) and bool(finding.help), f"{rule.code} says what it measured and what to do")
    for each in doctor.all_rules():
        require(not list(each.check(healthy)), f"{each.code} is silent on the healthy example of {rule.code}")
    for statistic in sorted({row.statistic for row in sick.measured.rows}):
        rows = tuple(row for row in sick.measured.rows if row.statistic != statistic)
        list(rule.check(replace(sick, measured=Trace("measured", rows))))
    require(
        not list(rule.check(Case(sick.graph, sick.params, Trace("measured", ())))),
        f"{rule.code} is silent on an empty trace",
    )


def _case(example: Example | Case) -> Case:
    if isinstance(example, Case):
        return example
    biases = example.biases or tuple(np.zeros(len(weight)) for weight in example.weights)
    pair = (example.weights, biases)
    return check(pair, example.x, activation=example.activation, output=example.output).case
