"""One stream, one set of bytes: every kernel, thread count, processor, storage order and framework gives those.

Frameworks that start threads of their own, or must be told things before they start, run in a process of their own.
"""

import os
import platform
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from fanin.sampling import Stream, _draw, _fill, draw, kernels
from fanin.sampling._dtypes import DTYPES, storage
from fanin.sampling.kernels import torch as torch_kernel

HERE = Path(__file__).parent
BOOK = runpy.run_path(str(HERE / "test_golden.py"))
LAWS, GOLDEN, digest = BOOK["LAWS"], BOOK["GOLDEN"], BOOK["digest"]
INDEPENDENT = [name for name in LAWS if name.startswith(("normal", "uniform", "truncated"))]
GOLDEN_DRAW = (Stream(2024, "golden"), (0.1, 0.3))


def param_of(name):
    return BOOK["TWO_BLOCKS" if "100 x 150" in name else "PARAM"]


def drawn(name, dtype=None, out=None):
    stream, (loc, scale) = GOLDEN_DRAW
    return draw(LAWS[name], param_of(name), stream, loc=loc, scale=scale, dtype=dtype, out=out)


def as_numpy(tensor):
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(storage("bfloat16"))
    return tensor.numpy()


def contiguous(shape, dtype):
    return torch.zeros(shape, dtype=dtype)


def strided(shape, dtype):
    return torch.zeros([2 * size + 1 for size in shape], dtype=dtype)[tuple(slice(1, None, 2) for _ in shape)]


def view(shape, dtype):
    return torch.zeros(int(np.prod(shape)) + 5, dtype=dtype)[5:].view(shape)


def transposed(shape, dtype):
    return torch.zeros(shape[::-1], dtype=dtype).permute(*range(len(shape))[::-1])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAWS)
def test_torch_on_the_cpu(name, dtype):
    for make in (contiguous, strided, view, transposed):
        out = make(param_of(name).shape, getattr(torch, dtype))
        assert drawn(name, out=out) is out
        assert digest(as_numpy(out)) == GOLDEN[f"{name} {dtype}"], make.__name__


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAWS)
def test_threads_of_the_compiled_kernel(name, dtype, threads, monkeypatch):
    monkeypatch.setattr(kernels, "LARGE", 0)
    monkeypatch.setattr(_fill, "DIRECT", 100)
    monkeypatch.setattr(_fill, "cores", lambda: threads)
    assert digest(drawn(name, dtype)) == GOLDEN[f"{name} {dtype}"]
    out = strided(param_of(name).shape, getattr(torch, dtype))
    assert digest(as_numpy(drawn(name, out=out))) == GOLDEN[f"{name} {dtype}"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAWS)
def test_torch_operations(name, dtype):
    """What a device without Triton does, done by the CPU."""
    stream, affine = GOLDEN_DRAW
    request = _draw._request(LAWS[name], param_of(name), stream, affine, storage(dtype), None)
    assert (request.elementwise is not None) == (name in INDEPENDENT)
    for make in (contiguous, strided, transposed):
        out = make(param_of(name).shape, getattr(torch, dtype))
        torch_kernel.fill_on_device(out, request)
        assert digest(as_numpy(out)) == GOLDEN[f"{name} {dtype}"], make.__name__


def run(script, environment, *arguments):
    """Standard output of a script in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(HERE / "processes" / script), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.split()


@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="names of x86 processors")
@pytest.mark.parametrize("processor", ["generic", "haswell"])
def test_compiled_for_another_processor(processor, tmp_path):
    """One without, one with a fused multiply-add; both with shorter vectors than some machines'."""
    laws = ("normal float32", "truncated_normal float32", "normal float64")
    matrices = ("orthogonal 100 x 150 float32", "orthogonal 100 x 150 float64")
    assert compiled_for(processor, tmp_path, *laws, *matrices) == "5"


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="names of x86 processors")
@pytest.mark.parametrize("processor", ["generic", "haswell"])
def test_everything_compiled_for_another_processor(processor, tmp_path):
    entries = [f"{name} {dtype}" for name in LAWS for dtype in DTYPES]
    assert compiled_for(processor, tmp_path, *entries) == str(len(entries))


def compiled_for(processor, cache, *entries):
    target = {"NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": str(cache)}
    agree = run("compiled.py", target, *entries)[-1]
    assert any(cache.rglob("*.nbi"))  # it was compiled here
    return agree


def test_triton_interpreted(tmp_path):
    pytest.importorskip("triton", reason="the kernel for GPUs needs triton")
    target = {"TRITON_INTERPRET": "1", "TRITON_CACHE_DIR": str(tmp_path)}
    assert run("triton_interpreted.py", target)[-1] == str(len(INDEPENDENT) * len(DTYPES) * 2)


def test_triton_compiled(tmp_path):
    """No GPU is needed to compile for one: nothing is fused, nothing approximate, no small number flushed to zero."""
    pytest.importorskip("triton", reason="the kernel for GPUs needs triton")
    instructions = set(run("triton_compiled.py", {"TRITON_CACHE_DIR": str(tmp_path)}))
    floating = {name for name in instructions if name.endswith((".f32", ".f64")) and not name.startswith("cvt.")}
    assert {"mul.rn.f32", "add.rn.f32", "sqrt.rn.f32", "div.rn.f32"} <= floating
    assert {"mul.rn.f64", "add.rn.f64", "sqrt.rn.f64", "div.rn.f64"} <= floating
    exact = ("setp.", "selp.", "neg.", "abs.", "mov.", "ld.", "st.")
    rounded = {name for name in floating if not name.startswith(exact)}
    assert {name.split(".")[1] for name in rounded} == {"rn"}, rounded
    assert not {name for name in floating if name.startswith(("fma", "mad"))}


def test_jax():
    pytest.importorskip("jax", reason="JAX's arrays need jax")
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    assert run("jax_layouts.py", flags)[-1] == "passed"
