"""SARIF 2.1.0, the interchange format of static analysis: what code-scanning services and editors read."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fanin._version import __version__
from fanin.report.formats import json
from fanin.report.views import check as view
from fanin.report.words import clean

KINDS = ("check",)
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render(document: Mapping[str, Any], **_: Any) -> str:
    """One run with the rules that spoke and a result per finding."""
    codes = sorted({finding["code"] for finding in document["findings"]})
    driver = {"name": "fanin", "version": __version__, "rules": [_rule(document, code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "results": [_result(document, finding, codes) for finding in document["findings"]],
        "columnKind": "unicodeCodePoints",
    }
    return json.render({"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]})


def _rule(document: Mapping[str, Any], code: str) -> dict[str, Any]:
    finding = next(finding for finding in document["findings"] if finding["code"] == code)
    rule = view.rules(document).get(code)
    about = {"text": clean(rule["summary"])} if rule else {"text": finding["slug"].replace("-", " ")}
    page = clean(rule["page"], keep="\n") if rule else clean(finding["help"])
    return {
        "id": code,
        "name": finding["slug"].title().replace("-", ""),
        "shortDescription": about,
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[finding["severity"]]},
    }


def _result(document: Mapping[str, Any], finding: Mapping[str, Any], codes: list[str]) -> dict[str, Any]:
    place = f"{finding['code']} {finding['layer']} {finding['parameter']}"
    return {
        "ruleId": finding["code"],
        "ruleIndex": codes.index(finding["code"]),
        "level": _LEVELS[finding["severity"]],
        "message": {"text": clean(f"{finding['message']} {finding['help']}")},
        "locations": [_location(document, finding)],
        # the same place of the same model is the same alert in the next run, whatever the numbers
        "partialFingerprints": {"layer/v1": hashlib.sha256(place.encode("utf-8", "backslashreplace")).hexdigest()},
        "properties": {"measured": finding["measured"], "expected": finding["expected"], "fix": finding["fix"]},
    }


def _location(document: Mapping[str, Any], finding: Mapping[str, Any]) -> dict[str, Any]:
    """A line of code where that is known, and always the place in the network."""
    name = clean(finding["layer"] or finding["parameter"] or str(document["target"]))
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": name, "kind": "module"}]}
    file, line = view.source(document, finding)
    if file is not None:
        location["physicalLocation"] = {"artifactLocation": {"uri": view.uri(file)}}
        if line is not None:
            location["physicalLocation"]["region"] = {"startLine": line}
    return location
