"""One feature in other units than the rest, so that it alone is seen.

## What it does
Looks how the variance of the inputs is shared between the features.

## Why is this bad?
An income in euros beside an age in decades: the first layer's units answer to the income alone, and the gradient to its
weights is larger by the square of the ratio, so that no learning rate suits both.

## How it is measured
feature_share: the largest feature's part of the variance, summed over all. Error above 0.99, warning above 0.9, of
eight features that vary, or more, in eight samples or more. A batch norm in front makes up for it. Features are counted
from 0, along the flattened sample.

## Example
```python
x = np.column_stack([income, age, *others])  # 45000, 3.7, ...
```

## Fix
`x = (x - x.mean(0)) / x.std(0)`.

## References
LeCun, Bottou, Orr, Mueller 1998, Efficient BackProp, section 4.3.
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.values import Finding, Severity
from fanin.values.trace import Statistic

CODE = "FAN502"
_ERROR, _WARNING, _FEWEST = 0.99, 0.9, 8
_MEASURED: tuple[Statistic, ...] = ("feature_share", "feature", "features")


def check(case: Case) -> Iterator[Finding]:
    """One finding for the batch."""
    share, feature, count = (case.value("input", "forward", name) or 0.0 for name in _MEASURED)
    readers = case.graph.readers.get("input", ())
    is_scaled = bool(readers) and all(node.op == "batch_norm" for node in readers)
    if share > _WARNING and count >= _FEWEST and not is_scaled:
        severity: Severity = "error" if share > _ERROR else "warning"
        yield Finding(
            code=CODE,
            slug="dominant-feature",
            severity=severity,
            layer="input",
            parameter=None,
            measured={"feature_share": share, "feature": feature},
            expected={"feature_share": 1 / count},
            message=f"Feature {feature:.0f} alone has {share:.1%} of the inputs' variance: the first layer sees little "
            "else.",
            help="Standardise each feature to mean 0 and std 1, and leave the weights alone.",
        )


def _table(share: float) -> Case:
    return dense_case((16, 32, 2), "relu", {"input/forward": dict(zip(_MEASURED, (share, 3.0, 16.0), strict=True))})


def sick() -> Case:
    """Incomes beside ages."""
    return _table(0.9999)


def healthy() -> Case:
    """All alike."""
    return _table(1 / 16)
