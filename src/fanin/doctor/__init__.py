"""The doctor: rules that read what was measured of a network and say what is wrong, the cause first.

It knows no framework: a `Case` may come from a colleague who has one, as JSON.
"""

from fanin.doctor._case import Case
from fanin.doctor._diagnose import Diagnosis, diagnose
from fanin.doctor._example import Example, drawn
from fanin.doctor._rule import HEADINGS, Rule, all_rules, rule
from fanin.doctor._sines import omega

__all__ = ["HEADINGS", "Case", "Diagnosis", "Example", "Rule", "all_rules", "diagnose", "drawn", "omega", "rule"]
