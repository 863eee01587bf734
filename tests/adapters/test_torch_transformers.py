"""Architectures of `transformers`, small and with random weights: none crashes, all parameters get a role."""

import pytest

from fanin.adapters.torch import describe
from zoo.architectures import GPT, GROUPED, MODELS, build

pytest.importorskip("transformers")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # transformers warns of its own small configs

SPARE = {"pooler", "mask_token", "masked_spec_embed", "mask_emb", "crossattention", "seg_embed", "r_s_bias"}
"""Parts that models hold for other uses than this one."""


@pytest.mark.parametrize(("name", "config", "sizes"), MODELS, ids=[name for name, _, _ in MODELS])
def test_every_parameter_is_met_and_every_node_is_fed(name, config, sizes):
    graph, params = describe(build(name, config, sizes))
    used = {path for node in graph.nodes for path in node.params}
    unmet = [param.path for param in params if param.path not in used]
    assert [path for path in unmet if not SPARE & set(path.split("."))] == []
    assert any(node.output for node in graph.nodes)
    assert [n.name for n in graph.nodes if not n.inputs and n.kind != "input" and n.op != "embedding"] == []


def test_a_language_model_in_detail():
    graph, params = describe(build("GPT2LMHeadModel", "GPT2", GPT))
    found = {param.path: param for param in params}
    packed = found["transformer.h.0.attn.c_attn.weight"]
    assert (packed.axes, packed.blocks, packed.fans.fan_in, packed.fans.fan_out) == (("in", "out"), 3, 32, 32)
    added = {param.path for param in params if param.residual_follows and param.role == "weight"}
    assert added == {f"transformer.h.{i}.{name}.weight" for i in range(2) for name in ("attn.c_proj", "mlp.c_proj")}
    assert found["transformer.wpe.weight"].role == "position"
    assert found["transformer.h.1.mlp.c_fc.weight"].activation == "gelu"
    assert graph.by_name["lm_head"].output
    assert graph.streams == (
        ("transformer.add", *(f"transformer.h.{i}.{name}" for i in range(2) for name in ("add", "add_1"))),
    )


def test_experts_in_detail():
    _, params = describe(build("MixtralForCausalLM", "Mixtral", GROUPED | {"num_local_experts": 4}))
    found = {param.path: param for param in params}
    up = found["model.layers.0.mlp.experts.gate_up_proj"]
    assert (up.axes, up.blocks, up.activation, up.fans.fan_in) == (("batch", "out", "in"), 2, "silu", 32)
    assert found["model.layers.0.mlp.experts.down_proj"].residual_follows
