"""A reason as data: its code, and the values from which a sentence is made, here the English one."""

from collections.abc import Mapping
from dataclasses import dataclass

_SHIFT = (
    "(mean {mean:.3g}), so all units add their inputs up with one sign and answer alike: with {inputs:.0f} inputs of "
    "rms 1, signed as {activation} outputs are, the pre-activation is {z_mean:.3g} ± {z_std:.3g}. It is the mean that "
    "does the harm, not the shape of the distribution."
)
_LAYOUT = "If this array is stored {order}, it is a good start: say --layout {layout}."

ENGLISH: Mapping[str, str] = {
    "identical-units": "All weights are {mean:g}: every unit computes the same, gets the same gradient and stays a "
    "copy of its neighbours. Harmless only in a model with a single weight layer, where there is no symmetry to break.",
    "all-positive": f"Every weight is positive {_SHIFT}",
    "all-negative": f"Every weight is negative {_SHIFT}",
    "mostly-positive": f"The weights are on average positive {_SHIFT}",
    "mostly-negative": f"The weights are on average negative {_SHIFT}",
    "saturated": "The pre-activation is {z_mean:.3g} ± {z_std:.3g}: {share} of the outputs sit at the ends of "
    "{activation}, where it is flat, and those units hardly learn.",
    "too-small": "The std is {std:.3g}, {times:.3g} times smaller than the {wanted:.3g} of {scheme} for {inputs:.0f} "
    "inputs: fine for one layer, but in depth the signal shrinks at every one.",
    "too-large": "The std is {std:.3g}, {times:.3g} times larger than the {wanted:.3g} of {scheme} for {inputs:.0f} "
    "inputs.",
    "dead": "{share} of the units are off for every input, and a unit that is off gets no gradient.",
    "fits": "The std {std:.3g} fits {inputs:.0f} inputs: the pre-activation is {z_mean:.2g} ± {z_std:.3g}, where "
    "{activation} responds, and units differ.",
    "not-cut-off": "PyTorch's a and b are absolute values, not numbers of std: at this std nothing is cut off.",
    "no-stable-gain": "{reason}.",
    "gradient-shrinks": "At this scale each {activation} layer multiplies the gradient by {factor:.2g}: fine for one "
    "or two hidden layers, too little for many.",
    "grows-with-inputs": "This scale grows with the number of inputs: dividing by sqrt(1/n) multiplies by sqrt(n) = "
    "{factor:.3g}. `* sqrt(1/n)` (or `/ sqrt(n)`) was surely meant.",
    "variance-for-std": "The factor is a variance where a std belongs; its square root, {std:.3g}, was surely meant.",
    "no-layer-shape": "The text gives the shape {shape}, which is no dense layer's; this speaks of the weights of "
    "{units:.0f} units with {inputs:.0f} inputs. Give its size with --shape OUTxIN.",
    "sizes-unknown": "The line does not give both sizes of the layer; this speaks of {units:.0f} units with "
    "{inputs:.0f} inputs. Give them with --shape OUTxIN.",
    "stored-out-in": _LAYOUT.format(order="(out, in)", layout="oi"),
    "stored-in-out": _LAYOUT.format(order="(in, out)", layout="io"),
}
"""A sentence per code; the names in braces are the values that come with it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing to say of a layer's start.

    Attributes:
        code: a key of `ENGLISH`.
        values: numbers and names that the sentence needs; a share is a fraction.
    """

    code: str
    values: dict[str, float | str]

    def __str__(self) -> str:
        shown = {name: _percent(value) if name == "share" else value for name, value in self.values.items()}
        return ENGLISH[self.code].format(**shown)


def _percent(share: float | str) -> str:
    assert isinstance(share, float)
    return "over 99 %" if 0.99 < share < 1 else f"{share:.0%}".replace("%", " %")
