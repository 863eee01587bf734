"""Small networks in torch that the tests share, and a look at what was traced of them."""

from collections.abc import Callable
from types import MethodType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from fanin.adapters.torch import Traced, trace
from fanin.values import Param


class Written(nn.Module):
    """A network that is a function of its parameters and modules: `Written(lambda m, x: x @ m.w, w=tensor)`."""

    def __init__(self, function: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.forward = MethodType(function, self)
        for name, part in parts.items():
            setattr(self, name, nn.Parameter(part) if isinstance(part, Tensor) else part)


class BasicBlock(nn.Module):
    """Of a ResNet: two convolutions with norms, and a shortcut that is the identity where it can be."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        fits = stride == 1 and inputs == outputs
        self.down = nn.Identity() if fits else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(self.bn1(self.conv1(x)))
        h = self.bn2(self.conv2(h))
        h += self.down(x)
        return torch.relu_(h)


@pytest.fixture
def written() -> type[Written]:
    return Written


@pytest.fixture
def basic_block() -> type[BasicBlock]:
    return BasicBlock


@pytest.fixture
def traced() -> Callable[..., Traced]:
    """Traces a model on inputs."""
    return lambda model, *inputs, **named: trace(model, lambda: model(*inputs, **named))


@pytest.fixture
def params_of(traced: Callable[..., Traced]) -> Callable[..., dict[str, Param]]:
    """The parameters of a model by their paths."""
    return lambda model, *inputs: {param.path: param for param in traced(model, *inputs).params}
