"""GET /api/options: what a page may ask for, and experiments to begin with."""

from functools import cache
from typing import Any, Final

from fanin import __version__
from fanin.lab.plan import DATA, presets
from fanin.lab.query import ARMS, LIMITS
from fanin.values.activation import names

_INITS: Final = (
    "rand",
    "randn",
    "0.01*randn",
    "randn/sqrt(n_in)",
    "uniform(-0.2, 0.2)",
    "xavier_uniform",
    "xavier_normal",
    "he_normal",
    "lecun_normal",
    "torch_default",
    "orthogonal",
    "zeros",
)

_PRESETS: Final = (
    {
        "name": "small-weights",
        "reference": "Karpathy and Johnson 2015, CS231n notes: 0.01 * randn, ten tanh layers",
        "query": {"init": ["0.01*randn"], "activation": "tanh", "depth": 10},
    },
    {
        "name": "large-weights",
        "reference": "Karpathy and Johnson 2015, CS231n notes: randn, ten tanh layers",
        "query": {"init": ["randn"], "activation": "tanh", "depth": 10},
    },
    {
        "name": "glorot",
        "reference": "Glorot and Bengio 2010, figures 6 and 7: the heuristic 1/sqrt(n) beside the normalized start",
        "query": {"init": ["torch_default", "xavier_uniform"], "activation": "tanh", "depth": 5},
    },
    {
        "name": "he",
        "reference": "He et al. 2015, arXiv:1502.01852, figure 3: thirty ReLU layers, Xavier beside He",
        "query": {"init": ["xavier_normal", "he_normal"], "activation": "relu", "depth": 30},
    },
    {
        "name": "sigmoid-rand",
        "reference": "np.random.rand in a sigmoid network: the mean of the weights, not their law, does the harm",
        "query": {"init": ["rand", "randn", "rand-0.5"], "activation": "sigmoid", "depth": 3},
    },
    {
        "name": "selu",
        "reference": "Klambauer et al. 2017, arXiv:1706.02515: self-normalizing layers under LeCun's rule",
        "query": {"init": ["lecun_normal", "he_normal"], "activation": "selu", "depth": 20},
    },
    {
        "name": "edge-of-chaos",
        "reference": "Schoenholz et al. 2017, arXiv:1611.01232: deep tanh layers with random biases",
        "query": {"init": ["randn/sqrt(n_in)"], "activation": "tanh", "depth": 50, "bias": "0.05*randn"},
    },
)


@cache
def options() -> dict[str, Any]:
    """Names, limits, presets and tasks."""
    return {
        "version": __version__,
        "activations": list(names()),
        "inits": list(_INITS),
        "arms": ARMS,
        "limits": {name: list(ends) for name, ends in LIMITS.items()},
        "propagate": list(_PRESETS),
        "tasks": [
            {
                "name": task.name,
                "title": task.title,
                "activation": task.activation,
                "inits": list(task.inits),
                "lr": task.lr,
                "epochs": task.epochs,
            }
            for task in presets().values()
        ],
        "data": list(DATA),
    }
