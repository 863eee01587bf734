"""The law of one layer's parameters: all that a prediction needs to know of them."""

import math
from dataclasses import dataclass

from fanin.errors import InputError
from fanin.values import Activation
from fanin.values.activation import activation


@dataclass(frozen=True, slots=True)
class LayerLaw:
    """A dense layer and the law of its parameters: a = activation(W x + b) with independent entries.

    Attributes:
        name: of its rows in the trace.
        fan_in, fan_out: numbers of inputs and units.
        activation: a name, or an Activation.
        weight_mean, weight_std: of one weight.
        bias_mean, bias_std: of one bias.

    Raises:
        InputError: a fan below 1, a negative std, or a number that is not finite.
        UnknownName: no activation has this name.
    """

    name: str
    fan_in: int
    fan_out: int
    activation: str | Activation
    weight_mean: float
    weight_std: float
    bias_mean: float = 0.0
    bias_std: float = 0.0

    def __post_init__(self) -> None:
        if self.fan_in < 1 or self.fan_out < 1:
            raise InputError(f"layer {self.name!r}: got fans {self.fan_in} and {self.fan_out}; expected at least 1")
        numbers = (self.weight_mean, self.weight_std, self.bias_mean, self.bias_std)
        if not all(math.isfinite(number * number) for number in numbers) or self.weight_std < 0 or self.bias_std < 0:
            raise InputError(
                f"layer {self.name!r}: got weight {numbers[:2]} and bias {numbers[2:]}; "
                "expected finite (mean, std) with finite squares, std >= 0"
            )
        _ = self.phi

    @property
    def phi(self) -> Activation:
        """The activation itself."""
        return activation(self.activation)
