"""Documents as the verbs write them, made afresh with numpy."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

Document = dict[str, Any]

WIDTHS = (784, 30, 10)
SCHEMES = {
    "rand": lambda rng, o, i: rng.random((o, i)),
    "randn": lambda rng, o, i: rng.standard_normal((o, i)),
    "randn/sqrt(fan_in)": lambda rng, o, i: rng.standard_normal((o, i)) / np.sqrt(i),
    "xavier_uniform": lambda rng, o, i: rng.uniform(-1, 1, (o, i)) * np.sqrt(6 / (i + o)),
    "zeros": lambda rng, o, i: np.zeros((o, i)),
    "rand-0.5": lambda rng, o, i: rng.random((o, i)) - 0.5,
}
LEVELS = {"rand": 0.099, "randn": 0.951, "randn/sqrt(fan_in)": 0.957, "xavier_uniform": 0.9604, "zeros": 0.1135}


def histogram(values: Any, bins: int = 40) -> Document:
    counts, edges = np.histogram(values, bins)
    return {"edges": [float(e) for e in edges], "counts": [int(c) for c in counts]}


def explain_document(expression: str = "np.random.rand(30, 784)", verdict: str = "bad") -> Document:
    good = verdict == "good"
    return {
        "schema": "fanin.explain/1",
        "expression": expression,
        "scheme": "xavier_normal" if good else "rand",
        "shape": [30, 784],
        "layout": "oi",
        "activation": "sigmoid",
        "formula": "std = sqrt(2 / (fan_in + fan_out))" if good else "uniform on [0, 1)",
        "reference": "Glorot & Bengio 2010, AISTATS, eq. 16",
        "mean": 0.0 if good else 0.5,
        "std": 0.0496 if good else 0.288675,
        "recommended": {"scheme": "xavier_normal", "std": 0.0496},
        "ratio": 1.0 if good else 5.82,
        "preactivation": {"mean": 0.0 if good else 52.3, "std": 1.04 if good else 17.1},
        "saturated": 0.0 if good else 0.9981,
        "dead": 0.0,
        "forward_factor": 0.26 if good else 0.01,
        "backward_factor": 0.31 if good else 2.1e-6,
        "verdict": verdict,
        "reasons": []
        if good
        else [
            "Every weight is positive: with 784 positive inputs each unit receives about 52, where the sigmoid is flat",
            "Its slope there is below 1e-20, so the gradient that reaches the weights is nil and they do not change.",
        ],
        "spellings": {
            "numpy": "np.random.randn(30, 784) * np.sqrt(2 / (784 + 30))",
            "torch": "torch.nn.init.xavier_normal_(layer.weight)",
            "keras": "keras.initializers.GlorotNormal()",
            "jax": "jax.nn.initializers.glorot_normal()",
        },
    }


def sample_document(count: int = 20000) -> Document:
    rng = np.random.default_rng(1)
    samples = []
    for init, values, mean, std in (
        ("rand", rng.random(count), 0.5, 12**-0.5),
        ("randn", rng.standard_normal(count), 0.0, 1.0),
    ):
        counts = [10**k for k in range(1, 5)] + [count]
        samples.append(
            {
                "init": init,
                "count": count,
                "mean": float(values.mean()),
                "mean_se": float(values.std() / np.sqrt(count)),
                "std": float(values.std()),
                "std_se": float(values.std() / np.sqrt(2 * count)),
                "min": float(values.min()),
                "max": float(values.max()),
                "expected": {"mean": mean, "std": std},
                "histogram": histogram(values, 60),
                "convergence": [
                    {"count": n, "mean": float(values[:n].mean()), "std": float(values[:n].std())} for n in counts
                ],
            }
        )
    return {"schema": "fanin.sample/1", "samples": samples}


def propagate_document(depth: int = 10, width: int = 100) -> Document:
    arms = []
    for init, factor in (("0.01*randn", 0.01), ("randn/sqrt(fan_in)", width**-0.5), ("randn", 1.0)):
        rng = np.random.default_rng(2)
        signal, gradient, layers = rng.standard_normal((200, width)), factor * width**0.5, []
        for k in range(depth):
            signal = np.tanh(signal @ (factor * rng.standard_normal((width, width))))
            measured = {
                "mean": float(signal.mean()),
                "std": float(signal.std()),
                "saturated": float((abs(signal) > 0.98).mean()),
                "dead": 0.0,
                "gradient": float(min(1.0, gradient) ** (depth - k)),
            }
            layers.append(
                {
                    "layer": k + 1,
                    "measured": measured,
                    "predicted": measured | {"mean": 0.0, "std": measured["std"] * 1.01},
                    "stderr": {name: abs(value) * 0.02 for name, value in measured.items()},
                    "histogram": histogram(signal),
                }
            )
        arms.append({"init": init, "layers": layers})
    return {
        "schema": "fanin.propagate/1",
        "depth": depth,
        "width": width,
        "activation": "tanh",
        "batch": 200,
        "seed": 0,
        "arms": arms,
    }


def finding(code: str, slug: str, severity: str, **more: Any) -> Document:
    return {
        "code": code,
        "slug": slug,
        "severity": severity,
        "layer": "1",
        "parameter": "1.weight",
        "measured": {},
        "expected": {},
        "message": "",
        "help": "",
        "fix": None,
    } | more


def check_document() -> Document:
    return {
        "schema": "fanin.check/1",
        "target": "net.npz",
        "framework": "numpy",
        "verdict": "fail",
        "cause": "FAN102",
        "findings": [
            finding(
                "FAN301",
                "saturation",
                "warning",
                layer="2",
                parameter=None,
                measured={"saturated": 0.998},
                expected={"saturated": 0.02},
                message="99.8 % of the outputs of layer 2 lie where the sigmoid is flat.",
                help="It follows from the cause above; look again once that is cured.",
            ),
            finding(
                "FAN102",
                "non-zero-mean",
                "error",
                measured={"mean": 0.4998, "std": 0.2889},
                expected={"mean": 0.0, "std": 0.0357},
                message="The weights of layer 1 average 0.4998 and none is negative: every unit receives about 52.",
                help="Draw them around 0, with a spread that falls with the square root of the fan-in.",
                fix={
                    "scheme": "xavier_normal",
                    "std": 0.0496,
                    "snippet": {
                        "numpy": "np.random.randn(30, 784) * np.sqrt(2 / (784 + 30))",
                        "torch": "torch.nn.init.xavier_normal_(layer.weight)",
                    },
                },
            ),
        ],
        "layers": [
            {
                "name": str(k + 1),
                "op": "dense",
                "shape": [o, i],
                "fan_in": i,
                "fan_out": o,
                "activation": "sigmoid",
                "weight": {"mean": 0.4998, "std": 0.2889},
                "forward": {"mean": 0.999, "std": 0.002, "saturated": 0.998, "dead": 0.0},
                "backward": {"gradient": 3.1e-14},
                "predicted": {"std": 0.0019},
            }
            for k, (i, o) in enumerate(pairwise(WIDTHS))
        ],
    }


_BLOCK = (
    ("self_attn.in_proj", "dense", (1536, 512), "linear"),
    ("self_attn.out_proj", "dense", (512, 512), "linear"),
    ("linear1", "dense", (2048, 512), "gelu"),
    ("linear2", "dense", (512, 2048), "linear"),
)


def deep_check(layers: int = 300, *, factor: float = 1.0, sick: float = 0.0) -> Document:
    """A transformer of so many layers; `factor` per layer of signal and gradient, `sick` the share at fault."""
    rng = np.random.default_rng(5)
    names = [("embedding", "embedding", (5000, 512), "linear")]
    for k in range(layers - 2):
        name, *facts = _BLOCK[k % len(_BLOCK)]
        names.append((f"transformer.encoder.layers.{k // len(_BLOCK)}.{name}", *facts))  # type: ignore[arg-type]
    names.append(("head", "dense", (10, 512), "linear"))
    rows = [
        {
            "name": name,
            "op": op,
            "shape": list(shape),
            "fan_in": shape[1],
            "fan_out": shape[0],
            "activation": activation,
            "weight": {"mean": 1e-5 * rng.standard_normal(), "std": 0.044 * (1 + 0.01 * rng.standard_normal())},
            "forward": {"rms": factor**k * (1 + 0.1 * rng.random()), "std": factor**k * (1 + 0.1 * rng.random())},
            "backward": {"gradient": factor ** (layers - k) * (1 + 0.1 * rng.random())},
            "predicted": {},
        }
        for k, (name, op, shape, activation) in enumerate(names)
    ]
    faults = [
        finding(
            "FAN104",
            "off-scale-weights",
            "error",
            layer=row["name"],
            parameter=f"{row['name']}.weight",
            measured={"std": row["weight"]["std"], "ratio": 5.1},
            expected={"std": 0.0086, "ratio": 1.0},
            message=f"Layer {row['name']}: the weights' std is 5.1 times that of lecun_normal.",
            help="Divide by sqrt(fan_in).",
            fix={"scheme": "lecun_normal", "std": 0.0086, "snippet": {"torch": "nn.init.normal_(w, std=0.0086)"}},
        )
        for row in rows[: round(sick * layers)]
    ]
    return {
        "schema": "fanin.check/1",
        "target": "model.py:build",
        "data": "8 sequences of 16 random ids (no data given)",
        "framework": "torch",
        "verdict": "fail" if faults else "pass",
        "cause": "FAN104" if faults else None,
        "findings": faults,
        "layers": rows,
    }


def trial(init: str, seed: int, epochs: int) -> Document:
    rng = np.random.default_rng([seed, len(init)])
    level = LEVELS.get(init, 0.958) + 0.002 * rng.standard_normal()
    learns = level > 0.5
    rows = []
    for k in range(epochs + 1):
        grown = 1 - np.exp(-1.1 * k) - (0.04 * np.exp(-k / 6) if learns else 0)
        accuracy = float(np.clip(0.1 + (level - 0.1) * grown * learns + 0.002 * rng.standard_normal(), 0, 1))
        rows.append(
            {
                "epoch": k,
                "loss": float((1 - accuracy) ** 1.5 * 0.5 + 0.02) if init != "rand" else 4.5,
                "train_accuracy": min(1.0, accuracy * 1.01),
                "accuracy": accuracy,
                "gradient": [0.01 * 0.8**k * learns, 0.02 * 0.8**k],
                "saturated": [0.6 if init == "randn" else 0.0, 0.02] if init != "rand" else [1.0, 1.0],
                "moved": [None if init == "zeros" else 0.05 * k**0.5 * learns, 0.3 * k**0.5 * learns],
            }
        )
    return {
        "id": f"{seed:016x}",
        "seed": seed,
        "lr": 3.0,
        "planned": epochs,
        "state": "done",
        "error": None,
        "seconds": 1.9 + 0.1 * seed,
        "epochs": rows,
    }


def start(init: str) -> Document:
    rng = np.random.default_rng(7)
    signal, layers = rng.random((200, WIDTHS[0])) * (rng.random((200, WIDTHS[0])) < 0.2), []
    for k, (i, o) in enumerate(pairwise(WIDTHS)):
        weight = SCHEMES[init](rng, o, i)
        signal = 1 / (1 + np.exp(-(signal @ weight.T)))
        layers.append(
            {
                "layer": str(k + 1),
                "shape": [o, i],
                "weight": {
                    "mean": float(weight.mean()),
                    "std": float(weight.std()),
                    "histogram": histogram(weight),
                },
                "activation": {
                    "mean": float(signal.mean()),
                    "std": float(signal.std()),
                    "saturated": float((abs(signal - 0.5) > 0.49).mean()),
                    "dead": 0.0,
                    "histogram": histogram(signal),
                },
            }
        )
    return {"layers": layers}


def healthy_check() -> Document:
    return check_document() | {"verdict": "pass", "cause": None, "findings": []}


def study_document(epochs: int = 30, seeds: int = 3) -> Document:
    arms = []
    for init in SCHEMES:
        trials = [trial(init, seed, epochs) for seed in range(seeds)]
        final = [t["epochs"][-1]["accuracy"] for t in trials]
        learned = sum(value > 0.55 for value in final)
        sick = check_document()
        if init == "zeros":
            sick["cause"] = "FAN101"
            sick["findings"][1] |= {"code": "FAN101", "slug": "symmetric-units", "message": "All 30 units are equal."}
        arms.append(
            {
                "init": init,
                "cell": {},
                "lr": 3.0,
                "rates": [{"lr": 3.0, "validation": None, "learned": learned, "diverged": 0, "of": seeds}],
                "trials": trials,
                "theory": None,
                "notes": [],
                "summary": {
                    "final_accuracy": {
                        "mean": float(np.mean(final)),
                        "low": max(0.0, float(np.mean(final) - 2 * np.std(final))),
                        "high": min(1.0, float(np.mean(final) + 2 * np.std(final))),
                    },
                    "final_loss": None,
                    "epochs_to_20": 1 if learned else None,
                    "learned": learned,
                    "of": seeds,
                },
                "start": start(init),
                "check": sick if not learned else healthy_check(),
            }
        )
    return {
        "schema": "fanin.study/1",
        "task": "nielsen",
        "title": "Nielsen's network on handwritten digits",
        "data": {
            "name": "mnist-mini",
            "train": 6000,
            "validation": 0,
            "test": 1000,
            "classes": 10,
            "source": "the first 6,000 training and 1,000 test images of MNIST, embedded",
        },
        "settings": {
            "widths": list(WIDTHS),
            "activation": "sigmoid",
            "output": "sigmoid",
            "loss": "quadratic",
            "optimizer": "sgd",
            "epochs": epochs,
            "batch": 10,
            "lr": 3.0,
            "decay": 1.0,
            "l2": 0.0,
            "bias": "normal(0, 1)",
            "dtype": "float32",
        },
        "rates": [3.0],
        "metric": "accuracy",
        "rule": "final test accuracy at least half-way from the most frequent class's share to 100 %",
        "arms": arms,
        "comparisons": [
            {
                "cell": {},
                "better": "randn",
                "worse": "rand",
                "metric": "accuracy",
                "difference": {"mean": 0.8, "low": 0.78, "high": 0.83, "method": "t"},
                "seeds": seeds,
                "distinct": True,
            }
        ],
        "answer": "randn, randn/sqrt(fan_in), xavier_uniform and rand-0.5 learn; xavier_uniform ends highest, at "
        "96.0 %. rand and zeros do not: the mean of rand's weights is not 0 and saturates every unit, and all units of "
        "zeros are equal and stay so.",
        "reproduce": {
            "command": "fanin compare nielsen --init rand --init randn --init 'randn/sqrt(fan_in)' "
            "--init xavier_uniform --init zeros --init rand-0.5 --seeds 3",
            "fanin": "0.1.0",
            "python": "3.11.2",
            "numpy": "2.4.6",
            "platform": "Linux-6.1-x86_64",
        },
    }


BUILDERS = {
    "explain": explain_document,
    "sample": sample_document,
    "propagate": propagate_document,
    "check": check_document,
    "study": study_document,
}


SMALL: dict[str, Document] = {
    "explain": {},
    "check": {},
    "sample": {"count": 200},
    "propagate": {"depth": 3, "width": 8},
    "study": {"epochs": 2, "seeds": 2},
}


@pytest.fixture(params=sorted(BUILDERS))
def document(request: pytest.FixtureRequest) -> Document:
    """Each kind in turn, small."""
    return BUILDERS[request.param](**SMALL[request.param])


@pytest.fixture
def deep() -> Any:
    """The builder of deep models' checks."""
    return deep_check


@pytest.fixture
def build() -> dict[str, Any]:
    """The builders, by kind."""
    return BUILDERS
