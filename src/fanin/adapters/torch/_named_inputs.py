"""Inputs that a model's configuration describes, under the names that `transformers` has for them."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from fanin.adapters.torch._maker import Candidate, Maker


def candidates(model: nn.Module, make: Maker) -> Iterator[Candidate]:
    """All inputs that forward names and the configuration describes; then fewer; last the main one alone."""
    config = getattr(model, "config", None)
    main = getattr(model, "main_input_name", None)
    if config is None or not isinstance(main, str):
        return
    given = inspect.signature(model.forward).parameters.values()
    named = {p.name for p in given} | ({main} if any(p.kind == p.VAR_KEYWORD for p in given) else set())
    known = [name for name in _MADE_BY if name in named]
    for names in dict.fromkeys((tuple(known), tuple(n for n in known if n in (main, "decoder_input_ids")), (main,))):
        for variant in range(_VARIANTS):
            made = {name: tensor for name in names if (tensor := _make(name, config, make, variant)) is not None}
            if main in made:
                yield Candidate((), made, f"{make.samples} samples of {_words(made)}, by its configuration")


def _make(name: str, config: Any, make: Maker, variant: int) -> Tensor | None:
    """An input by its name; None where the configuration does not say."""
    makers = _MADE_BY.get(name, ())
    for maker in dict.fromkeys((*makers[variant : variant + 1], *makers[:1])):
        try:
            return maker(_Sizes(config), make)
        except AttributeError:  # the configuration does not say
            continue
    return None


def _words(made: Mapping[str, Tensor]) -> str:
    return " and ".join(f"{name} {'x'.join(map(str, tensor.shape[1:]))}" for name, tensor in made.items())


class _Sizes:
    """Looks a size up in a configuration and in the configurations inside it."""

    def __init__(self, config: Any) -> None:
        inner = [value for value in vars(config).values() if hasattr(value, "to_dict")]
        self.configs = [config, *inner]

    def first(self, *names: str) -> Any:
        """The value of the first name that any configuration has."""
        for name in names:
            for config in self.configs:
                value = getattr(config, name, None)
                if value is not None:
                    return value
        raise AttributeError(names[0])

    def get(self, default: Any, *names: str) -> Any:
        """The same, or a default."""
        try:
            return self.first(*names)
        except AttributeError:
            return default


def _ids(sizes: _Sizes, make: Maker, time: int = 12) -> Tensor:
    return make.ids(sizes.first("vocab_size"), (time,))


def _ids_with_image(sizes: _Sizes, make: Maker) -> Tensor:
    """Ids that begin with the places where an image's patches go."""
    token = sizes.first("image_token_index", "image_token_id")
    ids = make.ids(token, (_patches(sizes) + 4,))
    ids[:, : _patches(sizes)] = token
    return ids


def _patches(sizes: _Sizes) -> int:
    return int((sizes.first("image_size") // sizes.first("patch_size")) ** 2)


def _image(sizes: _Sizes) -> tuple[int, int, int]:
    side = sizes.get(64, "image_size", "input_size")
    height, width = (side, side) if isinstance(side, int) else tuple(side)[-2:]
    return (sizes.get(3, "num_channels", "in_channels", "in_chans"), height, width)


def _video(sizes: _Sizes, make: Maker) -> Tensor:
    return make.normal((sizes.first("num_frames"), *_image(sizes)))


def _bins(sizes: _Sizes) -> int:
    return int(sizes.first("num_mel_bins", "input_feat_per_channel", "feature_projection_input_dim", "feature_size"))


def _spectrum(sizes: _Sizes, make: Maker) -> Tensor:
    return make.normal((_bins(sizes), 2 * sizes.first("max_source_positions")))


def _frames(sizes: _Sizes, make: Maker) -> Tensor:
    return make.normal((sizes.get(100, "max_length"), _bins(sizes)))


def _spectrogram(sizes: _Sizes, make: Maker) -> Tensor:
    return make.normal((1, sizes.first("spec_size"), _bins(sizes)))


def _series(sizes: _Sizes, make: Maker) -> Tensor:
    return make.normal((sizes.first("context_length"), sizes.first("num_input_channels", "input_size")))


_MADE_BY: Mapping[str, tuple[Callable[[_Sizes, Maker], Tensor], ...]] = {
    "input_ids": (_ids, _ids_with_image, lambda sizes, make: _ids(sizes, make, 16)),
    "decoder_input_ids": (_ids,),
    "pixel_values": (lambda sizes, make: make.normal(_image(sizes)), _video),
    "input_features": (_spectrum, _frames, _spectrogram),
    "input_values": (lambda sizes, make: make.normal((4000,)), _frames),
    "past_values": (_series,),
    "inputs": (lambda sizes, make: make.normal((12, sizes.first("d_model"))), _ids),
}
"""Input to the ways in which it is made, tried in turn."""
_VARIANTS = 3
