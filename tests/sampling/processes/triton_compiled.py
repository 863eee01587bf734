"""Compiles the kernel for an NVIDIA GPU of compute capability 9.0, and prints the names of its instructions."""

import re

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from fanin.sampling.kernels.torch import triton as kernel

POINTER = {"float32": "*fp32", "float64": "*fp64", "float16": "*u16", "bfloat16": "*u16"}
names = set()
for law, kind in [
    *((law, kind) for law in ("normal", "uniform", "central", "tail") for kind in ("float32", "float64")),
    ("normal", "float16"),
    ("normal", "bfloat16"),
]:
    signature = {"out": POINTER[kind], "table": "*i64"}
    constants = {"law": law, "kind": kind, "blocks": 256}
    source = ASTSource(
        fn=kernel._contiguous,
        signature=signature | dict.fromkeys(constants, "constexpr"),
        constexprs={(2 + place,): value for place, value in enumerate(constants.values())},
    )
    code = triton.compile(source, target=GPUTarget("cuda", 90, 32), options=kernel.OPTIONS).asm["ptx"]
    assert "ftz" not in code
    names |= set(re.findall(r"^\s+(?:@\S+ )?([a-z][a-z0-9._]+)\s", code, re.MULTILINE))
print(*sorted(names))
