"""check_scheme fails what claims too much, what is refused everywhere, and what is not drawn as its law says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from fanin import schemes
from fanin.errors import InputError
from fanin.schemes import find, variant
from fanin.testing import ContractError, check_scheme
from fanin.values import Scheme


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scale": "sqrt(1.9 / fan_in)"}, "second moment claimed"),
        ({"loc": "0.001"}, "mean claimed"),
        ({"claims": None}, "claims its moments"),
        ({"reference": ""}, "a reference"),
    ],
)
def test_a_false_claim(change: dict[str, str | None], message: str) -> None:
    @variant("wrong")
    def wrong() -> Scheme:
        """He's, but."""
        return replace(find("he_normal")(), **change)

    with pytest.raises(ContractError, match=message):
        check_scheme(wrong)


def test_a_scheme_that_fits_no_parameter() -> None:
    @variant("nowhere")
    def nowhere() -> Scheme:
        """Of a fan that no parameter has."""
        return replace(find("he_normal")(), scale="sqrt(2 / fan_sideways)")

    with pytest.raises((ContractError, InputError), match=r"accepts a parameter|fan_sideways"):
        check_scheme(nowhere)


def _repeated(values: np.ndarray) -> np.ndarray:
    return np.repeat(values.ravel()[::2], 2)[: values.size].reshape(values.shape)


def _uniform(values: np.ndarray) -> np.ndarray:
    std = np.sqrt(np.mean(values**2))
    return std * np.sqrt(3) * (2 * ndtr(values / std) - 1)


@pytest.mark.parametrize(("spoil", "message"), [(_repeated, "correlation"), (_uniform, "distribution")])
def test_draws_that_are_not_the_law(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[np.ndarray], np.ndarray], message: str
) -> None:
    """Moments alone would pass both: neighbours that are equal, and another law of the same variance."""
    honest = schemes.sample

    def spoiled(*args: Any, dtype: str = "float32", **arguments: Any) -> np.ndarray:
        values = honest(*args, dtype="float64", **arguments)
        return (spoil(values) if values.size else values).astype(dtype)

    monkeypatch.setattr(schemes, "sample", spoiled)
    with pytest.raises(ContractError, match=message):
        check_scheme(find("he_normal"))
