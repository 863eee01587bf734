"""Golden draws by the kernel for GPUs, run by Triton's interpreter on the CPU; prints how many agree."""

import runpy
from pathlib import Path

import torch

from fanin.sampling import _draw, kernels
from fanin.sampling._dtypes import DTYPES, storage
from fanin.sampling.kernels import torch as torch_kernel
from fanin.sampling.kernels.torch import triton

TESTS = runpy.run_path(str(Path(__file__).parents[1] / "test_everywhere.py"))
stream, affine = TESTS["GOLDEN_DRAW"]

torch_kernel._kernels = lambda device: triton
agree = 0
for name in TESTS["INDEPENDENT"]:
    param = TESTS["param_of"](name)
    for dtype in DTYPES:
        request = _draw._request(TESTS["LAWS"][name], param, stream, affine, storage(dtype), None)
        for make in ("contiguous", "transposed"):
            out = TESTS[make](param.shape, getattr(torch, dtype))
            torch_kernel.fill_on_device(out, request)
            assert TESTS["digest"](TESTS["as_numpy"](out)) == TESTS["GOLDEN"][f"{name} {dtype}"], (name, dtype, make)
            agree += 1
assert kernels.framework(out) is torch_kernel
print(agree)
