"""A layer after which all samples, or all tokens, look alike.

## What it does
Follows how many directions the signal has, and how alike the tokens of one sample are.

## Why is this bad?
Where all answers point one way, what the layers above could tell apart is gone. Attention without skip connections does
this to tokens: each layer averages, and after a few all are their mean; the gradient to queries and keys vanishes.

## How it is measured
stable_rank: sum of the squared singular values of the pre-activations over the largest, each unit centred over the
batch. Warning if it falls from above 3 to below 1.2 within one layer of eight units and inputs or more: a deep stack
loses it slowly, and a bottleneck has no more to give. token_cosine: the mean cosine between the tokens of one sample.
Warning if it is above 0.95 at the end of the hidden layers where it was below 0.7.

## Example
```python
weights = np.outer(np.random.randn(64), np.random.randn(64))  # rank one
```

## Fix
Weights drawn around zero, independently; skip connections around attention.

## References
Dong, Cordonnier, Loukas 2021 (arXiv:2103.03404); Noci et al. 2022 (arXiv:2206.03126); Daneshmand et al. 2020
(arXiv:2003.01652).
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import case, dense_case, measured
from fanin.doctor._reference import fix
from fanin.values import Finding, Node

CODE = "FAN205"
_LOST, _FULL, _FEWEST = 1.2, 3.0, 8
_ALIKE, _APART = 0.95, 0.7


def check(case: Case) -> Iterator[Finding]:
    """One warning per layer where the rank is lost, and one where the tokens become one."""
    ranks = case.values("forward", "stable_rank")
    for layer, weight in case.hidden.items():
        before = ranks.get(next(iter(case.graph.by_name[layer].inputs), ""), 0.0)
        if case.value(layer, "weight", "distinct_rows") not in (None, 1.0):
            continue  # copies are for the rule on symmetric units
        if case.is_rare(layer):
            continue
        if (
            min(weight.size("out"), weight.fans.fan_in) >= _FEWEST
            and ranks.get(layer, _FULL) < _LOST
            and before > _FULL
        ):
            yield _of_samples(case, layer, before, ranks[layer])
    yield from _of_tokens(case)


def _of_samples(case: Case, layer: str, before: float, after: float) -> Finding:
    weight = case.weights[layer]
    return Finding(
        code=CODE,
        slug="collapsed-signal",
        severity="warning",
        layer=layer,
        parameter=weight.path,
        measured={"stable_rank": after, "before": before},
        expected={"stable_rank": before},
        message=f"Layer {layer}: the signal has a stable rank of {before:.3g} before and {after:.3g} behind it.",
        help="Draw the weights independently, around zero.",
        fix=fix(weight),
    )


def _of_tokens(case: Case) -> Iterator[Finding]:
    found = {name: value for name, value in case.values("forward", "token_cosine").items() if _is_judged(case, name)}
    if len(found) < 3 or next(iter(found.values())) > _APART:
        return
    last, value = list(found.items())[-1]
    if value > _ALIKE:
        first = next(name for name, cosine in found.items() if cosine > _ALIKE)
        yield Finding(
            code=CODE,
            slug="collapsed-signal",
            severity="warning",
            layer=first,
            parameter=None,
            measured={"token_cosine": value, "at_first": next(iter(found.values()))},
            expected={"token_cosine": 0.5},
            message=f"From {first} on, all tokens of a sample are alike: a mean cosine of {value:.3g} in {last}.",
            help="Skip connections around each attention keep the tokens apart.",
        )


def _is_judged(case: Case, name: str) -> bool:
    """Nonlinearities shift all units alike, and outputs may be few: signals before them, inside the network, count."""
    node = case.graph.by_name.get(name)
    return node is not None and node.activation == "linear" and not node.output


def _attention(cosines: tuple[float, ...]) -> Case:
    nodes = [Node(str(i), "product", "attention", (str(i - 1) if i else "input",)) for i in range(len(cosines))]
    return case(nodes, [row for i, c in enumerate(cosines) for row in measured(str(i), "forward", token_cosine=c)])


def sick() -> Case:
    """Attention without skip connections."""
    return _attention((0.1, 0.6, 0.97, 0.999, 1.0))


def healthy() -> Case:
    """Thirty-four layers of He's weights under ReLU lose it slowly."""
    ranks = {f"{i}/forward": {"stable_rank": 1 + 20 * 0.85**i} for i in range(1, 35)}
    return dense_case((128,) * 36, "relu", ranks)
