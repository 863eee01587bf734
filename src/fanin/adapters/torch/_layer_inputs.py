"""What the layers of a model take, first layer first: a guess at what the model takes."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from fanin.adapters.torch._maker import Candidate, Maker

_SIDES = (32, 28, 64, 224, 16, 96, 128, 256, 299, 8)
_LENGTHS = (256, 1024, 16000, 64)
_TIME = 12
_TABLES = (nn.Embedding, nn.EmbeddingBag)
_LAYERS = 6  # how many layers from the start are asked

Shapes = Iterator[tuple[int, ...]]


def candidates(model: nn.Module, names: tuple[str, ...], make: Maker) -> Iterator[Candidate]:
    """For each shape that one of the first layers takes, all required inputs of that shape, or as their names say."""
    seen: set[tuple[bool, tuple[int, ...]]] = set()
    for limit, shape in _shapes(model):
        if (limit is not None, shape) in seen:
            continue
        seen.add((limit is not None, shape))
        args = tuple(_by_name(name, limit, shape, make) for name in names)
        text = "x".join(map(str, shape)) or "one number each"
        what = "standard-normal inputs" if limit is None else f"inputs of random ids below {limit}"
        beside = f", for {', '.join(names)}" if len(names) > 1 else ""
        yield Candidate(args, {}, f"{make.samples} {what} ({text}{beside})")


def _by_name(name: str, limit: int | None, shape: tuple[int, ...], make: Maker) -> Tensor:
    """One input; masks, steps and labels are told by their names."""
    special = _SPECIAL.get(name.lower())
    if special is not None:
        return special(make)
    return make.normal(shape) if limit is None else make.ids(limit, shape)


def _steps(make: Maker) -> Tensor:
    return make.ids(10, ())


_SPECIAL: Mapping[str, Callable[[Maker], Tensor]] = {
    **dict.fromkeys(("t", "timestep", "timesteps", "time", "step", "steps"), _steps),
    **dict.fromkeys(("label", "labels", "y", "class_labels", "classes"), lambda make: make.ids(2, ())),
    **dict.fromkeys(("edge_index", "edges"), lambda make: torch.stack([torch.arange(make.samples)] * 2)),
    **dict.fromkeys(("adj", "adjacency"), lambda make: torch.eye(make.samples, dtype=make.dtype, device=make.device)),
}


def _shapes(model: nn.Module) -> Iterator[tuple[int | None, tuple[int, ...]]]:
    """(rows of the table or None for numbers, shape of a sample), the likeliest first."""
    for layer in islice(_takers(model), _LAYERS):
        rows = table_rows(model) if isinstance(layer, _TABLES) else None
        yield from ((rows, shape) for shape in _takes(layer))
    for parameter in model.parameters():  # a model that is written with functions alone
        if parameter.ndim == 2:
            yield from ((None, (size,)) for size in dict.fromkeys((parameter.shape[1], parameter.shape[0])))


def first_shapes(model: nn.Module) -> Shapes:
    """The likeliest shape of a sample for each layer that takes one."""
    return (next(_takes(layer)) for layer in _takers(model))


def table_rows(model: nn.Module) -> int | None:
    """Rows of the smallest table that ids are looked up in; None if there is no table."""
    return min((layer.num_embeddings for layer in model.modules() if isinstance(layer, _TABLES)), default=None)


def _takers(model: nn.Module) -> Iterator[nn.Module]:
    return (layer for layer in model.modules() if isinstance(layer, tuple(_TAKES)))


def _takes(layer: nn.Module) -> Shapes:
    return next(take for kind, take in _TAKES.items() if isinstance(layer, kind))(layer)


def _dense(layer: Any) -> Shapes:
    yield (layer.in_features,)
    yield (_TIME, layer.in_features)
    for channels in (1, 3):
        side = round((layer.in_features / channels) ** 0.5)
        if side > 3 and channels * side * side == layer.in_features:
            yield (channels, side, side)


def _conv(layer: Any) -> Shapes:
    axes = len(layer.kernel_size)
    if layer.transposed:  # a generator begins with noise at one place
        yield from ((layer.in_channels, *(1,) * axes), (layer.in_channels,))
    for size in _LENGTHS if axes == 1 else _SIDES if axes == 2 else (16, 32):
        yield (layer.in_channels, *(size,) * axes)
    if axes == 1:
        yield from ((16000,), (_TIME, layer.in_channels))


def _norm(layer: Any) -> Shapes:
    size = getattr(layer, "num_features", None) or getattr(layer, "num_channels", None)
    if size is None:
        yield tuple(layer.normalized_shape)
        yield (_TIME, *layer.normalized_shape)
    else:
        yield (size,)
        yield from ((size, side, side) for side in _SIDES[:3])


_TAKES: Mapping[type[nn.Module], Callable[[Any], Shapes]] = {
    nn.Linear: _dense,
    nn.Bilinear: lambda layer: iter([(layer.in1_features,)]),
    nn.modules.conv._ConvNd: _conv,
    nn.Embedding: lambda layer: iter([(_TIME,), ()]),
    nn.EmbeddingBag: lambda layer: iter([(_TIME,)]),
    nn.RNNBase: lambda layer: iter([(_TIME, layer.input_size)]),
    nn.RNNCellBase: lambda layer: iter([(layer.input_size,), (_TIME, layer.input_size)]),
    nn.MultiheadAttention: lambda layer: iter([(_TIME, layer.embed_dim)]),
    nn.LayerNorm: _norm,
    nn.GroupNorm: _norm,
    nn.modules.batchnorm._BatchNorm: _norm,
}
