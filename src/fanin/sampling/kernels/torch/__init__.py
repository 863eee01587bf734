"""PyTorch tensors as destinations: filled in place, of any strides, on any device.

A tensor on the CPU lends its memory to NumPy, and the engine fills it as it fills any array. On a GPU the laws of
independent values are drawn where they are wanted, by a Triton kernel if there is Triton, else by torch operations; all
other laws are drawn on the host and copied.
"""

import importlib.util
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fanin.errors import InputError
from fanin.sampling._memory import empty
from fanin.sampling._request import Request

WITHOUT_FLOAT64 = {"mps"}
"""Devices that lack what correctly rounded roots need."""


def deliver(out: torch.Tensor, request: Request) -> torch.Tensor:
    """Fill a tensor in place, a parameter too, as `torch.nn.init` does: autograd sees a change, and no operation."""
    _check(out)
    plain = out.detach()
    if out.device.type == "cpu":
        request.fill(_as_array(plain, request.dtype), request.region)
    else:
        fill_on_device(plain, request)
    if not out.is_inference():
        torch.autograd.graph.increment_version(out)
    return out


def fill_on_device(out: torch.Tensor, request: Request) -> None:
    """Each value from its own bits, where the tensor is; what cannot be made so, on the host."""
    rule, region = request.elementwise, request.region
    if rule is None or out.device.type in WITHOUT_FLOAT64:
        host = empty(region.shape, request.dtype)
        request.fill(host, region)
        out.copy_(_as_tensor(host))
    elif out.numel():
        full = out[(*(slice(None) if kept else None for kept in region.kept), ...)].permute(region.order)
        law = rule.law, rule.key, region.start, region.moves, rule.loc, rule.scale, rule.arguments
        _kernels(out.device).fill(full, *law)


def _kernels(device: torch.device) -> ModuleType:
    """Triton's for NVIDIA's and AMD's GPUs; plain operations, which every device has, where Triton is not installed."""
    if device.type == "cuda" and importlib.util.find_spec("triton"):
        from fanin.sampling.kernels.torch import triton

        return triton
    from fanin.sampling.kernels.torch import operations

    return operations


def _check(out: torch.Tensor) -> None:
    """A tensor whose elements are in a memory of its own, each once."""
    reason = ""
    if out.layout != torch.strided:
        reason = f"of layout {out.layout}; give a dense one"
    elif type(out).__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        reason = f"a {type(out).__name__}, whose memory is elsewhere; give its local tensor, and as index its part"
    elif out.is_meta:
        reason = "on the device meta and has no memory; give it some, as by to_empty"
    elif any(step == 0 and size > 1 for step, size in zip(out.stride(), out.shape, strict=True)):
        reason = "expanded: several elements share memory; give a clone"
    elif out.is_neg():
        reason = "a negated view of other memory; give a clone"
    elif out.requires_grad and not out.is_leaf:
        reason = "computed from others that need gradients; give a leaf, or its detach()"
    if reason:
        raise InputError(f"out is a tensor {reason}" if not reason.startswith("a ") else f"out is {reason}")


def _as_array(tensor: torch.Tensor, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The same memory; NumPy's own types lack bfloat16, so that goes by its bits."""
    try:
        plain = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
        return plain.numpy().view(dtype)
    except (RuntimeError, TypeError) as error:  # inside a transformation such as vmap
        raise InputError(f"out is a tensor whose memory cannot be written ({error})") from None


def _as_tensor(array: NDArray[Any]) -> torch.Tensor:
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)
