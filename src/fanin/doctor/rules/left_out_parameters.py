"""Parameters that the model's own initialization, run again, does not write.

## What it does
Names the parameters that `init_weights` of a model of transformers leaves as they were.

## Why is this bad?
The constructor has given them values, so that a model built on a device starts well, if not as its authors meant. Built
on meta and then given memory, as large models are, or loaded from a checkpoint that lacks them, they hold what the
memory held: NaN, 1e37, or zeros that look well. And what is written to a weight that is computed from other tensors, as
by weight normalisation, is lost in any case: then the std that was meant is never drawn.

## How it is measured
Where a function builds the model, all parameters are filled with NaN, the marks of what has been initialised are taken
away, and `init_weights` is run: what is NaN afterwards it does not write. Warning for each. Only transformers promises
that this method writes everything; other models are not asked, since `reset_parameters` of plain modules is often meant
to leave what the constructor has set. Not of a trained network, whose values come from elsewhere.

## Example
```python
class Model(PreTrainedModel):
    def __init__(self, config):
        self.logit_scale = nn.Parameter(torch.tensor(2.6592))  # and nothing about it in _init_weights
```

## Fix
Write it in `_init_weights`: `init.constant_(module.logit_scale, 2.6592)`. Of a weight-normalised layer, write both
originals.

## References
transformers 5: `PreTrainedModel._init_weights`; huggingface/transformers#42309 (buffers that held memory).
"""

from collections.abc import Iterator

from fanin.doctor._case import Case
from fanin.doctor._example import dense_case
from fanin.values import Finding

CODE = "FAN801"


def check(case: Case) -> Iterator[Finding]:
    """One warning per parameter."""
    nodes = {path: node.name for node in reversed(case.graph.nodes) for path in node.params}
    for path in () if case.is_trained else case.left_out:
        is_computed = ".original" in path
        kept = "is made of other tensors, so that what is written to it is lost" if is_computed else "keeps its value"
        what = path.rpartition(".original")[0] if is_computed else path
        yield Finding(
            code=CODE,
            slug="left-out-parameters",
            severity="warning",
            layer=nodes.get(path),
            parameter=path,
            measured={"not_written": 1.0},
            expected={"not_written": 0.0},
            message=f"{what!r} {kept} when init_weights runs: built on meta, or absent from a checkpoint, "
            "it would be what the memory held.",
            help="Write it in _init_weights; of a weight-normalised layer, both originals.",
            fix=None,
        )


def sick() -> Case:
    """A scale that the constructor alone sets."""
    return dense_case((64, 64, 64, 10), "relu", {}, left_out=("2.weight",))


def healthy() -> Case:
    """The same network with trained weights."""
    return dense_case((64, 64, 64, 10), "relu", {}, left_out=("2.weight",), is_trained=True)
