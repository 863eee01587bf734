"""JUnit's XML, which every CI server shows: a test case per layer, failed where something was found."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fanin.report.views import check as view
from fanin.report.words import clean

KINDS = ("check",)
_NETWORK = "the whole network"


def render(document: Mapping[str, Any], **_: Any) -> str:
    """One suite. An error or a warning fails its case; an info is its output."""
    names = [_NETWORK, *(layer["name"] for layer in document["layers"])]
    cases: dict[str, list[Mapping[str, Any]]] = {name: [] for name in names}
    for finding in document["findings"]:
        cases.setdefault(finding["layer"] or _NETWORK, []).append(finding)
    failed = sum(any(map(view.fails, findings)) for findings in cases.values())
    counts = {"tests": str(len(cases)), "failures": str(failed), "errors": "0", "skipped": "0"}
    root = Element("testsuites", counts)
    suite = SubElement(root, "testsuite", {"name": "fanin check", **counts})
    for name, findings in cases.items():
        _case(suite, clean(str(document["target"])), name, findings)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def _case(suite: Element, target: str, name: str, findings: list[Mapping[str, Any]]) -> None:
    case = SubElement(suite, "testcase", {"classname": target, "name": clean(name), "time": "0"})
    failures = [finding for finding in findings if view.fails(finding)]
    if failures:  # one element: some servers read the first alone
        first = failures[0]
        kind = {"type": first["code"], "message": clean(first["message"])}
        SubElement(case, "failure", kind).text = "\n".join(map(_line, failures))
    notes = [finding for finding in findings if not view.fails(finding)]
    if notes:
        SubElement(case, "system-out").text = "\n".join(map(_line, notes))


def _line(finding: Mapping[str, Any]) -> str:
    return clean(f"{finding['code']} {finding['slug']} ({finding['severity']}): {finding['message']} {finding['help']}")
