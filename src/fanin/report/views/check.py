"""The doctor's findings, the principal cause first."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from fanin.report.views import Fact, folding
from fanin.report.words import number, percent, plural
from fanin.schemes import for_each

_ORDER = {"error": 0, "warning": 1, "info": 2}
_SHARES = ("saturated", "dead")
_MOST = 10  # lines of code


class Group(NamedTuple):
    """The same fault in several layers: one paragraph."""

    findings: tuple[Mapping[str, Any], ...]

    @property
    def first(self) -> Mapping[str, Any]:
        """The one that speaks for all."""
        return self.findings[0]


def subject(document: Mapping[str, Any]) -> str:
    """What was checked, whether it was trained before, and on what inputs."""
    target = f"{document['target']} (trained)" if document.get("trained") else str(document["target"])
    return f"{target} on {document['data']}" if "data" in document else target


def headline(document: Mapping[str, Any]) -> str:
    """The verdict in one sentence."""
    found = plural(len(document["findings"]), "finding") if document["findings"] else "nothing found"
    if document["verdict"] == "pass":
        return f"{subject(document)} passes: {found}."
    count = causes(document)
    return f"{subject(document)} fails: {found}, {'one cause' if count == 1 else plural(count, 'cause')}."


def causes(document: Mapping[str, Any]) -> int:
    """How many kinds of errors there are of which none follows from another; what follows is an info."""
    return max(1, len({finding["code"] for finding in document["findings"] if finding["severity"] == "error"}))


def cause(document: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The principal finding: what to fix first."""
    if document is None or document["cause"] is None:
        return None
    found = [finding for finding in document["findings"] if finding["code"] == document["cause"]]
    return min(found, key=_rank) if found else None


def others(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All findings but the principal one, worst first."""
    first = cause(document)
    return sorted((finding for finding in document["findings"] if finding is not first), key=_rank)


def _rank(finding: Mapping[str, Any]) -> int:
    return _ORDER[finding["severity"]]


def where(finding: Mapping[str, Any]) -> str:
    """The place of one finding: `layer 1 (weight)`."""
    if finding["layer"] is None or finding["parameter"] is None:
        return f"layer {finding['layer']}" if finding["layer"] else finding["parameter"] or "the whole network"
    return f"layer {finding['layer']} ({finding['parameter'].removeprefix(finding['layer'] + '.')})"


def groups(document: Mapping[str, Any]) -> list[Group]:
    """All findings, the principal one first; the same fault in several layers is one group."""
    first = cause(document)
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for finding in [*([first] if first is not None else []), *others(document)]:
        found.setdefault((finding["code"], finding["severity"]), []).append(finding)
    return [Group(tuple(findings)) for findings in found.values()]


def count(group: Group) -> str:
    """`12 layers`."""
    return plural(len(_places(group)), "layer")


def places(group: Group) -> list[str]:
    """Where: `layers.0-11.linear1`, `head`."""
    return folding.spell(_places(group))


def title(group: Group) -> str:
    """Code, name and place in one line."""
    first, many = group.first, len(group.findings) > 1 or "shared" in group.first
    return f"{first['code']} {first['slug']}, " + (
        f"{count(group)}: {', '.join(places(group))}" if many else where(first)
    )


def _places(group: Group) -> list[str]:
    """The layers of the findings, and those that share their fault."""
    return list(dict.fromkeys(name for one in group.findings for name in one.get("shared", [_place(one)])))


def _place(finding: Mapping[str, Any]) -> str:
    return str(finding["layer"] or finding["parameter"] or "the whole network")


def fails(finding: Mapping[str, Any]) -> bool:
    """An error or a warning, which an info isn't."""
    return str(finding["severity"]) != "info"


def evidence(group: Group) -> list[Fact]:
    """Each statistic measured, over all layers of the group, and what was expected."""
    measured, expected = ([finding[key] for finding in group.findings] for key in ("measured", "expected"))
    names = dict.fromkeys(name for values in (*measured, *expected) for name in values)
    facts = [Fact(name.replace("_", " "), _span(measured, name), _expected(expected, name)) for name in names]
    share = group.first.get("confidence")
    return (
        facts
        if share is None
        else [*facts, Fact("confidence", percent(share, 0), "of other draws of the model show it")]
    )


def _expected(expected: list[Mapping[str, Any]], name: str) -> str:
    return f"expected {_span(expected, name)}" if any(name in values for values in expected) else ""


def _span(many: list[Mapping[str, Any]], name: str) -> str:
    """One number, or from the least to the greatest."""
    known = sorted(values[name] for values in many if values.get(name) is not None)
    ends = dict.fromkeys(map(percent if name in _SHARES else number, known[:1] + known[-1:]))
    return " to ".join(ends) or number(None)


def remedy(group: Group, framework: str = "") -> str:
    """The schemes of the fix and their std; where the code is not for all layers, for which it is."""
    fixes = [finding["fix"] for finding in group.findings if finding["fix"]]
    std = f", std {_span(fixes, 'std')}" if any(fix["std"] is not None for fix in fixes) else ""
    names = " or ".join(dict.fromkeys(fix["scheme"] for fix in fixes))
    return f"{names}{std}" + ("" if _is_for_all(group, framework) else f"; for layer {_place(group.first)}:")


def snippets(group: Group, framework: str) -> dict[str, str]:
    """The code of the fix in the framework of the network, to paste; arrays have none, so that all are given."""
    given = group.first["fix"]["snippet"]
    if framework == "numpy" or framework not in given:
        return dict(given)
    return {framework: _pasted(group.findings if _is_for_all(group, framework) else group.findings[:1], framework)}


def _is_for_all(group: Group, framework: str) -> bool:
    """Whether the code that is shown is for each of the findings: not if that would be a page of names."""
    snippets = [finding["fix"]["snippet"] if finding["fix"] else None for finding in group.findings]
    if all(snippet == snippets[0] for snippet in snippets) and framework != "torch":
        return True
    can_paste = framework == "torch" and all(snippet and framework in snippet for snippet in snippets)
    return can_paste and _pasted(group.findings, framework).count("\n") < _MOST


def _pasted(findings: Sequence[Mapping[str, Any]], framework: str) -> str:
    """Code about `w` as code about the parameters of some findings; what names its parameters already, as it is."""
    paths: dict[str, list[str]] = {}
    for finding in findings:
        known = paths.setdefault(finding["fix"]["snippet"][framework], [])
        known += [finding["parameter"]] if finding["parameter"] and finding["parameter"] not in known else []
    is_torch = framework == "torch"
    return "\n".join(
        for_each(code, names) if is_torch and "get_parameter" not in code else code for code, names in paths.items()
    )


def rules(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The pages of the rules that spoke, by code, as far as the document carries them."""
    return {rule["code"]: rule for rule in document.get("rules", ())}


def source(document: Mapping[str, Any], finding: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """File and line of a finding: of its layer, else of the code that builds the network, else the file checked."""
    sources = [layer.get("source") for layer in document["layers"] if layer["name"] == finding["layer"]]
    known = next(filter(None, sources), document.get("source"))
    if known:
        return known["file"], known["line"]
    file = re.fullmatch(r"(.+\.(?:py|npz|safetensors))(?::\w+)?", str(document["target"]))
    return (file[1], None) if file else (None, None)


def uri(file: str) -> str:
    """A path, relative as given, as a URI reference."""
    path = file.replace("\\", "/").removeprefix("./")
    return ("file://" if path.startswith("/") else "") + quote(path)
