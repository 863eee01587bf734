"""fanin init."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fanin.cli._options import InputShape, common
from fanin.cli._output import beside, say, writable
from fanin.cli._target import is_code, read_target
from fanin.errors import InputError

if TYPE_CHECKING:
    from fanin.checkup import Built
    from fanin.values.plan import Plan

_FILES = {".toml": "toml", ".json": "json"}


@click.command()
@click.argument("target")
@click.option(
    "--recipe",
    default="signal",
    show_default=True,
    metavar="NAME|FILE",
    help="What decides; a .toml file with recipe and a table overrides (PATTERN = SCHEME), or a plan as .json.",
)
@click.option(
    "--input-shape",
    "shapes",
    type=InputShape(),
    multiple=True,
    help="Of one sample, such as 3x32x32; once for each input.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan and write nothing.")
@common("text", "json")
def command(
    target: str,
    recipe: str,
    shapes: tuple[tuple[int, ...], ...],
    dry_run: bool,
    format_: str | None,
    out: Path | None,
    seed: int,
    quiet: bool,
) -> int:
    """Give every weight of a model a good start, and write it as .safetensors.

    TARGET is path/file.py:factory or package.module:factory, a function that returns a PyTorch model; it is run. The
    plan is printed first: a scheme for every parameter, and why. The same seed gives the same weights, whatever else is
    in the model.

    \b
    fanin init model.py:build --dry-run
    fanin init model.py:build --recipe gpt2 --seed 1 -o weights.safetensors
    """
    _check(target, out, dry_run)
    built = _build(target, seed, quiet)
    plan, result = _plan(built, recipe, shapes), None
    if format_ != "json":
        say(str(plan), None)
    if out is not None and not dry_run:
        result = _write(built.model, plan, seed, out)
        if format_ != "json":
            say(f"\n{out}: {result}", None)
    if format_ == "json":
        document = {"schema": "fanin.init/1", "target": target, "out": None if result is None else str(out)}
        receipt = None if result is None else result.to_json()
        say(json.dumps(document | {"plan": plan.to_json(), "receipt": receipt}, indent=2, allow_nan=False), None)
    return 0


def _check(target: str, out: Path | None, dry_run: bool) -> None:
    """Complain before long work."""
    if not is_code(target):
        raise InputError(f"{target!r} names no code; expected path/file.py:factory, a function that returns a model")
    if out is None and not dry_run:
        raise InputError("nowhere to write to: say -o OUT.safetensors, or --dry-run to see the plan alone")
    if out is not None and out.suffix != ".safetensors":
        raise InputError(f"--out {str(out)!r}: weights are written as .safetensors")
    writable(out)


def _build(target: str, seed: int, quiet: bool) -> "Built":
    from fanin.adapters import framework_of
    from fanin.checkup import Built, build

    found = read_target(target, quiet=quiet)
    framework = framework_of(found)
    if framework is not None:
        return Built(framework, found)
    if not callable(found):
        raise InputError(f"{target!r} is a {type(found).__name__}; expected a model, or a function that returns one")
    return build(found, seed)


def _plan(built: "Built", recipe: str, shapes: tuple[tuple[int, ...], ...]) -> "Plan":
    from fanin.apply import plan
    from fanin.assign import read

    path, overrides = Path(recipe), dict[str, str]()
    name: str | Plan = recipe
    if path.suffix in _FILES:
        if not path.is_file():
            raise InputError(f"--recipe {recipe!r}: no such file")
        name, overrides = read(path.read_text("utf-8", "replace"), _FILES[path.suffix])
    return plan(built.model, name, inputs=_inputs(built.batch), input_shape=shapes, overrides=overrides)


def _inputs(batch: Any) -> Any:
    """Of (inputs, targets), the inputs."""
    return batch[0] if isinstance(batch, tuple) and len(batch) == 2 else batch


def _write(model: Any, plan: "Plan", seed: int, out: Path) -> Any:
    """Apply the plan and save the model; the file appears whole or not at all."""
    from fanin.apply import apply_, save

    receipt = apply_(plan, model, seed=seed)
    try:
        with beside(out.resolve()) as temporary:
            save(model, temporary, receipt)
    except OSError as error:
        raise InputError(f"cannot write {str(out)!r}: {error.strerror}; nothing was written") from None
    return receipt
