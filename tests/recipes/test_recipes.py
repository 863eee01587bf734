"""Every recipe against its contract, and against the numbers of its paper or its code."""

import math
from types import ModuleType

import pytest
import torch

import fanin
from fanin import recipes
from fanin._discover import modules
from fanin.errors import InputError, UnknownName
from fanin.recipes import Network
from fanin.recipes import _example as networks
from fanin.testing import check_recipe
from fanin.values import Param
from fanin.values.plan import Plan


def plan(name: str, network: Network, **options: float) -> Plan:
    return recipes.find(name)(network.params, network.graph, **options)


def std(name: str, network: Network, path: str, **options: float) -> float:
    found = plan(name, network, **options).by_path[path].std
    assert found is not None
    return found


@pytest.mark.parametrize("module", list(modules("fanin.recipes")), ids=lambda module: module.__name__)
def test_contract(module: ModuleType) -> None:
    check_recipe(module)


def test_all_recipes_of_the_issue_are_there() -> None:
    wanted = {"signal", "torch", "keras", "flax", "timm", "bert", "gpt2", "llama"}
    wanted |= {"fixup", "t_fixup", "deepnorm", "rezero", "siren", "mup", "lstm"}
    assert wanted == set(recipes.catalogue())


def test_an_undecided_parameter_is_named() -> None:
    mystery = Param("mixer.temperature", (1,), ("out",), role="scalar")
    for name in set(recipes.catalogue()) - {"rezero", "fixup", "t_fixup", "deepnorm"}:
        with pytest.raises(InputError, match=r"'mixer\.temperature'"):
            recipes.find(name)([*networks.plain().params, mystery], networks.plain().graph)


def test_unknown_recipes_and_options() -> None:
    with pytest.raises(UnknownName, match="did you mean signal"):
        recipes.find("signall")
    with pytest.raises(InputError, match="it takes base=64"):
        plan("mup", networks.plain(), width=3.0)
    with pytest.raises(InputError, match="no options"):
        plan("bert", networks.plain(), width=3.0)


# numbers of papers and code


def test_torch_bounds() -> None:
    network = networks.plain((20, 64, 10))
    for path in ("0.weight", "0.bias"):
        assert std("torch", network, path) == pytest.approx(1 / math.sqrt(3 * 20))
    lstm = networks.recurrent(8, 16)
    for each in lstm.params[:4]:
        assert std("torch", lstm, each.path) == pytest.approx(1 / math.sqrt(3 * 16)), each.path


def test_torch_takes_a_packed_attention_for_one_wide_layer() -> None:
    weight = Param("attn.in_proj_weight", (96, 32), ("out", "in"), blocks=3)
    shift = Param("attn.in_proj_bias", (96,), ("out",), role="bias", owner=weight.fans)
    out = Param("attn.out_proj.weight", (32, 32), ("out", "in"))
    out_shift = Param("attn.out_proj.bias", (32,), ("out",), role="bias", owner=out.fans)
    found = plan("torch", Network.of((weight, shift, out, out_shift)))
    assert found.by_path[weight.path].std == pytest.approx(math.sqrt(2 / (96 + 32)))
    assert found.by_path[out.path].std == pytest.approx(1 / math.sqrt(3 * 32))
    assert found.by_path[shift.path].scheme.loc == found.by_path[out_shift.path].scheme.loc == "0"


def test_keras_and_flax_defaults() -> None:
    network = networks.plain((20, 64, 10))
    assert std("keras", network, "0.weight") == pytest.approx(math.sqrt(2 / 84))
    assert std("flax", network, "0.weight") == pytest.approx(1 / math.sqrt(20))
    assert plan("flax", network).by_path["0.weight"].scheme.law.name == "truncated_normal"
    assert std("keras", network, "0.bias") == std("flax", network, "0.bias") == 0
    lstm = networks.recurrent(8, 16)
    assert std("keras", lstm, "lstm.weight_hh_l0") == pytest.approx(1 / math.sqrt(64))  # of one (4H, H) matrix
    assert std("flax", lstm, "lstm.weight_hh_l0") == pytest.approx(1 / math.sqrt(16))
    assert plan("keras", lstm).by_path["lstm.bias_ih_l0"].scheme.name == "forget_gate"


def test_timm_by_family() -> None:
    resnet = plan("timm", networks.residual(norm=True)).by_path
    assert resnet["blocks.0.conv0.weight"].std == pytest.approx(math.sqrt(2 / (32 * 9)))
    assert resnet["blocks.0.bn1.weight"].scheme.loc == "0"  # zero-gamma
    assert resnet["blocks.0.bn0.weight"].scheme.loc == "1"
    vit = plan("timm", networks.transformer()).by_path
    assert vit["h.0.attention.q.weight"].std == pytest.approx(0.02, rel=1e-6)
    assert vit["head.weight"].std == 0


def test_bert_is_cut_and_not_corrected() -> None:
    assert std("bert", networks.transformer(), "h.0.attention.q.weight") == pytest.approx(0.02 * 0.8796256610342398)


@pytest.mark.parametrize("blocks", [1, 2, 6])
def test_gpt2_scales_what_writes_to_the_stream(blocks: int) -> None:
    network = networks.transformer(blocks)
    expected = 0.02 / math.sqrt(2 * blocks)
    assert std("gpt2", network, "h.0.attention.proj.weight") == pytest.approx(expected)
    assert std("gpt2", network, f"h.{blocks - 1}.feedforward.down.weight") == pytest.approx(expected)
    assert std("gpt2", network, "h.0.feedforward.up.weight") == std("gpt2", network, "wte.weight") == 0.02


def test_llama_scales_by_the_number_of_the_block() -> None:
    network = networks.transformer(3, 64)
    for block in range(3):
        for name in ("attention.proj", "feedforward.up", "feedforward.down"):  # wo, w3, w2
            expected = 0.02 / math.sqrt(2 * (block + 1))
            assert std("llama", network, f"h.{block}.{name}.weight") == pytest.approx(expected), name
    assert std("llama", network, "h.2.feedforward.gate.weight") == 0.02
    assert std("llama", network, "h.2.attention.v.weight") == 0.02
    assert std("llama", network, "head.weight") == pytest.approx(0.9866 / 8, rel=1e-3)


@pytest.mark.parametrize(("layers", "power"), [(2, -1 / 2), (3, -1 / 4)])
def test_fixup_scales_by_branches_and_their_layers(layers: int, power: float) -> None:
    network = networks.residual(blocks=5, layers=layers)
    he = math.sqrt(2 / (32 * 9))
    assert std("fixup", network, "blocks.1.conv0.weight") == pytest.approx(he * 5**power)
    assert std("fixup", network, "stem.weight") == pytest.approx(he)
    last = plan("fixup", network).by_path[f"blocks.1.conv{layers - 1}.weight"]
    assert last.std == 0
    assert std("fixup", network, "head.weight") == 0


def test_t_fixup_of_an_encoder() -> None:
    network = networks.transformer(4, 32)
    assert std("t_fixup", network, "h.1.attention.v.weight") == pytest.approx(0.67 * 4**-0.25 * math.sqrt(2 / 64))
    assert std("t_fixup", network, "h.1.attention.k.weight") == pytest.approx(math.sqrt(2 / 64))
    assert std("t_fixup", network, "wte.weight") == pytest.approx((9 * 4) ** -0.25 / math.sqrt(32))


def test_deepnorm_of_a_stack() -> None:
    network = networks.transformer(4, 32, norms="post")
    assert std("deepnorm", network, "h.1.attention.proj.weight") == pytest.approx(32**-0.25 * math.sqrt(2 / 64))
    assert std("deepnorm", network, "h.1.attention.q.weight") == pytest.approx(math.sqrt(2 / 64))
    assert "alpha = 1.682" in plan("deepnorm", network).by_path["h.1.attention.v.weight"].reason


def test_encoders_beside_decoders() -> None:
    """nn.Transformer with 3 and 2 layers; a packed matrix of attention has one law for queries, keys and values."""
    inputs = (torch.randn(2, 5, 32), torch.randn(2, 6, 32))
    model = torch.nn.Transformer(32, 4, 3, 2, 64, batch_first=True)
    glorot = math.sqrt(2 / 96)
    t_fixup, deepnorm = (fanin.plan(model, name, inputs=inputs).by_path for name in ("t_fixup", "deepnorm"))
    assert t_fixup["encoder.layers.1.linear1.weight"].std == pytest.approx(0.67 * 3**-0.25 * glorot)
    assert t_fixup["decoder.layers.0.linear2.weight"].std == pytest.approx((9 * 2) ** -0.25 * glorot)
    assert deepnorm["encoder.layers.1.linear1.weight"].std == pytest.approx(0.87 * (3**4 * 2) ** (-1 / 16) * glorot)
    assert deepnorm["decoder.layers.0.linear2.weight"].std == pytest.approx((12 * 2) ** -0.25 * glorot)
    cross = deepnorm["decoder.layers.1.multihead_attn.out_proj.weight"]
    assert cross.std == pytest.approx((12 * 2) ** -0.25 / math.sqrt(32))


def test_rezero_needs_its_scalars() -> None:
    network = networks.residual(scale=True)
    assert std("rezero", network, "blocks.3.alpha") == 0
    assert plan("rezero", network).by_path["blocks.3.alpha"].scheme.loc == "0"
    assert std("rezero", network, "stem.weight") == pytest.approx(1 / math.sqrt(3 * 27))
    with pytest.raises(InputError, match="scalar on each residual branch"):
        plan("rezero", networks.residual())


@pytest.mark.parametrize("omega", [30.0, 10.0])
def test_siren(omega: float) -> None:
    network = networks.plain((2, 64, 64, 3), "sin")
    assert std("siren", network, "0.weight", omega=omega) == pytest.approx(1 / 2 / math.sqrt(3))
    assert std("siren", network, "1.weight", omega=omega) == pytest.approx(math.sqrt(2 / 64) / omega)
    assert std("siren", network, "1.bias", omega=omega) == pytest.approx(1 / math.sqrt(3 * 64))


def test_mup_by_width() -> None:
    for width in (64, 256):
        network = networks.plain((20, width, width, 10))
        assert std("mup", network, "0.weight") == pytest.approx(1 / math.sqrt(20))
        assert std("mup", network, "1.weight") == pytest.approx(1 / math.sqrt(width))
        assert std("mup", network, "2.weight") == pytest.approx(8 / width)
        assert std("mup", network, "2.weight", base=256) == pytest.approx(16 / width)
    with pytest.raises(InputError, match="base=0"):
        plan("mup", networks.plain(), base=0.0)
