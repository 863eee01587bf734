"""The compatibility spellings draw what PyTorch draws: two-sample Kolmogorov-Smirnov, and moments, at fixed seeds."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from fanin.schemes import sample
from fanin.values import Param

Agree = Callable[[np.ndarray, str, Param], None]

torch = pytest.importorskip("torch")
nn, init = torch.nn, torch.nn.init
CONV = ("out", "in", "kernel", "kernel")
TURNED = ("in", "out", "kernel", "kernel")
MODULES = {
    "dense": (lambda: nn.Linear(120, 200), ("out", "in"), {}),
    "conv": (lambda: nn.Conv2d(24, 64, 3), CONV, {}),
    "grouped": (lambda: nn.Conv2d(64, 128, 3, groups=4), CONV, {"groups": 4}),
    "depthwise": (lambda: nn.Conv2d(1024, 1024, 3, groups=1024), CONV, {"groups": 1024}),
    "transposed": (lambda: nn.ConvTranspose2d(64, 16, 4, stride=2), TURNED, {"transposed": True, "stride": 4}),
    "fused QKV": (lambda: nn.Linear(90, 270), ("out", "in"), {"blocks": 3}),
}
FUNCTIONS = {
    "torch:xavier_normal_": init.xavier_normal_,
    "torch:xavier_uniform_(gain=2)": lambda w: init.xavier_uniform_(w, gain=2.0),
    "torch:kaiming_normal_": init.kaiming_normal_,
    "torch:kaiming_normal_(mode='fan_out', nonlinearity='relu')": lambda w: init.kaiming_normal_(
        w, mode="fan_out", nonlinearity="relu"
    ),
    "torch:kaiming_uniform_(a=0.3)": lambda w: init.kaiming_uniform_(w, a=0.3),
    "torch:kaiming_uniform_(nonlinearity='selu')": lambda w: init.kaiming_uniform_(w, nonlinearity="selu"),
    "torch:trunc_normal_(std=0.02)": lambda w: init.trunc_normal_(w, std=0.02),
    "torch:trunc_normal_(std=1.5)": lambda w: init.trunc_normal_(w, std=1.5),
    "torch:orthogonal_": init.orthogonal_,
    "torch:orthogonal_(gain=2)": lambda w: init.orthogonal_(w, gain=2.0),
    "torch:uniform_": init.uniform_,
    "torch:uniform_(-0.1, 0.3)": lambda w: init.uniform_(w, -0.1, 0.3),
    "torch:normal_": init.normal_,
    "torch:normal_(0.1, 0.2)": lambda w: init.normal_(w, 0.1, 0.2),
    "torch:constant_(0.3)": lambda w: init.constant_(w, 0.3),
    "torch:ones_": init.ones_,
    "torch:zeros_": init.zeros_,
    "torch:reset_parameters": None,
}


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("expression", FUNCTIONS)
def test_module_weights(expression: str, kind: str, agree: Agree) -> None:
    torch.manual_seed(0)
    build, axes, facts = MODULES[kind]
    module = build()  # reset_parameters is what it starts with
    if (fill := FUNCTIONS[expression]) is not None:
        fill(module.weight)
    param = Param("w", tuple(module.weight.shape), axes, **facts)
    agree(module.weight.detach().numpy(), expression, param)


def test_embedding(agree: Agree) -> None:
    torch.manual_seed(0)
    agree(nn.Embedding(300, 64).weight.detach().numpy(), "torch:embedding", Param("w", (300, 64), ("lookup", "out")))


def test_biases_start_like_their_weights(agree: Agree) -> None:
    torch.manual_seed(0)
    module = nn.Linear(64, 20_000)
    owner = Param("w", (20_000, 64), ("out", "in")).fans
    agree(module.bias.detach().numpy(), "torch_default", Param("b", (20_000,), ("out",), role="bias", owner=owner))


@pytest.mark.parametrize("kind", ["dense", "conv", "grouped", "transposed", "fused QKV"])
def test_orthogonal_is_one_matrix_of_all_that_is_stored(kind: str) -> None:
    build, axes, facts = MODULES[kind]
    theirs = init.orthogonal_(build().weight).detach().numpy()
    ours = sample("torch:orthogonal_", Param("w", theirs.shape, axes, **facts))
    for matrix in (theirs.reshape(len(theirs), -1), ours.reshape(len(ours), -1)):
        gram = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
        assert np.allclose(gram, np.eye(len(gram)), atol=1e-5)


def test_eye() -> None:
    assert np.array_equal(sample("torch:eye_", (7, 4)), init.eye_(torch.empty(7, 4)).numpy())


@pytest.mark.parametrize("shape", [(200, 120), (31, 400)])
def test_sparse(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    theirs = init.sparse_(torch.empty(shape), 0.1).numpy()
    ours = sample("torch:sparse_(0.1)", shape)
    assert np.array_equal((ours == 0).sum(axis=0), (theirs == 0).sum(axis=0))
    assert stats.ks_2samp((ours == 0).sum(axis=1), (theirs == 0).sum(axis=1)).pvalue > 1e-3
    assert stats.ks_2samp(ours[ours != 0], theirs[theirs != 0]).pvalue > 1e-3


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("kernel", [(3,), (4, 4), (2, 3, 4)])
def test_dirac(kernel: tuple[int, ...], groups: int) -> None:
    shape = (12, 3, *kernel)
    theirs = init.dirac_(torch.empty(shape), groups=groups).numpy()
    param = Param("w", shape, ("out", "in", *["kernel"] * len(kernel)), groups=groups)
    assert np.array_equal(sample("torch:dirac_", param), theirs)


@pytest.mark.parametrize("nonlinearity", ["linear", "sigmoid", "conv2d", "tanh", "relu", "leaky_relu", "selu"])
def test_gains(nonlinearity: str) -> None:
    from fanin.schemes.torch_init import calculate_gain

    assert calculate_gain(nonlinearity, 0.2) == init.calculate_gain(
        nonlinearity, 0.2 if nonlinearity == "leaky_relu" else None
    )


def test_icnr_before_a_pixel_shuffle_is_an_enlargement() -> None:
    kernel = torch.from_numpy(sample("icnr", (12, 5, 3, 3)))
    image = nn.functional.conv2d(torch.randn(1, 5, 8, 8, generator=torch.Generator().manual_seed(0)), kernel)
    fine = nn.functional.pixel_shuffle(image, 2)
    assert torch.allclose(fine, nn.functional.interpolate(fine[:, :, ::2, ::2], scale_factor=2), atol=1e-5)
