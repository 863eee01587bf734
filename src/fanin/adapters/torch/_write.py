"""Writing into a PyTorch model: memory for what stands on meta, tensors as NumPy arrays, ties and buffers kept.

A model on meta gets its memory beside itself and takes it over at the very end, so that what fails midway leaves it
as it was. Tied parameters stay one tensor.
"""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from fanin.adapters.torch import _names
from fanin.errors import InputError
from fanin.sampling._dtypes import storage

_ABSENT = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Fresh:
    """The memory to write to.

    Attributes:
        parameters: canonical name to tensor; the model's own where it had memory.
        constants: (module, name) to the value of a buffer or tensor attribute that stood on meta.
    """

    parameters: dict[str, Tensor]
    constants: dict[tuple[nn.Module, str], Tensor]


def shapes(model: nn.Module) -> dict[str, tuple[tuple[int, ...], str, bool]]:
    """Canonical name to (shape, type, whether it stands on meta) of every parameter.

    Raises:
        InputError: a sharded tensor.
    """
    for name, tensor in _names.parameters(model).items():
        if _is_sharded(tensor):
            mesh = getattr(tensor, "device_mesh", "devices")
            raise InputError(f"{name!r} is sharded over {mesh}; initialise the model before it is sharded")
    return {
        name: (tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), tensor.is_meta)
        for name, tensor in _names.parameters(model).items()
    }


def _is_sharded(tensor: Tensor) -> bool:
    """Whether it is a DTensor; whoever made one has imported its module, which takes a second to import."""
    module = sys.modules.get("torch.distributed.tensor")
    return module is not None and isinstance(tensor, module.DTensor)


def materialise(model: nn.Module) -> Fresh:
    """Memory for all that has none; nothing of the model is changed yet.

    Raises:
        InputError: a buffer on meta that its module can't compute again.
    """
    constants = {
        (module, name): value for module, path in _modules(model) for name, value in _constants(model, module, path)
    }
    own = _names.parameters(model)
    return Fresh({name: torch.empty_like(t, device="cpu") if t.is_meta else t for name, t in own.items()}, constants)


@contextmanager
def array(tensor: Tensor) -> Iterator[NDArray[Any]]:
    """The tensor as a NumPy array that writes through, by way of a copy if it is on another device."""
    data = tensor.detach()
    staged = data if data.device.type == "cpu" else data.cpu()
    name = str(data.dtype).removeprefix("torch.")
    if name == "bfloat16":
        yield staged.view(torch.int16).numpy().view(storage(name))
    else:
        yield staged.numpy()
    if staged is not data:
        data.copy_(staged)


def adopt(model: nn.Module, fresh: Fresh) -> None:
    """Let a model that stood on meta take its memory over."""
    name_of = {id(tensor): name for name, tensor in _names.parameters(model).items()}
    made: dict[int, nn.Parameter] = {}
    for module, _ in _modules(model):
        for key, old in module._parameters.items():
            if old is not None and old.is_meta:
                if id(old) not in made:
                    made[id(old)] = _like(old, fresh.parameters[name_of[id(old)]])
                module._parameters[key] = made[id(old)]
    for (module, key), value in fresh.constants.items():
        if key in module._buffers:
            module._buffers[key] = value
        else:
            setattr(module, key, value)


def save(model: nn.Module, path: Path, metadata: dict[str, str]) -> None:
    """The model's state as .safetensors, under the names that `load_state_dict` takes; of tied tensors, the first."""
    tensors: dict[str, Tensor] = {}
    seen: set[tuple[int, torch.Size]] = set()
    for name, tensor in _names.unwrapped(model).state_dict().items():
        place = tensor.data_ptr(), tensor.shape
        if not tensor.numel() or place not in seen:
            tensors[name if "parametrizations" in name else _names.canonical(name)] = tensor.contiguous()
        seen.add(place)
    save_file(tensors, path, metadata)


def _like(old: nn.Parameter, data: Tensor) -> nn.Parameter:
    """A parameter of the same kind, with what its author hung on it."""
    new = nn.Parameter(data, requires_grad=old.requires_grad)
    new.__dict__.update(old.__dict__)
    return new


def _modules(model: nn.Module) -> Iterator[tuple[nn.Module, str]]:
    for path, module in model.named_modules():
        yield module, path


def _constants(model: nn.Module, module: nn.Module, path: str) -> Iterator[tuple[str, Tensor]]:
    """The module's own buffers and tensor attributes on meta, computed by building the module once more."""
    known = {**vars(module), **module._buffers}
    empty = [key for key, value in known.items() if isinstance(value, Tensor) and value.is_meta]
    if not empty:
        return
    again = _built_again(model, module, path, empty[0])
    for key in empty:
        value = getattr(again, key, None)
        if not isinstance(value, Tensor) or value.shape != known[key].shape or value.is_meta:
            raise _no_value(module, path, key, "building it once more does not give one of that shape")
        yield key, value.to(known[key].dtype)


def _built_again(model: nn.Module, module: nn.Module, path: str, key: str) -> nn.Module:
    """A module of the same class and arguments, which it or a module around it keeps under their own names."""
    around = [module, *(model.get_submodule(path.rsplit(".", i)[0]) for i in range(1, path.count(".") + 1)), model]
    arguments: dict[str, Any] = {}
    for name, parameter in inspect.signature(type(module).__init__).parameters.items():
        if name in ("self", "device") or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        keepers = [owner for owner in (around if name == "config" else [module]) if hasattr(owner, name)]
        if keepers and not isinstance(getattr(keepers[0], name), (Tensor, nn.Module)):
            arguments[name] = getattr(keepers[0], name)
        elif parameter.default is _ABSENT:
            raise _no_value(module, path, key, f"it does not keep its argument {name!r}")
    try:
        with torch.random.fork_rng(devices=[]), torch.device("cpu"):
            return type(module)(**arguments)
    except Exception as error:
        raise _no_value(module, path, key, f"building it once more fails: {error}") from error


def _no_value(module: nn.Module, path: str, key: str, why: str) -> InputError:
    name = f"{path}.{key}" if path else key
    return InputError(f"buffer {name!r} of {type(module).__name__} is on meta: {why}; build the model on a device")
