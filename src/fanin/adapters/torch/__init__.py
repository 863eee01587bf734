"""PyTorch: what a module is made of and how it is executed, and its signals.

_trace       runs a model and sees every torch function: its graph
_seeing      what each call does to the graph; _operations is the table of functions, one line each
_record      the nodes so far, what each tensor is, how each parameter was used
_params      every parameter with its role
_inputs      sample inputs, where nobody gives some
_measure     what a batch does in it, forward and backward
"""

from typing import Any

from torch import nn

from fanin.adapters.torch._build import build
from fanin.adapters.torch._calibrate import scale_, spread
from fanin.adapters.torch._company import Company
from fanin.adapters.torch._describe import called_with, describe
from fanin.adapters.torch._inputs import placed, sample_inputs
from fanin.adapters.torch._make import make, model_inputs, seeded, takes
from fanin.adapters.torch._measure import measure
from fanin.adapters.torch._names import buffers, parameters, ties
from fanin.adapters.torch._outputs import outputs_of
from fanin.adapters.torch._record import Watch
from fanin.adapters.torch._trace import Traced, trace
from fanin.adapters.torch._train import Course, company_of, one_thread, train
from fanin.adapters.torch._write import adopt, array, materialise, save, shapes

__all__ = [
    "Company",
    "Course",
    "Traced",
    "Watch",
    "adopt",
    "array",
    "buffers",
    "build",
    "called_with",
    "company_of",
    "describe",
    "is_model",
    "make",
    "materialise",
    "measure",
    "model_inputs",
    "one_thread",
    "outputs_of",
    "parameters",
    "placed",
    "sample_inputs",
    "save",
    "scale_",
    "seeded",
    "shapes",
    "spread",
    "takes",
    "ties",
    "trace",
    "train",
]


def is_model(value: Any) -> bool:
    """Whether this is a network of torch."""
    return isinstance(value, nn.Module)
