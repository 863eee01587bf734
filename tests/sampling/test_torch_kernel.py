"""PyTorch tensors as destinations: in place, of any strides; what cannot be filled is refused in one line."""

import math

import numpy as np
import pytest
import torch

import fanin
from fanin.errors import FaninError
from fanin.sampling import Stream, draw, kernels
from fanin.sampling.kernels import torch as kernel
from fanin.sampling.kernels.torch import operations
from fanin.values import Law, Param

SHAPE = (5, 7)


def he(**keywords):
    return fanin.sample("he_normal", SHAPE, **keywords)


def test_in_place_without_a_copy():
    layer = torch.nn.Linear(7, 5)
    address = layer.weight.data_ptr()
    assert he(out=layer.weight) is layer.weight
    assert (layer.weight.data_ptr(), layer.weight.requires_grad) == (address, True)
    assert np.array_equal(layer.weight.detach().numpy(), he())


def test_the_dtype_follows_the_tensor():
    assert np.array_equal(he(out=torch.empty(SHAPE, dtype=torch.float64)).numpy(), he(dtype="float64"))
    assert np.array_equal(he(out=np.empty(SHAPE)), he(dtype="float64"))
    bits = he(out=torch.empty(SHAPE, dtype=torch.bfloat16)).view(torch.int16).numpy()
    assert np.array_equal(bits, he(dtype="bfloat16").view(np.int16))
    with pytest.raises(FaninError, match=r"out is float64 of shape \(5, 7\), expected float32"):
        he(dtype="float32", out=torch.empty(SHAPE, dtype=torch.float64))


def test_only_what_is_asked_for_changes():
    wide = torch.full((5, 21), 9.0)
    he(out=wide[:, ::3])
    part = fanin.sample("he_normal", SHAPE, index=(slice(1, 3), slice(None, None, -2)), out=torch.empty(2, 4))
    assert np.array_equal(wide[:, ::3].numpy(), he())
    assert (wide[:, 1::3] == 9).all()
    assert (wide[:, 2::3] == 9).all()
    assert np.array_equal(part.numpy(), he()[1:3, ::-2])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_torch_and_keras_order_are_transposes(dtype):
    stored = torch.empty(7, 5, dtype=dtype)
    fanin.sample("he_normal", Param("weight", (7, 5), ("in", "out")), out=stored)
    assert torch.equal(stored.T, he(out=torch.empty(SHAPE, dtype=dtype)))


def test_another_layer_changes_nothing():
    alone = fanin.sample("he_normal", SHAPE, path="a", out=torch.empty(SHAPE))
    model = {path: fanin.sample("he_normal", SHAPE, path=path, out=torch.empty(SHAPE)) for path in ("new", "a")}
    assert torch.equal(model["a"], alone)
    assert not torch.equal(model["new"], alone)


@pytest.mark.parametrize("shape", [(), (0, 3)])
def test_no_axes_and_no_elements(shape):
    param = Param("w", shape, ("out", "in")[: len(shape)])
    expected = draw(Law("normal"), param, Stream(0))
    assert np.array_equal(draw(Law("normal"), param, Stream(0), out=torch.empty(shape)).numpy(), expected)


def test_autograd_sees_the_change():
    weight = torch.ones(SHAPE, requires_grad=True)
    loss = (weight * weight).sum()
    he(out=weight)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
    with torch.inference_mode():
        assert np.array_equal(he(out=torch.empty(SHAPE)).numpy(), he())


class Elsewhere(torch.Tensor):
    """A tensor whose operations are another library's."""

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        raise AssertionError("not called")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: torch.empty(5, 1).expand(5, 7), "several elements share memory"),
        (lambda: torch.empty(SHAPE, device="meta"), "has no memory"),
        (lambda: torch.zeros(SHAPE).to_sparse(), "layout torch.sparse_coo"),
        (lambda: torch.ones(SHAPE, requires_grad=True) * 2, "give a leaf, or its detach"),
        (lambda: torch.zeros(SHAPE, dtype=torch.complex64).conj().imag, "negated view"),
        (lambda: torch.zeros(SHAPE, dtype=torch.complex64), "out is complex64, expected one of float32"),
        (lambda: torch.zeros(SHAPE, dtype=torch.int32), "out is int32, expected one of float32"),
        (lambda: torch.zeros(7, 5), r"of shape \(7, 5\), expected float32 of shape \(5, 7\)"),
        (lambda: torch.zeros(SHAPE).as_subclass(Elsewhere), "give its local tensor"),
        (lambda: [1.0], "out is a list, expected a NumPy array"),
    ],
)
def test_what_cannot_be_filled(make, message):
    with pytest.raises(FaninError, match=message) as caught:
        he(out=make())
    assert "\n" not in str(caught.value)


def test_inside_a_transformation():
    with pytest.raises(FaninError, match="cannot be written"):
        torch.vmap(lambda row: fanin.sample("he_normal", (7, 1), out=row))(torch.zeros(5, 7, 1))


def test_roots_are_correctly_rounded():
    """NumPy's are; those beside the middle of two numbers are the hardest."""
    rng = np.random.default_rng(0)
    squares = (rng.integers(2**52, 2**53, 20_000) * 2.0**-52) ** 2
    beside = np.concatenate([squares, np.nextafter(squares, 0), np.nextafter(squares, 9)])
    spread = rng.random(20_000) * 10.0 ** rng.integers(-12, 4, 20_000)
    x = np.concatenate([beside, spread, [0.0, -0.0, 1.0, 4.0, np.nextafter(4, 0), np.nextafter(1, 0)]])
    assert operations._root(torch.from_numpy(x)).numpy().tobytes() == np.sqrt(x).tobytes()
    single = x.astype("float32")
    assert operations._Torch().sqrt(torch.from_numpy(single)).numpy().tobytes() == np.sqrt(single).tobytes()


def test_parts_of_a_large_tensor(monkeypatch):
    """Cut in parts, from past 2^38 elements on, by any steps."""
    monkeypatch.setattr(operations, "CHUNK", 100)
    param, index = Param("w", (2**20, 2**18, 3), ("in", "out", "kernel")), (slice(-40, None, 3), slice(9, 0, -2))
    expected = draw(Law("normal"), param, Stream(0), index=index)
    request = fanin.sampling._draw._request(Law("normal"), param, Stream(0), (0.0, 1.0), expected.dtype, index)
    out = torch.zeros(expected.shape)
    kernel.fill_on_device(out, request)
    assert np.array_equal(out.numpy(), expected)


def test_the_file_of_a_framework_is_found_by_its_arrays():
    assert kernels.framework(torch.nn.Parameter(torch.zeros(1))) is kernel
    assert kernels.framework(math.pi) is None
    assert kernels.framework(np.zeros(1)) is None
