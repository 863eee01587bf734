"""fanin report."""

from pathlib import Path
from typing import Any

import click

from fanin.cli._options import common
from fanin.cli._output import emit, write
from fanin.cli._trackers import send, trackers
from fanin.errors import InputError


@click.command()
@click.argument("store", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--study", "number", type=click.IntRange(1), help="Which study of the store; default: the latest.")
@click.option(
    "--export", type=click.Choice(("csv", "json", "parquet")), help="One row per trial and epoch; with --out."
)
@trackers
@common("text", "json", "html")
def command(
    store: Path,
    number: int | None,
    export: str | None,
    format_: str | None,
    out: Path | None,
    seed: int,
    quiet: bool,
    **places: Any,
) -> int:
    """The report of a study from its store, finished or not; nothing is trained.

    \b
    fanin report fanin-nielsen.sqlite --out report.html
    fanin report fanin-nielsen.sqlite --export csv --out trials.csv
    fanin report fanin-nielsen.sqlite --mlflow http://127.0.0.1:5000
    """
    from fanin.study import read, titles

    document = read(store, number).to_json()
    send(document, places, quiet=quiet)
    if export is not None:
        _export(document, export, out)
        return 0
    if any(places.values()) and out is None and format_ is None:
        return 0
    emit(document, format_, out)
    found = titles(store)
    if len(found) > 1 and format_ in (None, "text") and not quiet:
        shown = len(found) if number is None else number
        lines = [f"{'*' if i == shown else ' '} {i}  {title}" for i, title in enumerate(found, 1)]
        click.echo("\n".join([f"{store} holds {len(found)} studies; --study N shows another:", *lines]), err=True)
    return 0


def _export(document: dict[str, Any], export: str, out: Path | None) -> None:
    from fanin.study import exports

    if out is None:
        raise InputError(f"--export {export} needs a file: say --out FILE.{export}")
    write(out, exports.encode(document, export))
