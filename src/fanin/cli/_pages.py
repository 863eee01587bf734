"""The pages of rules, as documents carry them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fanin.doctor import Rule


def page(rule: "Rule") -> dict[str, str]:
    """One rule's."""
    return {"code": rule.code, "slug": rule.slug, "summary": rule.summary, "page": rule.page}


def pages_of(findings: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Those of the rules that spoke."""
    from fanin.doctor import all_rules

    codes = {finding["code"] for finding in findings}
    return [page(rule) for rule in all_rules() if rule.code in codes]
