"""Every public initializer of torch.nn.init, keras.initializers and jax.nn.initializers has a spelling, or a reason."""

import os
from types import ModuleType

import pytest

from fanin.schemes import find, sample

EXCLUDED = {
    "torch": {"calculate_gain": "a number, not an initializer: fanin.gain"},
    "keras": {
        "Initializer": "the base class",
        "deserialize": "reads a configuration",
        "get": "finds an initializer by name",
        "serialize": "writes a configuration",
        "STFT": "fixed filters of an audio layer, not weights to learn",
        "STFTInitializer": "alias of STFT",
        "stft": "alias of STFT",
    },
    "jax": {"Initializer": "a type"},
}
OTHER_MEANINGS = {
    "torch": {"kaiming_normal_", "kaiming_uniform_", "xavier_normal_", "xavier_uniform_", "uniform_", "trunc_normal_",
              "orthogonal_", "sparse_", "kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform",
              "uniform", "orthogonal", "sparse"},
    "keras": {"GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "RandomNormal",
              "RandomUniform", "TruncatedNormal", "VarianceScaling", "Orthogonal", "OrthogonalInitializer", "Constant"},
    "jax": {"delta_orthogonal", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "kaiming_normal",
            "kaiming_uniform", "lecun_normal", "lecun_uniform", "normal", "orthogonal", "truncated_normal", "uniform",
            "variance_scaling", "xavier_normal", "xavier_uniform"},
}  # fmt: skip
"""Names under which the framework's law, or its default, is not that of the plain name here."""


def initializers(framework: str) -> ModuleType:
    os.environ.setdefault("KERAS_BACKEND", "jax")
    found: ModuleType = pytest.importorskip(
        {"torch": "torch.nn.init", "keras": "keras", "jax": "jax.nn.initializers"}[framework],
        reason=f"{framework} is not installed",
    )
    return found.initializers if framework == "keras" else found


@pytest.mark.parametrize("framework", EXCLUDED)
def test_every_name_has_a_spelling(framework: str) -> None:
    module = initializers(framework)
    public = set(getattr(module, "__all__", None) or (name for name in dir(module) if not name.startswith("_")))
    assert set(EXCLUDED[framework]) <= public
    for name in public - set(EXCLUDED[framework]):
        item = find(f"{framework}:{name}")
        if name in OTHER_MEANINGS[framework]:
            assert f"{framework}:" in f"{item.name} {item.aliases}", name
        scheme = item(**{key: 0.25 for key, default in item.defaults.items() if default is None})
        assert sample(scheme, (8, 8)).shape == (8, 8)
