"""An LSTM that reads a sequence and answers at its end."""

from torch import Tensor, nn


class LastAnswer(nn.Module):
    """One LSTM layer, and a linear layer on its last state."""

    def __init__(self, inputs: int, width: int, outputs: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(inputs, width, batch_first=True)
        self.head = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Of sequences (n, steps, inputs), (n, outputs)."""
        states, _ = self.lstm(x)
        result: Tensor = self.head(states[:, -1])
        return result


def last_answer(width: int = 32) -> nn.Module:
    """From pairs of numbers, step by step, to one number."""
    return LastAnswer(2, width, 1)
