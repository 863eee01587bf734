"""Inputs for a model that comes without any: of given shapes, by its configuration, or by its layers, until it runs."""

import contextlib
import inspect
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from torch import nn

from fanin.adapters.torch import _layer_inputs, _named_inputs
from fanin.adapters.torch._eager import eager
from fanin.adapters.torch._maker import Candidate, Maker
from fanin.errors import InputError, at, shorten

_PATIENCE = 80


def sample_inputs(
    model: nn.Module, shapes: Sequence[tuple[int, ...]] = (), samples: int = 2, seed: int = 0
) -> tuple[tuple[Any, ...], dict[str, Any], str]:
    """Inputs that the model takes: positional, by name, and what they are in words.

    Standard-normal numbers, or integers within the range of the tables that look them up. `shapes` are those of one
    sample, without the batch, one for each input. Without any, they are tried: what the model's configuration names,
    then what its layers take, first layer first.

    Raises:
        InputError: the model runs with none of them.

    Example:
        >>> args, kwargs, words = sample_inputs(nn.Sequential(nn.Linear(3, 2)), samples=4)
        >>> args[0].shape, words
        (torch.Size([4, 3]), '4 standard-normal inputs (3)')
    """
    tried: dict[str, None] = {}
    raised = ""
    for candidate in islice(_candidates(model, shapes, Maker(model, samples, seed)), _PATIENCE):
        if candidate.words in tried:
            continue
        try:
            run_once(model, candidate.args, candidate.kwargs)
        except Exception as error:  # noqa: BLE001  whatever it raises says that it takes something else
            tried[candidate.words] = None
            raised = raised or _quoted(error) + at(error)
            continue
        return candidate.args, candidate.kwargs, candidate.words
    what = "; ".join(islice(tried, 3)) + (f" and {len(tried) - 3} more" if len(tried) > 3 else "")
    raise InputError(
        f"the model runs with none of the inputs tried ({what or 'it has no layer that tells'}); "
        f"the first raised {raised or 'nothing'}; {_advice(model, is_shaped=bool(shapes))}"
    )


def _quoted(error: Exception) -> str:
    """Type and first line of an error, cut where no bracket is open."""
    text = shorten(f"{type(error).__name__}: {error}".splitlines()[0], 160)
    for opening, closing in ("()", "[]"):
        while text.count(opening) > text.count(closing):
            text = text[: text.rindex(opening)].rstrip() + "…"
    return text


def _advice(model: nn.Module, *, is_shaped: bool) -> str:
    """What to say instead: with a shape for each input, as far as the first layers tell."""
    names = _required(model)
    if len(names) == 1:
        return "mend that, or give another --input-shape, or --data" if is_shaped else "give --input-shape or --data"
    shapes = list(islice(_layer_inputs.first_shapes(model), len(names)))
    shapes += [(1,)] * (len(names) - len(shapes))
    options = " ".join(f"--input-shape {'x'.join(map(str, shape)) or 1}" for shape in shapes)
    return f"give --data, or a shape for each of {', '.join(names)}, such as {options}"


def run_once(model: nn.Module, args: Sequence[Any], kwargs: dict[str, Any]) -> object:
    """One forward pass that leaves the model's buffers and torch's random numbers as they were."""
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    with torch.random.fork_rng(devices=[]), torch.no_grad(), placed(model), eager(model):
        try:
            return model(*args, **kwargs)
        finally:
            for buffer, before in buffers:
                buffer.copy_(before)


def placed(model: nn.Module) -> contextlib.AbstractContextManager[Any]:
    """What a model on meta makes while it runs is on meta too."""
    is_meta = any(parameter.is_meta for parameter in model.parameters())
    return torch.device("meta") if is_meta else contextlib.nullcontext()


def _candidates(model: nn.Module, shapes: Sequence[tuple[int, ...]], make: Maker) -> Iterator[Candidate]:
    names = _required(model)
    if shapes:
        yield from _of_shapes(model, shapes, make)
        return
    yield from _named_inputs.candidates(model, make)
    yield from _layer_inputs.candidates(model, names, make)


def _of_shapes(model: nn.Module, shapes: Sequence[tuple[int, ...]], make: Maker) -> Iterator[Candidate]:
    """Numbers and, where there is a table, ids, of the shapes that were given; ids first if the first layer is one."""
    text = " and ".join("x".join(map(str, shape)) or "one number each" for shape in shapes)
    rows = _layer_inputs.table_rows(model)
    numbers = Candidate(
        tuple(make.normal(shape) for shape in shapes), {}, f"{make.samples} standard-normal inputs ({text})"
    )
    if rows is None:
        yield numbers
        return
    limit = make.table_limit() or rows
    words = f"{make.samples} inputs of random ids below {limit} ({text})"
    ids = Candidate(tuple(make.ids(limit, shape) for shape in shapes), {}, words)
    yield from (numbers, ids) if make.table_limit() is None else (ids, numbers)


def _required(model: nn.Module) -> tuple[str, ...]:
    """Names of the inputs that forward cannot do without."""
    found = inspect.signature(model.forward).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = tuple(p.name for p in found if p.kind in kinds and p.default is inspect.Parameter.empty)
    return names or tuple(p.name for p in found)[:1] or ("input",)
