"""What a scheme does to one layer, in numbers and in plain words.

The inputs are taken to have rms 1 and the sign balance that the activation's own outputs have: centred for tanh,
positive for ReLU and sigmoid. With zero-mean weights the pre-activation then has std sqrt(fan_in)·std, as in every
textbook.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from fanin.explanation._layer import Layer, measure
from fanin.explanation._pasted import LONGEST, Pasted, pasted
from fanin.explanation._reason import ENGLISH, Reason
from fanin.explanation._reasons import Verdict, judge
from fanin.schemes import FOUNDING_SHAPE, Expression, dense_shape, read, spellings
from fanin.values import Activation, Scheme, codec
from fanin.values.activation import Elementwise
from fanin.values.activation import activation as activation_of
from fanin.values.param import Layout, dense

__all__ = ["ENGLISH", "LONGEST", "Explanation", "Reason", "explain", "explained"]

_LAWS = {"normal": "N(0, 1)", "uniform": "U[-1, 1)"}


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """The answer of `explain`.

    Attributes:
        scheme, formula, reference: what was read; formula is loc + scale · law.
        mean, std: of a weight.
        recommended: scheme and std to use instead. ratio: std over the recommended std.
        preactivation: mean and std of z over units and inputs of rms 1.
        saturated: share of outputs within 1 % of a bound. dead: share of units that are off for all inputs.
        forward_factor: rms out over rms in. backward_factor: sqrt(fan_in·E[w²]·E[phi'(z)²]), the gradient's per layer.
        verdict, reasons: the judgement, and why, for a student.
        spellings: code to write instead, per framework.
    """

    expression: str
    scheme: str
    formula: str
    reference: str
    shape: tuple[int, ...]
    layout: Layout
    activation: str
    mean: float
    std: float
    recommended: dict[str, Any]
    ratio: float
    preactivation: dict[str, float]
    saturated: float
    dead: float
    forward_factor: float
    backward_factor: float
    verdict: Verdict
    reasons: tuple[str, ...]
    spellings: dict[str, str]

    def __str__(self) -> str:
        return f"{self.expression}: {self.verdict}. {' '.join(self.reasons)}"

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """The document `fanin.explain/1`."""
        return {"schema": "fanin.explain/1", **codec.encode(self)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The explanation that `to_json` wrote."""
        return codec.decode(cls, {key: value for key, value in data.items() if key != "schema"})


def explain(
    expression: str,
    shape: tuple[int, int] | None = None,
    activation: str | Activation | Elementwise = "sigmoid",
    layout: Layout = "oi",
) -> Explanation:
    """What a scheme, as named or as typed in NumPy, does to a dense layer.

    Args:
        expression: `rand`, `np.random.randn(30, 784) / np.sqrt(784)`, `he_normal(mode='fan_out')`, ...; or a line of
            PyTorch or Keras with its layer: `nn.Linear(784, 30); nn.init.normal_(layer.weight, std=0.02)`,
            `Dense(30, activation="relu", input_shape=(784,))`.
        shape: (out, in); else the shape in the expression, else (30, 784).
        activation: what consumes the layer's output, unless the line says.
        layout: how a shape inside the expression is meant: oi = (out, in), io = (in, out).

    Raises:
        ExpressionError: the text is not understood, with the column.
        InputError: a shape without two sizes, or numbers that are not finite.

    Example:
        >>> explain("rand").verdict, explain("randn / sqrt(n_in)").verdict
        ('bad', 'good')
    """
    return explained(expression, shape, activation, layout)[0]


def explained(
    expression: str,
    shape: tuple[int, int] | None = None,
    activation: str | Activation | Elementwise = "sigmoid",
    layout: Layout = "oi",
) -> tuple[Explanation, tuple[Reason, ...]]:
    """What `explain` answers, and its reasons as codes with values, for who writes them in another language."""
    line = pasted(expression) or Pasted(expression)
    layout = line.layout or layout
    text = read(line.init, layout)
    layout = text.layout or layout
    is_sized = line.is_sized or shape is not None or text.shape is not None
    given = shape or (line.shape if line.is_sized or text.shape is None else None)
    size = dense_shape(text, given, layout)
    param = dense("weight", size if layout == "oi" else size[::-1], layout)
    layer = measure(text.scheme, param, activation_of(line.activation or activation))
    verdict, reasons = judge(layer)
    if not is_sized:
        reasons += (Reason("sizes-unknown", {"units": float(size[0]), "inputs": float(size[1])}),)
    reasons += tuple(_misread(text, layer, verdict, given))
    found = Explanation(
        expression=expression,
        scheme=text.scheme.name,
        formula=_formula(text.scheme),
        reference=text.scheme.reference,
        shape=(param.size("out"), param.size("in")),
        layout=layout,
        activation=layer.phi.name,
        mean=layer.mean,
        std=layer.std,
        recommended={"scheme": layer.better.name, "std": layer.wanted},
        ratio=layer.std / layer.wanted,
        preactivation={"mean": layer.z_mean, "std": layer.z_std},
        saturated=layer.saturated,
        dead=layer.dead,
        forward_factor=layer.forward,
        backward_factor=layer.backward,
        verdict=verdict,
        reasons=tuple(map(str, reasons)),
        spellings=spellings(layer.better, param),
    )
    return found, reasons


def _misread(text: Expression, layer: Layer, verdict: Verdict, shape: tuple[int, int] | None) -> Iterator[Reason]:
    """What to say if the shape in the text is no layer's, or if the text makes more sense the other way round."""
    if shape is not None or text.shape is None:
        return
    if len(text.shape) != 2:
        units, inputs = map(float, FOUNDING_SHAPE)
        yield Reason("no-layer-shape", {"shape": str(text.shape), "units": units, "inputs": inputs})
    elif verdict != "good":
        stored = layer.param.axes[0] == "in"
        turned = dense("weight", layer.param.shape, "oi" if stored else "io")
        if judge(measure(text.scheme, turned, layer.phi))[0] == "good":
            yield Reason("stored-out-in" if stored else "stored-in-out", {})


def _formula(scheme: Scheme) -> str:
    arguments = ", ".join(f"{key}={value:g}" for key, value in scheme.law.arguments)
    law = f"{scheme.law.name}({arguments})" if arguments else _LAWS.get(scheme.law.name, scheme.law.name)
    if scheme.law.name == "constant":
        return scheme.loc
    scaled = law if scheme.scale == "1" else f"{scheme.scale} * {law}"
    return scaled if scheme.loc == "0" else f"{scheme.loc} + {scaled}"
