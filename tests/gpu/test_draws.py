"""The stream on a real GPU: the bytes of golden.json, and of the host where tensors are large."""

import runpy
from pathlib import Path

import numpy as np
import pytest
import torch

import fanin
from fanin.sampling import Stream, _draw, draw
from fanin.sampling._dtypes import DTYPES, storage
from fanin.sampling.kernels import torch as torch_kernel
from fanin.sampling.kernels.torch import operations
from fanin.values import Law, Param

if not torch.cuda.is_available():
    pytest.skip("needs a CUDA device", allow_module_level=True)

BOOK = runpy.run_path(str(Path(__file__).parents[1] / "sampling" / "test_everywhere.py"))
LAYOUTS = [BOOK[name] for name in ("contiguous", "strided", "view", "transposed")]
LARGE = Param("weight", (1031, 2053), ("out", "in"))


def made(layout, shape, dtype):
    """A tensor of this layout on the GPU; `.cuda()` alone would make it contiguous."""
    with torch.device("cuda"):
        return layout(shape, getattr(torch, dtype))


def as_bits(tensor):
    return BOOK["as_numpy"](tensor.cpu())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOOK["LAWS"])
def test_golden_bytes(name, dtype):
    for layout in LAYOUTS:
        out = made(layout, BOOK["param_of"](name).shape, dtype)
        assert out.is_cuda
        assert BOOK["drawn"](name, out=out) is out
        assert BOOK["digest"](as_bits(out)) == BOOK["GOLDEN"][f"{name} {dtype}"], layout.__name__


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOOK["INDEPENDENT"])
def test_golden_bytes_by_operations(name, dtype, monkeypatch):
    """Where Triton isn't installed."""
    monkeypatch.setattr(torch_kernel, "_kernels", lambda device: operations)
    for layout in LAYOUTS:
        out = made(layout, BOOK["param_of"](name).shape, dtype)
        BOOK["drawn"](name, out=out)
        assert BOOK["digest"](as_bits(out)) == BOOK["GOLDEN"][f"{name} {dtype}"], layout.__name__


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOOK["INDEPENDENT"])
def test_two_million_values(name, dtype):
    """Enough for what is rare: one in 2^20 is beyond 4.9 sigma, one in 2^12 of float16's is subnormal."""
    law, here = BOOK["LAWS"][name], torch.empty(LARGE.shape, dtype=getattr(torch, dtype))
    expected = draw(law, LARGE, Stream(7), loc=0.1, scale=0.3, out=here)
    rows, columns = LARGE.shape
    for out in (here.new_empty(rows, columns, device="cuda"), here.new_empty(columns, rows, device="cuda").T):
        draw(law, LARGE, Stream(7), loc=0.1, scale=0.3, out=out)
        assert torch.equal(out.cpu(), expected)


def test_slices_far_away():
    """Elements beyond 2^32, with steps, backwards, without an axis."""
    huge, index = Param("w", (2**20, 2**18), ("in", "out")), (slice(-3, None), slice(-70, None, 7))
    expected = draw(Law("normal"), huge, Stream(0), index=index)
    found = draw(Law("normal"), huge, Stream(0), index=index, out=torch.empty(expected.shape, device="cuda"))
    assert np.array_equal(found.cpu().numpy(), expected)


def test_a_parameter_in_place():
    layer = torch.nn.Linear(7, 5, device="cuda")
    address = layer.weight.data_ptr()
    assert fanin.sample("he_normal", (5, 7), out=layer.weight) is layer.weight
    assert layer.weight.data_ptr() == address
    assert np.array_equal(layer.weight.detach().cpu().numpy(), fanin.sample("he_normal", (5, 7)))


def test_the_kernel_for_gpus_is_what_ran():
    pytest.importorskip("triton", reason="without it, operations are what runs")
    request = _draw._request(Law("normal"), LARGE, Stream(0), (0.0, 1.0), storage("float32"), None)
    assert request.elementwise is not None
    assert torch_kernel._kernels(torch.device("cuda")).__name__.endswith("triton")


def test_jax_on_the_device():
    """In a process of its own, which does not take the device's memory for itself."""
    pytest.importorskip("jax", reason="JAX's arrays need jax")
    platform, *found = BOOK["run"]("jax_device.py", {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"})
    if platform != "gpu":
        pytest.skip("this JAX has no CUDA")
    assert found == ["passed"]
