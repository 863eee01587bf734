"""Every rule against the shipped contract, and what a rule may not do."""

import pytest

from fanin import _discover
from fanin.doctor import all_rules
from fanin.testing import ContractError, check_rule

MODULES = list(_discover.modules("fanin.doctor.rules"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_contract(module) -> None:
    check_rule(module)


def test_every_rule_has_one_code_of_a_known_family() -> None:
    codes = [rule.code for rule in all_rules()]
    assert codes == sorted(set(codes))
    assert len(codes) == len(MODULES)
    assert {code[:4] for code in codes} <= {f"FAN{family}" for family in range(1, 9)}


def test_the_contract_catches_a_rule_that_is_never_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    module = MODULES[0]
    monkeypatch.setattr(module, "healthy", module.sick)
    with pytest.raises(ContractError, match="silent on the healthy example"):
        check_rule(module)


def test_the_contract_catches_a_rule_that_never_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    module = MODULES[1]
    monkeypatch.setattr(module, "check", lambda case: [])
    with pytest.raises(ContractError, match="speaks on its sick example"):
        check_rule(module)


def test_the_contract_catches_a_page_without_a_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    module = MODULES[0]
    monkeypatch.setattr(module, "__doc__", module.__doc__.replace("## Fix", "## Cure"))
    with pytest.raises(ContractError, match="heading 'Fix'"):
        check_rule(module)
