"""The graph of a model as it is executed: what feeds what, through which nonlinearity."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from fanin.adapters.torch import trace


def _lines(traced):
    return [(node.name, node.kind, node.inputs, node.activation) for node in traced.graph.nodes[1:]]


def test_a_chain_of_layers_and_activations(traced):
    model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(inplace=True), nn.Linear(5, 5), nn.LeakyReLU(0.2), nn.Linear(5, 2))
    found = traced(model, torch.randn(4, 3))
    assert _lines(found) == [
        ("0", "layer", ("input",), "relu"),
        ("2", "layer", ("0",), "leaky_relu(0.2)"),
        ("4", "layer", ("2",), "linear"),
    ]
    assert found.graph.segments == (("0", "2", "4"),)
    assert [node.name for node in found.graph.nodes if node.output] == ["4"]
    assert found.graph.by_name["0"].params == ("0.weight", "0.bias")
    assert found.unused == ()


def test_a_residual_network(traced, basic_block):
    model = nn.Sequential(nn.Conv2d(3, 8, 3), basic_block(8, 8), basic_block(8, 16, 2), nn.Flatten(), nn.Linear(144, 5))
    found = traced(model, torch.randn(2, 3, 8, 8))
    assert ("1.add", "sum", ("1.bn2", "0"), "relu") in _lines(found)
    assert ("2.add", "sum", ("2.bn2", "2.down"), "relu") in _lines(found)
    assert ("4", "layer", ("2.add",), "linear") in _lines(found)
    branches = {param.path for param in found.params if param.residual_follows}
    assert branches == {"1.conv2.weight", "1.bn2.weight", "1.bn2.bias"} | {
        "2.conv2.weight", "2.bn2.weight", "2.bn2.bias"  # and not the shortcut
    }  # fmt: skip
    assert {param.path for param in found.params if param.norm_follows} == {
        "1.conv1.weight", "1.conv2.weight", "2.conv1.weight", "2.conv2.weight"
    }  # fmt: skip


@pytest.mark.parametrize("norm_first", [False, True])
def test_torchs_transformer_is_one_stream(traced, norm_first):
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=norm_first)
    found = traced(nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), torch.randn(2, 5, 8))
    sums = ("layers.0.add", "layers.0.add_1", "layers.1.add", "layers.1.add_1")
    assert found.graph.streams == (sums,)
    params = {param.path: param for param in found.params}
    assert params["layers.0.self_attn.in_proj_weight"].blocks == 3
    assert params["layers.0.self_attn.in_proj_bias"].blocks == 3
    assert params["layers.0.linear1.weight"].activation == "relu"
    added = {path for path, param in params.items() if param.residual_follows and param.role == "weight"}
    assert added == {f"layers.{i}.{name}.weight" for i in range(2) for name in ("self_attn.out_proj", "linear2")}


def test_the_whole_transformer_runs(traced):
    model = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    found = traced(model, torch.randn(2, 5, 8), torch.randn(2, 4, 8))
    assert found.unused == ()
    assert {node.op for node in found.graph.of_kind("product")} == {"attention"}


def test_attention_by_hand(traced, written):
    def forward(m, x):
        q, k, v = m.qkv(x).reshape(2, 5, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-2, -1) * 0.5).softmax(-1)
        return x + m.proj((weights @ v).transpose(1, 2).reshape(2, 5, 8))

    found = traced(written(forward, qkv=nn.Linear(8, 24), proj=nn.Linear(8, 8)), torch.randn(2, 5, 8))
    assert _lines(found) == [
        ("qkv", "layer", ("input",), "linear"),
        ("matmul", "product", ("qkv",), "softmax"),
        ("matmul_1", "product", ("matmul", "qkv"), "linear"),
        ("proj", "layer", ("matmul_1",), "linear"),
        ("add", "sum", ("input", "proj"), "linear"),
    ]
    assert {param.path: param.blocks for param in found.params}["qkv.weight"] == 3


def test_a_u_net_joins(traced, written):
    def forward(m, x):
        a = F.relu(m.down1(x))
        b = F.relu(m.up1(F.relu(m.down2(a))))
        return torch.sigmoid(m.up2(torch.cat([a, b], 1)))

    parts = {"down1": nn.Conv2d(3, 4, 3, 2, 1), "down2": nn.Conv2d(4, 8, 3, 2, 1)}
    parts |= {"up1": nn.ConvTranspose2d(8, 4, 2, 2), "up2": nn.ConvTranspose2d(8, 1, 2, 2)}
    found = traced(written(forward, **parts), torch.randn(2, 3, 16, 16))
    assert ("cat", "join", ("down1", "up1"), "linear") in _lines(found)
    assert found.graph.by_name["up2"].activation == "sigmoid"
    assert found.graph.by_name["up2"].output


ACTIVATIONS = {
    "silu": lambda x: x * x.sigmoid(),
    "gelu": lambda x: 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "mish": lambda x: x * torch.tanh(F.softplus(x)),
    "hardswish": lambda x: x * F.relu6(x + 3) / 6,
    "relu2": lambda x: F.relu(x) ** 2,
    "relu": lambda x: x.clamp(min=0),
    "softmax": lambda x: torch.exp(x) / torch.exp(x).sum(-1, keepdim=True),
    "sin": lambda x: torch.sin(30 * x),
    "square": lambda x: x**2,
    "elu": lambda x: F.elu(x),
    "elu(0.5)": lambda x: F.elu(x, 0.5),
}
BESIDE = {
    "erf": ("gelu", lambda x: x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))),
    "mask": ("relu", lambda x: x * (x > 0)),
    "maximum": ("relu", lambda x: torch.maximum(x, torch.zeros_like(x))),
    "in place": ("relu", lambda x: x.relu_()),
    "piecewise": ("piecewise", lambda x: torch.where(x > 0, x, 0.1 * x)),
}


@pytest.mark.parametrize(("name", "function"), [*ACTIVATIONS.items(), *BESIDE.values()])
def test_activations_are_known_however_they_are_written(traced, written, name, function):
    model = written(lambda m, x: m.b(function(m.a(x))), a=nn.Linear(3, 4), b=nn.Linear(4, 2))
    assert _lines(traced(model, torch.randn(2, 3))) == [
        ("a", "layer", ("input",), name),
        ("b", "layer", ("a",), "linear"),
    ]


def test_norms_by_hand(traced, written):
    def rms(m, x):
        h = m.a(x)
        return m.b(h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + 1e-6) * m.gain)

    found = traced(written(rms, a=nn.Linear(3, 4), b=nn.Linear(4, 2), gain=torch.ones(4)), torch.randn(2, 3))
    assert [(node.kind, node.op, node.params) for node in found.graph.nodes[2:3]] == [("norm", "rms_norm", ("gain",))]
    assert found.graph.by_name["a"].activation == "linear"
    assert found.graph.by_name["b"].inputs == ("rms_norm",)

    def layer_norm(m, x):
        h = m.a(x)
        return (h - h.mean(-1, keepdim=True)) / (h.std(-1, keepdim=True) + 1e-5) * m.gain + m.shift

    found = traced(written(layer_norm, a=nn.Linear(3, 4), gain=torch.ones(4), shift=torch.zeros(4)), torch.randn(2, 3))
    assert [(node.op, node.params) for node in found.graph.of_kind("norm")] == [("layer_norm", ("gain", "shift"))]
    assert {param.path: param.role for param in found.params if param.path in ("gain", "shift")} == {
        "gain": "norm_scale",
        "shift": "norm_shift",
    }


def test_gates_and_scales(traced, written):
    def forward(m, x):
        gate, value = m.up(x).chunk(2, -1)
        h = m.down(F.silu(gate) * value)
        return x + m.alpha * h

    found = traced(written(forward, up=nn.Linear(4, 16), down=nn.Linear(8, 4), alpha=torch.zeros(1)), torch.randn(2, 4))
    assert _lines(found) == [
        ("up", "layer", ("input",), "silu"),
        ("mul", "product", ("up",), "linear"),
        ("down", "layer", ("mul",), "linear"),
        ("alpha", "scale", ("down",), "linear"),
        ("add", "sum", ("input", "alpha"), "linear"),
    ]
    params = {param.path: param for param in found.params}
    assert (params["up.weight"].blocks, params["alpha"].role, params["down.weight"].residual_follows) == (
        2, "scalar", True
    )  # fmt: skip


def test_experts_meet_in_one_place(traced, written):
    def forward(m, x):
        weights, chosen = F.softmax(m.router(x), -1).topk(2)
        total = torch.zeros_like(x)
        for i, expert in enumerate(m.experts):
            rows, slots = torch.where(chosen == i)
            total.index_add_(0, rows, expert(x[rows]) * weights[rows, slots, None])
        return x + total

    experts = nn.ModuleList(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4)) for _ in range(3))
    found = traced(written(forward, router=nn.Linear(4, 3), experts=experts), torch.randn(6, 4))
    (join,) = found.graph.of_kind("join")
    assert join.inputs == ("mul", "mul_1", "mul_2")
    assert found.graph.streams == (("add",),)
    assert all(param.residual_follows for param in found.params if param.path.endswith("2.weight"))


def test_masks_are_no_signal(traced, written):
    def forward(m, ids, mask):
        scores = m.embed(ids) @ m.embed(ids).transpose(-1, -2) + (1.0 - mask[:, None].float()) * -1e4
        return m.out(scores.softmax(-1))

    found = traced(
        written(forward, embed=nn.Embedding(9, 4), out=nn.Linear(5, 2)),
        torch.randint(0, 9, (2, 5)),
        torch.ones(2, 5, dtype=torch.long),
    )
    assert [node.kind for node in found.graph.nodes] == ["input", "layer", "layer", "product", "layer"]


def test_learned_vectors_are_sources_and_positions(traced, written):
    def forward(m, x):
        tokens = torch.cat([m.token.expand(2, -1, -1), m.embed(x)], 1) + m.positions
        return m.head(tokens[:, 0])

    model = written(
        forward, embed=nn.Linear(3, 4), head=nn.Linear(4, 2), token=torch.randn(1, 1, 4), positions=torch.randn(1, 6, 4)
    )
    found = traced(model, torch.randn(2, 5, 3))
    assert [(node.name, node.kind, node.op) for node in found.graph.nodes[2:5]] == [
        ("token", "input", "parameter"),
        ("cat", "join", "cat"),
        ("positions", "sum", "position"),
    ]
    roles = {param.path: param.role for param in found.params}
    assert (roles["token"], roles["positions"]) == ("token", "position")


def test_a_loop_over_time_counts_its_calls(traced, written):
    def forward(m, x):
        state = (x.new_zeros(2, 4), x.new_zeros(2, 4))
        for step in range(3):
            state = m.cell(x[:, step], state)
        return m.out(state[0])

    found = traced(written(forward, cell=nn.LSTMCell(3, 4), out=nn.Linear(4, 2)), torch.randn(2, 3, 3))
    assert [(node.name, node.inputs) for node in found.graph.of_kind("layer")] == [
        ("cell", ("input",)),
        ("cell#2", ("input", "cell")),
        ("cell#3", ("input", "cell#2")),
        ("out", ("cell#3",)),
    ]


def test_modules_and_weights_that_are_used_again(traced, written):
    layer = nn.Linear(4, 4)
    found = traced(nn.Sequential(layer, nn.Tanh(), layer), torch.randn(2, 4))
    assert [node.name for node in found.graph.nodes[1:]] == ["0", "0#2"]
    table = nn.Embedding(9, 4)
    head = nn.Linear(4, 9, bias=False)
    head.weight = table.weight
    found = traced(nn.Sequential(table, nn.Tanh(), head), torch.randint(0, 9, (2, 5)))
    assert [(node.name, node.op, node.params) for node in found.graph.nodes[1:]] == [
        ("0", "embedding", ("0.weight",)),
        ("2", "dense", ("0.weight",)),
    ]
    assert [param.path for param in found.params] == ["0.weight"]


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x @ w

    @staticmethod
    def backward(ctx, gradient):
        x, w = ctx.saved_tensors
        return gradient @ w.T, x.T @ gradient


class _Hidden(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.from_numpy(2 * x.detach().numpy())

    @staticmethod
    def backward(ctx, gradient):
        return 2 * gradient


def test_functions_of_ones_own(traced, written):
    model = written(lambda m, x: _Product.apply(x, m.w).relu() @ m.v, w=torch.randn(3, 4), v=torch.randn(4, 2))
    assert _lines(traced(model, torch.randn(2, 3))) == [
        ("w", "layer", ("input",), "relu"),
        ("v", "layer", ("w",), "linear"),
    ]
    model = written(lambda m, x: _Hidden.apply(x @ m.w) @ m.v, w=torch.randn(3, 4), v=torch.randn(4, 2))
    assert _lines(traced(model, torch.randn(2, 3))) == [
        ("w", "layer", ("input",), "linear"),
        ("opaque", "other", ("w",), "linear"),
        ("v", "layer", ("opaque",), "linear"),
    ]


def test_wrappers_leave_no_trace(traced, written):
    plain = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    x = torch.randn(2, 3)
    expected = traced(plain, x).graph
    assert traced(nn.DataParallel(plain), x).graph == expected
    assert traced(torch.compile(plain, backend="eager"), x).graph == expected
    inner = torch.compile(nn.Linear(3, 4), backend="eager")
    assert traced(nn.Sequential(inner, nn.ReLU(), nn.Linear(4, 2)), x).graph == expected
    again = written(lambda m, x: m.b(checkpoint(m.a, x, use_reentrant=False)), a=plain[:2], b=plain[2])
    assert [node.name for node in traced(again, x).graph.nodes] == ["input", "a.0", "b"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_any_precision(traced, dtype):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU6(), nn.Flatten(), nn.Linear(16, 2)).to(dtype)
    found = traced(model, torch.randn(2, 3, 4, 4, dtype=dtype))
    assert [node.op for node in found.graph.nodes[1:]] == ["conv", "batch_norm", "dense"]


def test_the_watch_sees_outputs_and_activations():
    seen = []

    class Watch:
        def output(self, node, z):
            seen.append((node.name, z.clone()))

        def activated(self, node, name, z, a):
            seen.append((name, z.clone(), a.clone()))

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True), nn.Dropout(0.9), nn.Linear(4, 2))
    x = torch.randn(5, 3)
    result = trace(model, lambda: model(x), Watch()).result
    z = model[0](x)
    assert [item[0] for item in seen] == ["0", "relu", "3"]
    torch.testing.assert_close(seen[0][1], z)
    torch.testing.assert_close(seen[1][1], z)
    torch.testing.assert_close(seen[1][2], z.relu())
    torch.testing.assert_close(seen[2][1], model[3](z.relu()))  # nothing was dropped
    torch.testing.assert_close(seen[2][1], result)
    assert model.training and model[2].p == 0.9 and not model._forward_pre_hooks


def test_the_weight_that_was_used_is_kept(traced, written):
    torch.manual_seed(0)
    model = written(
        lambda m, x: F.linear(x, m.w + m.b @ m.a), w=torch.randn(6, 4), b=torch.randn(6, 2), a=torch.randn(2, 4)
    )
    found = traced(model, torch.randn(3, 4))
    torch.testing.assert_close(found.values["w"], model.w + model.b @ model.a)
    assert found.graph.by_name["w"].params == ("w", "b", "a")


def test_parameters_that_nothing_uses_are_told(traced, written):
    model = written(lambda m, x: m.a(x), a=nn.Linear(3, 4), b=nn.Conv2d(3, 4, 3), c=torch.randn(3))
    found = traced(model, torch.randn(2, 3))
    assert found.unused == ("c", "b.weight", "b.bias")
    assert {param.path: (param.role, param.axes) for param in found.params if param.path in found.unused} == {
        "c": ("state", ("out",)),
        "b.weight": ("weight", ("out", "in", "kernel", "kernel")),
        "b.bias": ("bias", ("out",)),
    }


def test_nothing_is_dropped(traced, written):
    def forward(m, x):
        for layer in m.layers:
            if torch.rand([]) < 0.99:  # LayerDrop
                continue
            kept = torch.empty(len(x), 1).bernoulli_(0.01)  # stochastic depth
            x = x + F.dropout(layer(x), 0.99) * kept
        return x

    model = written(forward, layers=nn.ModuleList(nn.Linear(4, 4) for _ in range(3)))
    x = torch.randn(2, 4)
    found = traced(model, x)
    assert found.graph.streams == (("add", "add_1", "add_2"),)
    for layer in model.layers:
        x = x + layer(x)
    torch.testing.assert_close(found.result, x)
