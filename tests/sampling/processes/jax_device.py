"""Golden draws computed by JAX on its default device, and large ones beside the host's.

Printed: the platform; then "passed", or of what differs the law, the type, how many values of how many, and the largest
relative difference.
"""

import runpy
from pathlib import Path

import jax
import numpy as np

from fanin.sampling import Stream, draw
from fanin.sampling.kernels.jax import OnDevice
from fanin.values import Param

BOOK = runpy.run_path(str(Path(__file__).parents[1] / "test_golden.py"))
LARGE = Param("weight", (1031, 2053), ("out", "in"))

print(jax.devices()[0].platform)
found = []
for dtype in ("float32", "float16", "bfloat16", "float64"):
    jax.config.update("jax_enable_x64", dtype == "float64")
    for name, law in BOOK["LAWS"].items():
        if name.startswith(("normal", "uniform", "truncated")):
            host = draw(law, LARGE, Stream(7), loc=0.1, scale=0.3, dtype=dtype)
            there = np.asarray(draw(law, LARGE, Stream(7), loc=0.1, scale=0.3, out=OnDevice(LARGE.shape, dtype)))
            if (count := int((host != there).sum())) or host.dtype != there.dtype:
                most = np.abs(host.astype(float) / there.astype(float) - 1).max()
                found.append(f"{name} {dtype}: {count} of {host.size} values, by {most:.1e} at most")
print("; ".join(found) or "passed")
