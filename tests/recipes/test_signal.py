"""The default recipe keeps the signal: known rules in known networks, and the levels that it promises, measured."""

import math

import numpy as np
import pytest

from fanin import recipes, schemes
from fanin.recipes import Network
from fanin.recipes import _example as networks
from fanin.values import Param, activation
from fanin.values.param import dense


def stds(network: Network) -> dict[str, float | None]:
    plan = recipes.find("signal")(network.params, network.graph)
    return {each.param.path: each.std for each in plan.assignments}


def test_known_rules_in_plain_networks() -> None:
    relu = stds(networks.plain((20, 64, 64, 10)))
    assert relu["0.weight"] == pytest.approx(math.sqrt(1 / 20))  # inputs of mean square 1
    assert relu["1.weight"] == pytest.approx(math.sqrt(2 / 64))  # He
    assert relu["2.weight"] == pytest.approx(math.sqrt(2 / 64) / 4)  # answers of std 1/4
    assert stds(networks.plain((20, 64, 64, 10), "linear"))["1.weight"] == pytest.approx(1 / 8)  # LeCun
    assert stds(networks.plain((20, 64, 64, 10), "selu"))["1.weight"] == pytest.approx(1 / 8, rel=1e-6)
    assert stds(networks.plain((20, 64, 64, 10), "leaky_relu(0.2)"))["1.weight"] == pytest.approx(1.3868 / 8, rel=1e-4)
    assert stds(networks.plain((20, 64, 64, 10), "tanh"))["1.weight"] == pytest.approx(1.5925 / 8, rel=1e-4)


def test_branches_add_what_the_stream_holds() -> None:
    network = networks.transformer(blocks=3)
    found = stds(network)
    assert found["h.0.attention.proj.weight"] == pytest.approx(math.sqrt(1.25 / 6 / 32))  # tokens 1, positions 1/4
    assert found["h.2.feedforward.gate.weight"] == pytest.approx(math.sqrt(1 / 32))
    gate = 1 / 2.8108  # E silu²(z)
    assert found["h.2.feedforward.down.weight"] == pytest.approx(math.sqrt(1.25 / 6 / 128 / gate), rel=1e-3)


def test_a_norm_or_a_scale_at_the_end_of_a_branch_takes_its_weight() -> None:
    plan = recipes.find("signal")
    normed, scaled = networks.residual(norm=True), networks.residual(scale=True)
    with_norm = plan(normed.params, normed.graph).by_path
    assert float(with_norm["blocks.0.bn0.weight"].scheme.loc) == 1
    assert 0.3 < float(with_norm["blocks.0.bn1.weight"].scheme.loc) < 0.5
    with_scale = plan(scaled.params, scaled.graph).by_path
    assert float(with_scale["blocks.0.alpha"].scheme.loc) == pytest.approx(0.5)  # a quarter of a stream
    assert with_scale["blocks.0.conv1.weight"].std == pytest.approx(math.sqrt(2 / 288))


def test_tied_tables_and_positions() -> None:
    found = stds(networks.transformer(tied=True))
    assert found["wte.weight"] == pytest.approx(1 / math.sqrt(32))
    assert found["wpe.weight"] == pytest.approx(1 / math.sqrt(32) / 2)
    assert stds(networks.transformer())["wte.weight"] == 1


def test_gates_of_a_recurrent_layer() -> None:
    network = networks.recurrent()
    plan = recipes.find("signal")(network.params, network.graph).by_path
    assert plan["lstm.weight_hh_l0"].scheme.name == "orthogonal"
    assert plan["lstm.bias_ih_l0"].scheme.name == "forget_gate"
    assert plan["lstm.bias_hh_l0"].scheme.name == "zeros"
    assert plan["lstm.weight_ih_l0"].std == pytest.approx(1 / math.sqrt(8))


def test_parameters_that_no_pass_met_and_lengths_of_normalised_weights() -> None:
    direction = dense("fc.weight.original1", (64, 32))
    length = Param("fc.weight.original0", (64, 1), ("out", "kernel"), role="length")
    network = networks.plain()
    plan = recipes.find("signal")([*network.params, direction, length], network.graph).by_path
    assert plan["fc.weight.original1"].std == pytest.approx(1 / math.sqrt(32))
    assert float(plan["fc.weight.original0"].scheme.loc) == pytest.approx(1)  # the length of 32 entries of that std


@pytest.mark.parametrize("name", ["relu", "tanh", "gelu", "silu", "elu", "leaky_relu(0.2)"])
@pytest.mark.parametrize("depth", [4, 30])
def test_the_signal_stays_within_a_factor_of_three(name: str, depth: int) -> None:
    """rms of every layer's pre-activations; width 128, 256 inputs, seeds 0 and 1. SiLU drifts most, 2.3."""
    network = networks.plain((64, *[128] * depth, 10), name)
    plan = recipes.find("signal")(network.params, network.graph).by_path
    for seed in (0, 1):
        x = np.random.default_rng(seed).standard_normal((256, 64))
        rms = []
        for i in range(depth):
            w, b = (
                schemes.sample(plan[f"{i}.{what}"].scheme, plan[f"{i}.{what}"].param, seed=seed, path=f"{i}.{what}")
                for what in ("weight", "bias")
            )
            z = x @ w.T + b
            rms.append(float(np.sqrt(np.mean(z**2))))
            x = activation(name).function(z)
        assert max(rms) / min(rms) < 3, rms
