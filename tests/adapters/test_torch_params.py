"""What each parameter is for, and what its axes mean, told from how it is used."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations

from fanin.adapters import framework_of
from fanin.adapters.torch import buffers, describe, is_model, parameters, ties
from fanin.adapters.torch._names import canonical
from fanin.errors import InputError

KERNEL = ("kernel", "kernel")


@pytest.mark.parametrize(
    ("layer", "shape", "axes", "fans"),
    [
        (nn.Linear(3, 5), (3,), ("out", "in"), (3, 5)),
        (nn.Conv2d(4, 8, 3, groups=2, stride=2), (4, 8, 8), ("out", "in", *KERNEL), (18, 9)),
        (nn.Conv2d(4, 8, 3, groups=4), (4, 8, 8), ("out", "in", *KERNEL), (9, 18)),
        (nn.Conv1d(4, 8, 5), (4, 9), ("out", "in", "kernel"), (20, 40)),
        (nn.ConvTranspose2d(8, 4, 2, stride=2), (8, 4, 4), ("in", "out", *KERNEL), (8, 16)),
        (nn.Embedding(9, 4), None, ("lookup", "out"), (1, 4)),
    ],
)
def test_fans_of_the_modules_of_torch(params_of, layer, shape, axes, fans):
    x = torch.randint(0, 9, (2, 3)) if shape is None else torch.randn(2, *shape)
    param = params_of(nn.Sequential(layer), x)["0.weight"]
    assert param.axes == axes
    assert (param.fans.fan_in, param.fans.fan_out) == fans


def _bilinear(m, x):
    return F.bilinear(x, x, m.w)


@pytest.mark.parametrize(
    ("function", "shape", "axes"),
    [
        (lambda m, x: x @ m.w, (4, 4), ("in", "out")),
        (lambda m, x: x @ m.w.t(), (4, 4), ("out", "in")),
        (lambda m, x: F.linear(x, m.w.T), (4, 4), ("in", "out")),
        (lambda m, x: F.linear(x, m.w.view(4, 4)), (16,), ("out",)),
        (lambda m, x: (m.w @ x.T).T, (5, 4), ("out", "in")),
        (lambda m, x: torch.addmm(torch.zeros(5), x, m.w), (4, 5), ("in", "out")),
        (lambda m, x: torch.bmm(x.expand(3, -1, -1), m.w), (3, 4, 5), ("batch", "in", "out")),
        (lambda m, x: torch.einsum("bd,dhe->bhe", x, m.w), (4, 2, 3), ("in", "out", "out")),
        (lambda m, x: torch.einsum("bd,ed->be", x, m.w), (5, 4), ("out", "in")),
        (lambda m, x: x @ F.softmax(m.w, 0), (4, 5), ("in", "out")),
        (lambda m, x: F.linear(x, torch.cat([m.w, m.w])), (4, 4), ("out", "in")),
        (_bilinear, (5, 4, 4), ("out", "in", "in")),
    ],
)
def test_axes_of_weights_as_they_are_used(params_of, written, function, shape, axes):
    param = params_of(written(function, w=torch.randn(shape)), torch.randn(3, 4))["w"]
    assert param.axes == axes
    assert param.role == "weight" or len(shape) == 1


def test_the_factors_of_a_low_rank_update(params_of, written):
    model = written(
        lambda m, x: F.linear(x, m.w + 0.5 * m.b @ m.a), w=torch.randn(6, 4), b=torch.randn(6, 2), a=torch.randn(2, 4)
    )
    found = params_of(model, torch.randn(3, 4))
    assert {path: param.axes for path, param in found.items()} == dict.fromkeys("wba", ("out", "in"))
    assert {path: param.fans.fan_in for path, param in found.items()} == {"w": 4, "b": 2, "a": 4}


def test_normalised_weights(params_of):
    model = nn.Sequential(
        parametrizations.weight_norm(nn.Linear(4, 5)), parametrizations.spectral_norm(nn.Linear(5, 3))
    )
    found = params_of(model, torch.randn(2, 4))
    assert {path: (param.role, param.axes) for path, param in found.items() if "bias" not in path} == {
        "0.weight.original1": ("weight", ("out", "in")),
        "0.weight.original0": ("length", ("out", "kernel")),
        "1.weight": ("weight", ("out", "in")),
    }
    assert found["0.bias"].owner == found["0.weight.original1"].fans


def test_recurrent_layers(params_of):
    found = params_of(nn.Sequential(nn.LSTM(3, 4, 2, dropout=0.5)), torch.randn(5, 2, 3))
    assert {param.blocks for param in found.values()} == {4}
    assert {path: param.role for path, param in found.items() if "l1" in path} == {
        "0.weight_ih_l1": "weight",
        "0.weight_hh_l1": "recurrent",
        "0.bias_ih_l1": "bias",
        "0.bias_hh_l1": "bias",
    }
    assert params_of(nn.GRU(3, 4), torch.randn(5, 2, 3))["weight_ih_l0"].blocks == 3
    relu = params_of(nn.RNN(3, 4, nonlinearity="relu"), torch.randn(5, 2, 3))["weight_hh_l0"]
    assert (relu.blocks, relu.activation, relu.fans.fan_in) == (1, "relu", 4)


def test_packed_projections(params_of, written):
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    found = params_of(written(lambda m, x: m.a(x, x[:, :2], x[:, :2])[0], a=attention), torch.randn(2, 5, 8))
    assert found["a.in_proj_weight"].blocks == 3
    assert found["a.in_proj_weight"].fans.fan_out == 8
    rotated = params_of(
        written(lambda m, x: torch.cat([-(h := m.q(x))[..., 4:], h[..., :4]], -1), q=nn.Linear(8, 8)), torch.randn(2, 8)
    )
    assert rotated["q.weight"].blocks == 1  # halves that are put together again are no layers
    sequence = params_of(written(lambda m, x: m.q(x)[:, 0] - m.q(x)[:, 1], q=nn.Linear(8, 8)), torch.randn(2, 2, 8))
    assert sequence["q.weight"].blocks == 1  # nor are the places of a sequence
    assert params_of(nn.Sequential(nn.Conv1d(4, 6, 1), nn.GLU(1)), torch.randn(2, 4, 5))["0.weight"].blocks == 2


def test_what_multiplies_and_shifts(params_of, written):
    model = written(
        lambda m, x: F.prelu(m.norm(m.a(x)), m.slope) * m.scale.exp() + m.lift,
        a=nn.Linear(3, 4), norm=nn.GroupNorm(2, 4), slope=torch.ones(4), scale=torch.zeros(4), lift=torch.zeros(1),
    )  # fmt: skip
    roles = {path: param.role for path, param in params_of(model, torch.randn(2, 3)).items()}
    assert roles == {
        "a.weight": "weight", "a.bias": "bias", "norm.weight": "norm_scale", "norm.bias": "norm_shift",
        "slope": "scalar", "scale": "state", "lift": "bias",
    }  # fmt: skip


def test_a_gain_that_is_neutral_at_zero(params_of, written):
    def forward(m, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True)) * (1 + m.gain)

    assert params_of(written(forward, gain=torch.zeros(4)), torch.randn(2, 4))["gain"].role == "norm_shift"


def test_tables(params_of, written):
    def forward(m, ids):
        return m.words(ids) + m.places(torch.arange(ids.shape[1])) + m.kinds[ids]

    model = written(forward, words=nn.Embedding(9, 4), places=nn.Embedding(6, 4), kinds=torch.randn(9, 4))
    found = params_of(model, torch.randint(0, 9, (2, 5)))
    assert {path: param.role for path, param in found.items()} == {
        "words.weight": "embedding", "places.weight": "position", "kinds": "embedding",
    }  # fmt: skip


def test_depth_counts_the_layers_before(params_of):
    found = params_of(nn.Sequential(*(nn.Linear(3, 3) for _ in range(4))), torch.randn(2, 3))
    assert [found[f"{i}.weight"].depth for i in range(4)] == [0, 1, 2, 3]


def test_names_are_the_authors():
    assert canonical("_orig_mod.0._checkpoint_wrapped_module.weight") == "0.weight"
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 3))
    model[2].weight = model[0].weight
    assert list(parameters(nn.DataParallel(model))) == ["0.weight", "0.bias", "1.weight", "1.bias", "2.bias"]
    assert ties(model) == {"0.weight": ("2.weight",)}
    assert list(buffers(model)) == ["1.running_mean", "1.running_var", "1.num_batches_tracked"]
    assert is_model(model) and framework_of(model) == "torch"
    assert not is_model(3) and framework_of({"weight": 3}) is None


def test_describe_changes_nothing(basic_block):
    model = nn.Sequential(basic_block(3, 4), parametrizations.spectral_norm(nn.Conv2d(4, 4, 1)))
    before, random = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    describe(model)
    assert torch.equal(torch.get_rng_state(), random)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert all(parameter.grad is None for parameter in model.parameters())


def test_describe_on_meta_says_the_same(basic_block, written):
    for model in (
        nn.Sequential(nn.Conv2d(3, 4, 3), basic_block(4, 8, 2), nn.Flatten(), nn.LazyLinear(5)),
        nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, enable_nested_tensor=False),
        nn.Sequential(nn.Embedding(9, 4), nn.LSTM(4, 5, batch_first=True)),
        written(lambda m, x: m.a(x) if m.a(x).sum().item() < 1e9 else m.b(x), a=nn.Linear(3, 2), b=nn.Linear(3, 2)),
    ):
        graph, params = describe(model)
        assert describe(model.to("meta")) == (graph, params)


def test_describe_takes_inputs_in_any_form(written):
    model = written(lambda m, x, scale=1.0: m.a(x) * scale, a=nn.Linear(3, 2))
    x = torch.randn(2, 3)
    expected = describe(model, x)
    assert describe(model, (x, 2.0)) == expected
    assert describe(model, {"x": x, "scale": 2.0}) == expected
    with pytest.raises(InputError, match=r"Written raised RuntimeError on these inputs: .*shapes"):
        describe(model, torch.randn(2, 4))


def _residual(params):
    return {param.path for param in params.values() if param.residual_follows and param.role == "weight"}


def test_what_is_added_to_a_stream(params_of, written):
    x, condition = torch.randn(2, 4), torch.randn(2, 3)
    parallel = written(
        lambda m, x: (h := m.stem(x)) + (m.b(F.relu(m.a(n := m.norm(h)))) + m.d(F.relu(m.c(n)))),
        norm=nn.LayerNorm(4), **{name: nn.Linear(4, 4) for name in ("stem", *"abcd")},
    )  # fmt: skip
    assert _residual(params_of(parallel, x)) == {"b.weight", "d.weight"}
    gated = written(
        lambda m, x, c: x + m.gate(c) * m.b(F.relu(m.a(x))),
        gate=nn.Linear(3, 4), a=nn.Linear(4, 4), b=nn.Linear(4, 4),
    )  # fmt: skip
    assert _residual(params_of(gated, x, condition)) == {"b.weight"}
    variational = written(
        lambda m, x: m.d((h := F.relu(m.e(x))) @ m.w + torch.randn(2, 4) * torch.exp(m.v(h))),
        e=nn.Linear(4, 4), v=nn.Linear(4, 4), d=nn.Linear(4, 4), w=torch.randn(4, 4),
    )  # fmt: skip
    assert _residual(params_of(variational, x)) == set()  # a mean and a deviation side by side are no stream


def test_a_codebook_is_a_table(params_of, written):
    model = written(lambda m, x: m.book[torch.cdist(x, m.book).argmin(-1)], book=torch.randn(5, 4))
    assert params_of(model, torch.randn(3, 4))["book"].role == "embedding"


def test_whatever_a_model_raises_is_one_line_with_its_place():
    class Checks(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, x):
            assert x.ndim == 3, "three axes"
            return self.layer(x)

    with pytest.raises(
        InputError, match=r"^Checks raised AssertionError on these inputs: three axes.*test_torch_params"
    ):
        describe(Checks(), torch.zeros(2, 3))
