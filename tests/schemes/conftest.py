"""What a framework drew, against the law of a compatibility spelling and against our draw of it."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from fanin.schemes import moments, parse, sample
from fanin.values import Param


@pytest.fixture
def agree() -> Callable[[np.ndarray, str, Param], None]:
    """Assert that an array, stored as the parameter is, follows the expression's law: within 5 standard errors."""
    return _agree


def _agree(theirs: np.ndarray, expression: str, param: Param) -> None:
    law = moments(parse(expression), param)
    ours = sample(expression, param, dtype="float64").ravel()
    assert theirs.shape == param.shape
    theirs = theirs.astype(np.float64).ravel()
    rounding = 1e-6 * max(abs(law.mean), law.std)  # theirs is float32
    assert theirs.mean() == pytest.approx(law.mean, abs=5 * law.std / math.sqrt(theirs.size) + rounding)
    square = theirs**2
    error = square.std() / math.sqrt(theirs.size)
    assert square.mean() == pytest.approx(law.second_moment, abs=5 * error + rounding * law.std, rel=1e-6)
    assert theirs.min() >= law.low - 1e-6 * abs(law.low)
    assert theirs.max() <= law.high + 1e-6 * abs(law.high)
    if law.std == 0:
        assert np.allclose(theirs, ours, rtol=1e-6)
    else:
        assert stats.ks_2samp(ours, theirs).pvalue > 1e-3
