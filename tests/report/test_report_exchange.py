"""The formats that other programs read: SARIF, GitHub's commands, JUnit."""

import copy
import json
import re
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from fanin.report import render

HOSTILE = "\x1b[2J\x00\ud800 a\r\n::error::b %0A,:; <![CDATA[ ]]> & \" '\u2028"

_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
# what of the official schema of SARIF 2.1.0 concerns what we write: names, types, required, and nothing besides
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "run": {
            "type": "object",
            "required": ["tool"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "type": "object",
                            "required": ["name"],
                            "additionalProperties": False,
                            "properties": {
                                "name": {"type": "string"},
                                "version": {"type": "string"},
                                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}},
                            },
                        }
                    },
                },
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            },
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "name": {"type": "string"},
                "shortDescription": _TEXT,
                "help": _TEXT,
                "defaultConfiguration": {"type": "object", "properties": {"level": _LEVEL}},
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": _LEVEL,
                "message": _TEXT,
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                "properties": {"type": "object"},
            },
        },
        "location": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation"],
                    "additionalProperties": False,
                    "properties": {
                        "artifactLocation": {"type": "object", "properties": {"uri": {"type": "string"}}},
                        "region": {"type": "object", "properties": {"startLine": {"type": "integer", "minimum": 1}}},
                    },
                },
                "logicalLocations": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"fullyQualifiedName": {"type": "string"}}},
                },
            },
        },
    },
}


def sarif(document: dict[str, Any]) -> dict[str, Any]:
    log = json.loads(render(document, "sarif"))
    jsonschema.Draft202012Validator(SARIF).validate(log)
    assert "helpUri" not in json.dumps(log)
    return log["runs"][0]  # type: ignore[no-any-return]


def hostile(document: dict[str, Any]) -> dict[str, Any]:
    spoiled = copy.deepcopy(document) | {"target": HOSTILE}
    for finding in spoiled["findings"]:
        finding |= {"layer": HOSTILE, "parameter": HOSTILE, "message": HOSTILE, "help": HOSTILE}
    for layer in spoiled["layers"]:
        layer["name"] = HOSTILE
    return spoiled


def test_sarif_has_a_rule_per_code_and_a_result_per_finding(build: dict[str, Any]) -> None:
    document = build["check"]()
    run = sarif(document)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["FAN102", "FAN301"]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    for result, finding in zip(run["results"], document["findings"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding["code"]
        assert result["level"] == finding["severity"]
        assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == finding["layer"]


def test_sarif_carries_the_page_of_a_rule(build: dict[str, Any]) -> None:
    rule = {"code": "FAN102", "slug": "non-zero-mean", "summary": "In short.", "page": "In short.\n\n## At length"}
    described = sarif(build["check"]() | {"rules": [rule]})["tool"]["driver"]["rules"][0]
    assert described["shortDescription"]["text"] == "In short."
    assert described["help"]["markdown"].endswith("\n## At length")


def test_a_place_is_the_layers_line_else_the_factorys_else_the_file(build: dict[str, Any]) -> None:
    document = build["check"]() | {"source": {"file": "nets/my model.py", "line": 7}}
    document["layers"][1]["source"] = {"file": "layers.py", "line": 40}
    second, first = [result["locations"][0]["physicalLocation"] for result in sarif(document)["results"]]
    assert first == {"artifactLocation": {"uri": "nets/my%20model.py"}, "region": {"startLine": 7}}
    assert second == {"artifactLocation": {"uri": "layers.py"}, "region": {"startLine": 40}}
    assert "::error file=nets/my model.py,line=7,title=" in render(document, "github")
    for target, file in (("a/model.py:build", "a/model.py"), ("net.npz", "net.npz"), ("package.module:build", None)):
        location = sarif(build["check"]() | {"target": target})["results"][0]["locations"][0]
        assert location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri") == file


def test_the_same_place_keeps_its_fingerprint(build: dict[str, Any]) -> None:
    again = build["check"]()
    again["findings"][0]["measured"]["saturated"] = 0.5
    one, other = (sarif(document)["results"] for document in (build["check"](), again))
    assert [r["partialFingerprints"] for r in one] == [r["partialFingerprints"] for r in other]
    assert one[0]["partialFingerprints"] != one[1]["partialFingerprints"]


def test_github_annotates_once_per_fault(deep: Any) -> None:
    lines = render(deep(300, sick=0.5), "github").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::error file=model.py,title=FAN104 off-scale-weights%2C 150 layers%3A embedding%2C ")
    assert render(deep(3), "github").endswith("passes: nothing found.")


def test_github_escapes(build: dict[str, Any]) -> None:
    document = hostile(build["check"]())
    document["findings"][0]["severity"] = "info"
    lines = render(document, "github").splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert len(lines) == 3
    assert [re.split("[ :]", line)[2] for line in commands] == ["error", "notice"]
    for line in commands:
        properties, _, message = line[2:].partition("::")
        assert message.count("%0A") == 0 and message.count("%250A") == 2, "a given %0A stays one"
        assert properties.count("title=") == 1 and "%3A%3Aerror" in properties
        assert re.fullmatch(r"[ -~]*", line), "no control character reaches the log"


def test_junit_has_a_case_per_layer(build: dict[str, Any]) -> None:
    document = build["check"]()
    document["findings"].append(document["findings"][0] | {"layer": None, "severity": "info", "message": "By the way."})
    root = ElementTree.fromstring(render(document, "junit"))
    suite = root[0]
    assert (root.tag, suite.tag, suite.get("tests"), suite.get("failures")) == ("testsuites", "testsuite", "3", "2")
    network, first, second = suite
    assert [case.get("name") for case in suite] == ["the whole network", "1", "2"]
    assert network.find("failure") is None and "By the way." in str(network.findtext("system-out"))
    failure = first.find("failure")
    assert failure is not None and failure.get("type") == "FAN102"
    assert "Draw them around 0" in str(failure.text)
    assert second.find("failure") is not None


def test_junit_of_a_sound_network_passes(deep: Any) -> None:
    root = ElementTree.fromstring(render(deep(30), "junit"))
    assert (root.get("tests"), root.get("failures")) == ("31", "0")
    assert not list(root.iter("failure"))


@pytest.mark.parametrize("format", ["sarif", "junit"])
def test_hostile_texts_stay_texts(build: dict[str, Any], format: str) -> None:
    document = hostile(build["check"]())
    text = render(document, format)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]", text)
    text.encode()
    if format == "sarif":
        assert "::error::b" in sarif(document)["results"][0]["message"]["text"]
    else:
        assert "::error::b" in str(ElementTree.fromstring(text).find(".//failure").get("message"))  # type: ignore[union-attr]
