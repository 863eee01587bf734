"""The names of a model's tensors: as its author knows them, without what wrappers put before them."""

import re
from collections.abc import Iterator

from torch import Tensor, nn

_WRAPPERS = re.compile(r"(?:^|(?<=\.))(?:_orig_mod|_checkpoint_wrapped_module|_fsdp_wrapped_module)\.")
_PARAMETRIZED = re.compile(r"parametrizations\.(\w+)\.original(\d*)$")


def canonical(name: str) -> str:
    """A name without wrappers and parametrizations.

    >>> canonical("_orig_mod.fc.parametrizations.weight.original"), canonical("fc.parametrizations.weight.original1")
    ('fc.weight', 'fc.weight.original1')
    """
    name = _WRAPPERS.sub("", name)
    return _PARAMETRIZED.sub(lambda match: match[1] + (f".original{match[2]}" if match[2] else ""), name)


def unwrapped(model: nn.Module) -> nn.Module:
    """The model inside DataParallel and its like."""
    while isinstance(inner := getattr(model, "module", None), nn.Module) and len(list(model.children())) == 1:
        if list(model.parameters(recurse=False)):
            break
        model = inner
    return model


def parameters(model: nn.Module) -> dict[str, Tensor]:
    """Canonical name to parameter; of tied ones, the first name."""
    return {canonical(name): tensor for name, tensor in unwrapped(model).named_parameters()}


def buffers(model: nn.Module) -> dict[str, Tensor]:
    """Canonical name to buffer."""
    return {canonical(name): tensor for name, tensor in unwrapped(model).named_buffers()}


def ties(model: nn.Module) -> dict[str, tuple[str, ...]]:
    """Name of a parameter that stands in several places to its other names."""
    first: dict[int, str] = {}
    others: dict[str, list[str]] = {}
    for name, tensor in unwrapped(model).named_parameters(remove_duplicate=False):
        if id(tensor) in first:
            others.setdefault(first[id(tensor)], []).append(canonical(name))
        first.setdefault(id(tensor), canonical(name))
    return {name: tuple(rest) for name, rest in others.items()}


def canonical_modules(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Canonical path and module, of all modules."""
    for name, module in unwrapped(model).named_modules():
        yield canonical(f"{name}.").rstrip("."), module


def modules(model: nn.Module) -> dict[int, str]:
    """Identity of a module to its canonical path."""
    return {id(module): name for name, module in canonical_modules(model)}


def constants(model: nn.Module) -> Iterator[Tensor]:
    """Buffers, and tensors that modules keep as plain attributes."""
    yield from model.buffers()
    for module in model.modules():
        for value in vars(module).values():
            for item in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(item, Tensor) and not isinstance(item, nn.Parameter):
                    yield item


def node_name(path: str) -> str:
    """The name of the node whose weight has this path: its module's, unless the module has several.

    >>> node_name("layers.0.fc.weight"), node_name("layers.0.fc.weight.original1"), node_name("layers.0.gamma")
    ('layers.0.fc', 'layers.0.fc', 'layers.0.gamma')
    """
    stem = re.sub(r"(?:\.original\d|(?<=weight)_[gv])$", "", path)
    parent, _, leaf = stem.rpartition(".")
    return parent if leaf == "weight" and parent else stem
