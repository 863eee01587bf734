"""The doctor judged by networks it was not made from: sick ones, healthy ones, and ones whose weights are innocent."""

import pytest
import torch

import fanin
from zoo import Entry, entries

SICK = entries("sick") + entries("unseen_sick")
HEALTHY = entries("healthy") + entries("unseen_healthy")
NOT_WEIGHTS = entries("not_weights")
MISSED = {
    "rnn_that_forgets": "what is lost over time isn't measured step by step inside torch's RNN",
}
"""Sick networks whose cause is not named rightly, and why that is so: no more than one in twenty."""


def diagnose(entry: Entry, seed: int = 0, batch: int = 128) -> fanin.Report:
    torch.manual_seed(seed)
    return fanin.check(entry.build(), entry.data(batch), loss=entry.loss, seed=seed, **entry.options)


def cause(report: fanin.Report) -> str | None:
    """The slug of the principal finding."""
    return next((finding.slug for finding in report.findings if finding.code == report.cause), None)


def ids(found: list[Entry]) -> list[str]:
    return [entry.name for entry in found]


@pytest.mark.parametrize("entry", SICK, ids=ids(SICK))
def test_a_sick_network_has_its_cause_named(entry):
    report = diagnose(entry)
    named = cause(report) in entry.causes
    assert named != (entry.name in MISSED), f"{entry.name}: {report.cause} {cause(report)}\n{report}"


def test_few_causes_are_missed():
    assert len(SICK) >= 40
    assert len(MISSED) <= len(SICK) // 20


@pytest.mark.parametrize("entry", HEALTHY, ids=ids(HEALTHY))
def test_a_healthy_network_has_no_error(entry):
    report = diagnose(entry)
    assert not [finding for finding in report.findings if finding.severity == "error"], str(report)


def test_there_are_many_healthy_networks():
    assert len(HEALTHY) >= 40


@pytest.mark.parametrize("entry", NOT_WEIGHTS, ids=ids(NOT_WEIGHTS))
def test_data_loss_and_rate_are_not_blamed_on_the_weights(entry):
    report = diagnose(entry)
    assert cause(report) in entry.causes, str(report)
