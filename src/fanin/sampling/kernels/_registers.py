"""The width of vector registers that the compiler may use.

LLVM keeps to half of a 512-bit register on Intel's servers, since whole ones slowed the clock of the first of them. The
kernels are made of little but vector arithmetic, and all of theirs since 2019 do it in two thirds of the time in whole
registers (benchmarks/kernel.py). Nothing changes where registers are narrower, and no bit of a result anywhere.
"""
# mypy: disable-error-code="import-untyped, no-untyped-def, no-untyped-call"

from numba import types
from numba.extending import intrinsic


@intrinsic
def whole_registers(context):
    """Say so of the function that calls this one."""

    def emit(context, builder, signature, values):
        # llvmlite's own `add` knows the attributes of one word alone, and would refuse this
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), emit
