"""A study that was run, or is in part: what its store says of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from fanin.errors import InputError
from fanin.study.answer import answer
from fanin.study.cell import belongs
from fanin.study.outcome import Outcome
from fanin.study.pairs import pairs
from fanin.study.store import Store
from fanin.study.summary import applied, at_its_rate, final, half_way, summary
from fanin.study.trainable import trainable
from fanin.study.work import Yardstick
from fanin.values import Trial, codec


@dataclass(frozen=True, slots=True)
class Study:
    """Arms, trials, epochs and what follows from them.

    Attributes:
        document: the JSON document `fanin.study/1`.
    """

    document: Mapping[str, Any]

    @property
    def answer(self) -> str:
        """Which arms learn, and why the others do not."""
        return str(self.document["answer"])

    def to_json(self) -> dict[str, Any]:
        """The document `fanin.study/1`."""
        return dict(self.document)

    def __str__(self) -> str:
        return self.answer


def read(path: str | Path, number: int | None = None) -> Study:
    """A study of a store, finished or not: the latest, or the one of a number, counted from 1. Nothing is trained.

    Raises:
        InputError: no store, a damaged one, or one without such a study.
    """
    with Store(path, write=False) as store:
        return study(store, number)


def titles(path: str | Path) -> list[str]:
    """The command lines of all studies of a store, the latest last.

    Raises:
        InputError: no store, or a damaged one.
    """
    with Store(path, write=False) as store:
        return [str(header["reproduce"]["command"]) for header in store.studies()]


def study(store: Store, number: int | None = None) -> Study:
    """The latest study of an open store, or another.

    Raises:
        InputError: the store holds none, or a damaged one.
    """
    header = store.study(number)
    try:
        trials = [Trial.from_json(data) for data in header["trials"]]
        return Study(document_of(header, store.outcomes(trials)))
    except (AttributeError, LookupError, TypeError, ValueError) as error:  # damage that SQLite does not see
        raise InputError(f"the store {store.path} holds a damaged study: {type(error).__name__} {error}") from error


_SETTINGS = (
    *("widths", "activation", "output", "loss", "bias", "dtype"),
    *("optimizer", "epochs", "batch", "lr", "decay", "l2"),
)


def document_of(header: Mapping[str, Any], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The document `fanin.study/1`: what `header.header` says of a study, and what its trials gave."""
    trials = [outcome.trial for outcome in outcomes]
    yardstick = codec.decode(Yardstick, header["yardstick"]) if "yardstick" in header else half_way(header["chance"])
    yardstick = applied(yardstick, outcomes)
    made = [
        _arm(arm, [o for o in outcomes if belongs(o.trial, arm["init"], _cell(arm))], yardstick)
        for arm in header["arms"]
    ]
    arms, scores = [arm for arm, _ in made], [score for _, score in made]
    compared = list(_compared(arms, scores, yardstick))
    first = max(trials, key=lambda trial: trial.epochs)
    return {
        "schema": "fanin.study/1",
        "task": first.task,
        "title": header["title"],
        "data": {
            "name": first.data,
            "train": first.train,
            "validation": first.validation,
            "test": first.test,
            **header["data"],
        },
        "settings": {name: codec.encode(getattr(first, name)) for name in _SETTINGS},
        "rates": sorted({trial.lr for trial in trials}),
        "metric": yardstick.metric,
        "rule": yardstick.rule,
        "arms": arms,
        "comparisons": compared,
        "answer": answer(arms, compared),
        "reproduce": header["reproduce"],
    }


def _cell(arm: Mapping[str, Any]) -> dict[str, Any]:
    return dict(arm.get("cell") or {})


def _compared(
    arms: Sequence[dict[str, Any]], scores: Sequence[dict[int, float | None]], yardstick: Yardstick
) -> Iterator[dict[str, Any]]:
    """Every two arms of each cell."""
    for _, found in groupby(zip(arms, scores, strict=True), key=lambda item: item[0]["cell"]):
        cell = list(found)
        yield from pairs([arm for arm, _ in cell], [score for _, score in cell], yardstick.metric)


def _arm(
    arm: Mapping[str, Any], outcomes: Sequence[Outcome], yardstick: Yardstick
) -> tuple[dict[str, Any], dict[int, float | None]]:
    """One arm of the document, and the final score of each of its seeds at the chosen rate."""
    rate, counting, rates = at_its_rate(outcomes, yardstick)
    document = {
        "init": arm["init"],
        "cell": _cell(arm),
        "lr": rate,
        "rates": rates,
        "trials": [_trial(outcome) for outcome in outcomes],
        "summary": summary(counting, yardstick),
        "theory": trainable(counting[0].trial) if "depth" in _cell(arm) else None,
        "start": arm["start"],
        "check": arm["check"],
        "notes": [*arm.get("notes", ()), *_unchosen(rates, outcomes)],
    }
    return document, {o.trial.seed: final(o, yardstick) for o in counting if o.state in ("done", "diverged")}


def _unchosen(rates: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome]) -> list[str]:
    """A word where nothing tells which of several rates is the best, as in a training of somebody's own."""
    if len(rates) < 2 or any(rate["validation"] is not None for rate in rates):
        return []
    if not any(outcome.state == "done" for outcome in outcomes):
        return []
    return [f"no validation says which rate is the best; the smallest, {rates[0]['lr']:g}, counts"]


def _trial(outcome: Outcome) -> dict[str, Any]:
    trial = outcome.trial
    return {
        "id": trial.id,
        "seed": trial.seed,
        "lr": trial.lr,
        "planned": trial.epochs,
        "state": outcome.state,
        "error": outcome.error,
        "seconds": outcome.seconds,
        "epochs": codec.encode(outcome.epochs),
    }
