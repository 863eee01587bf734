"""fanin propagate."""

from pathlib import Path

import click

from fanin.cli._options import common
from fanin.cli._output import emit


@click.command()
@click.argument("expressions", nargs=-1, required=True, metavar="EXPR...")
@click.option("--depth", type=click.IntRange(1, 1000), default=10, show_default=True, help="Number of layers.")
@click.option("--width", type=click.IntRange(1, 8192), default=500, show_default=True, help="Units per layer.")
@click.option("--activation", default="tanh", show_default=True, metavar="NAME", help="Nonlinearity of every layer.")
@click.option(
    "--batch", type=click.IntRange(2, 100_000), default=1000, show_default=True, help="Number of N(0, 1) inputs."
)
@click.option("--bias", default="zeros", show_default=True, metavar="EXPR", help="Scheme of the biases.")
@common("text", "json", "html")
def command(
    expressions: tuple[str, ...],
    depth: int,
    width: int,
    activation: str,
    batch: int,
    bias: str,
    format_: str | None,
    out: Path | None,
    seed: int,
    quiet: bool,
) -> int:
    """Send a signal through a deep stack: measured per layer beside mean-field theory, forward and backward.

    \b
    fanin propagate "0.01*randn" "randn/sqrt(n_in)" --depth 10 --activation tanh
    """
    from fanin.propagation import document, propagate

    arms = [
        propagate(text, depth=depth, width=width, activation=activation, batch=batch, seed=seed, bias=bias)
        for text in expressions
    ]
    emit(document(arms), format_, out)
    return 0
