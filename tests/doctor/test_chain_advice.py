"""What is said of a fault that all layers of a chain share, and of activations that no weights help."""

from typing import Any

import pytest
from torch import nn

from fanin.checkup import Report, check


def _chain(phi: type[nn.Module], depth: int = 40, std: float | None = None) -> nn.Sequential:
    layers = [layer for _ in range(depth) for layer in (nn.Linear(64, 64), phi())]
    model = nn.Sequential(*layers, nn.Linear(64, 10))
    for param in model.parameters() if std else ():
        nn.init.normal_(param, 0, std)
    return model


def _first(report: Report, code: str) -> Any:
    return next(finding for finding in report.findings if finding.code == code)


@pytest.mark.parametrize(("phi", "code", "std"), [(nn.Tanh, "FAN203", None), (nn.ReLU, "FAN204", 1.0)])
def test_following_the_advice_for_a_chain_mends_it(phi: type[nn.Module], code: str, std: float | None) -> None:
    model = _chain(phi, std=std)
    found = _first(report := check(model, input_shape=(64,)), code)
    assert report.cause == code
    assert "in all 4" in found.message
    assert len(found.shared) >= 40
    exec(found.fix.snippet["torch"], {"model": model, "nn": nn})
    assert check(model, input_shape=(64,)).ok


def test_layers_that_share_a_fault_are_marked() -> None:
    rows = [line for line in str(check(_chain(nn.Tanh), input_shape=(64,))).splitlines() if "64×64" in line]
    assert rows
    assert all(line.startswith("✗") and "FAN203" in line for line in rows)


def test_where_no_weights_help_none_are_advised() -> None:
    found = _first(report := check(_chain(nn.Sigmoid), input_shape=(64,)), "FAN203")
    assert report.cause == "FAN203"
    assert found.fix is None
    assert "No weights would keep it" in found.help
    assert "arger weights" not in str(report)


def test_a_signal_is_followed_as_far_as_it_can_be_told_from_rounding() -> None:
    measured = _first(check(_chain(nn.Sigmoid), input_shape=(64,)), "FAN203").measured
    assert measured["factor"] == pytest.approx(0.14, abs=0.03)
    assert 0 < measured["total"] == pytest.approx(measured["factor"] ** measured["layers"], rel=2)
    assert measured["stderr"] > 0


def test_a_few_sigmoids_with_weights_far_too_small_do_get_larger_ones() -> None:
    found = _first(check(_chain(nn.Sigmoid, 4, std=0.01), input_shape=(64,)), "FAN203")
    assert "Larger weights" in found.help
