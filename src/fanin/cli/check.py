"""fanin check."""

import contextlib
import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from fanin.cli._arrays import read_batch
from fanin.cli._fix import fixed, outcome, ready
from fanin.cli._options import InputShape, common
from fanin.cli._output import emit, is_picture, text_format, writable
from fanin.cli._pages import pages_of
from fanin.cli._target import is_code, named, read_data, read_target, source
from fanin.errors import InputError, UnknownName
from fanin.values.param import Layout

_TYPED = ParameterSource.COMMANDLINE


@click.command()
@click.argument("target")
@click.option(
    "--activation",
    default="sigmoid",
    show_default=True,
    metavar="NAME",
    help="Nonlinearity of the hidden layers of arrays.",
)
@click.option(
    "--data",
    metavar="FILE",
    help="An .npz file with x and, for the loss, y; or file.py:function that returns a batch. Default: N(0, 1) inputs.",
)
@click.option(
    "--input-shape",
    type=InputShape(),
    multiple=True,
    help="Of one sample of a model's made-up input, such as 3x32x32; repeat for several inputs.",
)
@click.option(
    "--loss",
    metavar="NAME",
    help="What is trained for: cross_entropy, mse, bce, bce_with_logits, nll, quadratic, or file.py:function.",
)
@click.option("--optimizer", metavar="NAME", help="Such as adam or sgd.")
@click.option("--lr", type=float, help="Learning rate.")
@click.option(
    "--layout",
    type=click.Choice(["oi", "io"]),
    default="oi",
    show_default=True,
    help="Matrices are (out, in) or (in, out).",
)
@click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    help="Only these rules: FAN102, or FAN1 for a family; repeat or separate by commas.",
)
@click.option("--ignore", multiple=True, metavar="CODES", help="Not these rules; PATTERN:CODES for some layers.")
@click.option(
    "--fix",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Draw anew the weights at fault, check again, and write all to this .safetensors (or, of arrays, .npz).",
)
@common("text", "json", "html", "sarif", "github", "junit")
def command(
    target: str,
    activation: str,
    data: str | None,
    input_shape: tuple[tuple[int, ...], ...],
    loss: str | None,
    optimizer: str | None,
    lr: float | None,
    layout: Layout,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: Path | None,
    format_: str | None,
    out: Path | None,
    seed: int,
    quiet: bool,
) -> int:
    """Which layers of a network start badly, the principal cause first, and what to do.

    TARGET is a function that builds a model of PyTorch, path/file.py:function or package.module:function: it is your
    own code, and it is run. Or a file of arrays, .npz or .safetensors, in file order or with names such as 0.weight and
    0.bias: a matrix is a weight, a vector the bias of the weight before it. Exit code 1 if anything is found.

    \b
    fanin check model.py:build --data model.py:batch --loss cross_entropy
    fanin check net.npz --activation relu --data batch.npz
    """
    from fanin.checkup import check

    _verify(target, input_shape)
    _verify_names(_codes(select), _codes(ignore), loss, optimizer, lr)
    writable(out)
    if format_ is None and (out is None or not is_picture(out)):
        text_format(out)
    if fix is not None:
        ready(fix, is_model=is_code(target))
    model = read_target(target, quiet=quiet)
    with contextlib.redirect_stdout(sys.stderr):  # whatever the user's code prints
        report = check(
            model,
            _batch(target, data, quiet),
            activation=activation,
            loss=named(loss, "a function of (output, targets)", quiet=quiet) if loss and is_code(loss) else loss,
            layout=layout,
            optimizer=optimizer,
            lr=lr,
            input_shape=input_shape,
            select=_codes(select),
            ignore=_codes(ignore),
            seed=seed,
        )
        for note in () if quiet else report.notes:
            click.echo(f"fanin: {note}", err=True)
        if fix is not None:
            report = fixed(report, model, fix, seed)
            if not quiet:
                click.echo(f"fanin: {outcome(report, fix)}", err=True)
    document = report.to_json()
    document |= {"target": target, "rules": pages_of(document["findings"])} | source(target, model)
    emit(document, format_, out)
    return 0 if report.ok else 1


def _verify(target: str, input_shape: tuple[tuple[int, ...], ...]) -> None:
    """Refuses what the one kind of target has and the other has not.

    Raises:
        InputError: an option that would be ignored.
    """
    context = click.get_current_context()
    typed = {name for name in ("activation", "layout") if context.get_parameter_source(name) == _TYPED}
    if is_code(target) and typed:
        raise InputError(f"--{min(typed)} is for a file of arrays; a model knows its own")
    if not is_code(target) and input_shape:
        raise InputError("--input-shape is for a model; arrays have shapes")


def _verify_names(
    select: tuple[str, ...], ignore: tuple[str, ...], loss: str | None, optimizer: str | None, lr: float | None
) -> None:
    """Refuses what could be told only after the model has run.

    Raises:
        InputError: no learning rate.
        UnknownName: no such rule, loss or optimizer.
    """
    from fanin.checkup._training import training
    from fanin.doctor import all_rules

    for text in (*select, *(code.rpartition(":")[2] for code in ignore)):
        if not any(rule.code.startswith(text.upper()) or rule.slug == text for rule in all_rules()):
            raise UnknownName("rule", text, [r.code for r in all_rules()], [r.slug for r in all_rules()])
    training(None if loss and is_code(loss) else loss, optimizer, lr)


def _batch(target: str, data: str | None, quiet: bool) -> Any:
    if data is None:
        return None
    return read_data(data, quiet=quiet) if is_code(target) or is_code(data) else read_batch(Path(data))


def _codes(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())
