"""Inputs of which most never change.

## What it does
Counts the features that have one value in all samples. It only explains, since a batch may be small.

## Why is this bad?
A feature that never changes tells nothing, and its weights act as a bias; if most are so, the signal is smaller than
the weights are made for.

## How it is measured
dead: the share of features that are equal in all samples of the batch. Info above 0.9.

## Example
```python
x = np.zeros((64, 784)); x[:, :20] = np.random.randn(64, 20)
```

## Fix
Leave them out.

## References
LeCun, Bottou, Orr, Mueller 1998, Efficient BackProp, section 4.3.
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.values import Finding

CODE = "FAN503"
_MOST = 0.9


def check(case: Case) -> Iterator[Finding]:
    """One info for the batch."""
    share = case.value("input", "forward", "dead") or 0.0
    if share > _MOST:
        yield Finding(
            code=CODE,
            slug="constant-features",
            severity="info",
            layer="input",
            parameter=None,
            measured={"constant": share},
            expected={"constant": 0.0},
            message=f"{share:.0%} of the input's features have one value in all samples.",
            help="Leave them out, or look whether the batch is what it should be.",
        )


def sick() -> Case:
    """Nearly all."""
    return dense_case((784, 30, 10), "relu", {"input/forward": {"dead": 0.97}})


def healthy() -> Case:
    """Digits: the borders."""
    return dense_case((784, 30, 10), "relu", {"input/forward": {"dead": 0.3}})
