"""fanin compare."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from fanin.cli._options import Several, common
from fanin.cli._output import emit, say, writable
from fanin.cli._study_file import merged
from fanin.cli._target import is_code, named
from fanin.cli._trackers import NAMES, installed, send, trackers
from fanin.errors import InputError

Progress = Callable[[int, int, str], None]


class _Command(click.Command):
    """Whose help ends with the presets there are; they are looked up only then."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from fanin.study.task import tasks  # `fanin.study.tasks` is the folder, once that is imported

        with formatter.section("Presets"):
            formatter.write_dl([(name, task.title) for name, task in sorted(tasks().items())])


@click.command(cls=_Command)
@click.argument("task", metavar="PRESET|TARGET|STUDY.toml")
@click.option(
    "--init",
    multiple=True,
    metavar="EXPR",
    help="An arm; repeat it. Of a model also a recipe, plan.json, lsuv, or keep. Default: the preset's own arms.",
)
@click.option("--gain", type=Several(float), help="Factors on every init: one arm each.")
@click.option("--bias", metavar="EXPR", help="Scheme of the biases in every arm.")
@click.option("--lr", type=Several(float), help="Learning rates; of several, validation data choose for each arm.")
@click.option("--optimizer", type=Several(str), help="sgd, momentum, adam, adamw.")
@click.option("--depth", type=Several(int), help="Numbers of hidden layers.")
@click.option("--width", type=Several(int), help="Units per hidden layer.")
@click.option("--activation", type=Several(str), help="Of the hidden layers.")
@click.option(
    "--seeds", type=click.IntRange(1, 1000), default=3, show_default=True, help="Seeds per arm, paired over arms."
)
@click.option("--epochs", type=click.IntRange(1, 100_000), help="Passes over the data.")
@click.option("--batch", type=click.IntRange(1, 1_000_000), help="Examples per step.")
@click.option(
    "--data",
    metavar="NAME|FILE",
    help="mnist-mini, digits, mnist, an .npz file with x and y; of a model also file.py:name, adding(200), ...",
)
@click.option("--loss", metavar="NAME|FILE", help="Of a model: cross_entropy, mse, bce, ..., or file.py:function.")
@click.option("--train", metavar="FILE", help="Of a model: file.py:function(model, trial), your own training.")
@click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where the files of --data mnist lie."
)
@click.option("--download", is_flag=True, help="Fetch the data set if it is nowhere to be found.")
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="SQLite file that keeps the trials; the same command goes on from it. Default: fanin-TASK.sqlite.",
)
@click.option(
    "--engine", type=click.Choice(("local", "ray", "dask")), default="local", show_default=True, help="Who trains."
)
@click.option("--address", metavar="URL", help="Of a Ray or Dask cluster that is there.")
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes; default: one per core.")
@click.option("--max-trials", type=click.IntRange(1), help="Train no more than these now.")
@click.option("--max-minutes", type=click.FloatRange(0, min_open=True), help="Begin nothing more after these.")
@click.option("--halving", is_flag=True, help="Successive halving over the rates of each arm.")
@click.option("--dry-run", is_flag=True, help="How many trials, and how long: from a short run; nothing is stored.")
@trackers
@common("text", "json", "html")
def command(
    task: str,
    store: Path | None,
    dry_run: bool,
    format_: str | None,
    out: Path | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Train one network under several initializations, rates and seeds: which learn, how soon, how surely, and why.

    PRESET is one of those below, a known experiment in a small form; what it varies by itself gives way to what is
    typed. TARGET is path/file.py:factory or
    package.module:factory, a function that builds a PyTorch model; it is run. A .toml file holds the same settings by
    their names, with task; what is typed wins. What the store holds is not run again. Several values are written with
    commas.

    \b
    fanin compare nielsen --init rand --init randn --init "randn/sqrt(n_in)"
    fanin compare he30 --depth 5,10,30 --lr 0.01,0.03 --init he_normal --init xavier_normal
    fanin compare model.py:build --data data.py:batches --init keep --init signal --lr 0.01,0.1 --seeds 5
    """
    writable(out)
    task, options = merged(task, options)
    kept = Path(options.pop("store", None) or store or f"fanin-{_name(task)}.sqlite")
    places = {name: options.pop(name) for name in NAMES}
    installed(places)
    given = _given(task, options, quiet)
    if dry_run:
        given = {key: value for key, value in given.items() if key not in _RUNNING}
        say(_dry(given, kept), out)
        return 0
    from fanin.study import compare

    try:
        with _progress(quiet) as progress:
            study = compare(**given, store=kept, progress=progress)
    except KeyboardInterrupt:
        click.echo(f"fanin: interrupted; finished trials are in {kept}, the same command goes on from there", err=True)
        return 130
    document = study.to_json()
    _refuse_if_none_ended(document, kept)
    emit(document, format_, out)
    if out is not None and not quiet:
        emit(document, "text", None)
    send(document, places, quiet=quiet)  # last: a server that is away costs no report
    return 0


def _refuse_if_none_ended(document: Mapping[str, Any], store: Path) -> None:
    """Where each trial failed, the network, its data or its training is wrong, and no start is to be judged.

    Raises:
        InputError: with the first error; the store holds them all.
    """
    from fanin.report.words import plural

    begun = [trial for arm in document["arms"] for trial in arm["trials"] if trial["state"] != "pending"]
    if begun and all(trial["state"] == "failed" for trial in begun):
        raise InputError(
            f"no trial could be trained: {plural(len(begun), 'trial')} failed, the first with {begun[0]['error']}; "
            f"fanin report {store} shows them, the same command tries them again"
        )


_RUNNING = ("reproduce", "engine", "address", "max_trials", "max_minutes", "halving")


def _given(task: str, options: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """The arguments of `compare`; code that is named is loaded."""
    given = {**options, "init": options["init"] or None, "task": task}
    if is_code(task):
        given |= {"task": named(task, "a function that builds a model", quiet=quiet), "name": task}
        given["reproduce"] = _words(task, options)
    for name, what in (("data", "a function that returns data"), ("loss", "a loss"), ("train", "a training")):
        text = options[name]
        if text is not None and is_code(text):
            given[name] = named(text, what, quiet=quiet)
    return given


_RUN_BY = {"engine", "address", "workers", "max_trials", "max_minutes", "download"}


def _words(task: str, options: dict[str, Any]) -> str:
    """The command line of a study: what decides its numbers, and not by whom it is run or where it is written."""
    from fanin.study.header import command as spelled

    said = {name: value for name, value in options.items() if name not in _RUN_BY | {"init"}}
    return spelled(task, options["init"], said | {"seed": options["seed"] or None})


def _name(task: str) -> str:
    """Of the store: the preset's, or the file's of a target."""
    return Path(task.rpartition(":")[0] or task).stem


def _dry(given: dict[str, Any], store: Path) -> str:
    from fanin.report.words import plural
    from fanin.study.run import estimate

    found = estimate(given.pop("task"), store=store, **given)
    arms = "\n".join(f"  {init}: {count} trials" for init, count in found.arms.items())
    done = f", {found.stored} of them in {store} already" if found.stored else ""
    workers = plural(found.workers, "worker")
    time = f"about {_duration(found.seconds)} on {workers}, from a run of {_duration(found.measured)}"
    return (
        f"{found.trials} trials{done}:\n{arms}\n{time if found.stored < found.trials else 'nothing is left to train'}"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 1 else "less than a second"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress | None]:
    """A bar with the time left, on a terminal's stderr alone."""
    import os

    if quiet or not sys.stderr.isatty() or "NO_COLOR" in os.environ:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("epochs"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("training", total=None)

        def show(done: int, total: int, text: str) -> None:
            bars.update(bar, completed=done, total=total, description=text)

        yield show
