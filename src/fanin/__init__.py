"""fanin: neural-network weight initialization.

Gives every weight a good start, proves it, and says why a network that won't learn doesn't.

    import fanin

    fanin.explain("np.random.rand")                     # what an initialization does to a layer
    fanin.sample("he_normal", (256, 784), seed=1)       # reproducible weights
    fanin.check((weights, biases), x, activation="relu")  # which layers start badly, and why
    fanin.init_(model, seed=0)                          # a good start for every parameter
    fanin.compare("nielsen", init=["rand", "randn"])    # train under each, several seeds

Names are loaded when they are first used, so that importing fanin takes nothing heavy.
"""

import importlib
from typing import TYPE_CHECKING, Any

from fanin._version import __version__
from fanin.errors import FaninError

if TYPE_CHECKING:
    from fanin.apply import init_, plan
    from fanin.checkup import Report, check
    from fanin.description import describe
    from fanin.explanation import Explanation, explain
    from fanin.propagation import propagate
    from fanin.sampling import Stream
    from fanin.schemes import catalogue, parse, recommended, sample
    from fanin.study import Study, compare
    from fanin.theory import Gains, gain, gains, predict
    from fanin.values import Activation, Finding, Param, Scheme, Trace, Trial
    from fanin.values.plan import Plan, Receipt

_LAZY = {
    "Activation": "values",
    "Explanation": "explanation",
    "Finding": "values",
    "Gains": "theory",
    "Param": "values",
    "Plan": "values.plan",
    "Receipt": "values.plan",
    "Report": "checkup",
    "Scheme": "values",
    "Stream": "sampling",
    "Study": "study",
    "Trace": "values",
    "Trial": "values",
    "catalogue": "schemes",
    "check": "checkup",
    "compare": "study",
    "describe": "description",
    "explain": "explanation",
    "gain": "theory",
    "gains": "theory",
    "init_": "apply",
    "parse": "schemes",
    "plan": "apply",
    "predict": "theory",
    "propagate": "propagation",
    "recommended": "schemes",
    "sample": "schemes",
}

__all__ = [
    "Activation",
    "Explanation",
    "FaninError",
    "Finding",
    "Gains",
    "Param",
    "Plan",
    "Receipt",
    "Report",
    "Scheme",
    "Stream",
    "Study",
    "Trace",
    "Trial",
    "__version__",
    "catalogue",
    "check",
    "compare",
    "describe",
    "explain",
    "gain",
    "gains",
    "init_",
    "parse",
    "plan",
    "predict",
    "propagate",
    "recommended",
    "sample",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'fanin' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"fanin.{_LAZY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
