"""What a trial gave: a row per epoch, and how it ended."""

from dataclasses import dataclass
from typing import Literal

from fanin.values import Trial

REVISION = 1
"""Of everything that turns a trial into numbers. Raise it with any change after which a trial ends otherwise: a store
runs again what another revision has run."""

State = Literal["done", "diverged", "failed", "pending"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """One network at one time: 0 is before training, k is after k passes. What is not finite is None.

    Attributes:
        loss: mean over the training examples looked at, without the L2 term.
        train_accuracy, accuracy: share of training and test examples classified rightly; None where there are no
            classes.
        gradient: per layer, root mean square of the gradient of the loss to the weights, over a fixed probe batch.
        saturated: per layer, share of saturated activations over that batch.
        moved: per layer, |W - W0| / |W0| (Frobenius); None if W0 = 0.
        test_loss, validation_loss: mean over the test and the validation examples; None if not measured.
        validation_accuracy: share of the validation examples classified rightly.
    """

    epoch: int
    loss: float | None
    train_accuracy: float | None
    accuracy: float | None
    gradient: tuple[float | None, ...]
    saturated: tuple[float | None, ...]
    moved: tuple[float | None, ...]
    test_loss: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished trial. A diverged one ends with the epoch whose loss is not finite; a failed one carries its error."""

    trial: Trial
    state: State
    epochs: tuple[Epoch, ...] = ()
    error: str | None = None
    seconds: float = 0.0

    @property
    def final_accuracy(self) -> float | None:
        """Test accuracy of the last epoch; None if there is no epoch."""
        return self.epochs[-1].accuracy if self.epochs else None
