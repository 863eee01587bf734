"""What a study says, in a few sentences."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from fanin.report.words import factor

Arm = Mapping[str, Any]

_NAMED = 3  # cells that a sentence names; the table has them all


def answer(arms: Sequence[Arm], comparisons: Sequence[Mapping[str, Any]]) -> str:
    """Which arms learn, which do not and why, and which is the better of the best two, and how surely."""
    waiting = sum(trial["state"] == "pending" for arm in arms for trial in arm["trials"])
    partly = waiting < sum(len(arm["trials"]) for arm in arms)
    if waiting and not partly:
        return f"No trial is trained yet: {waiting} are pending."
    begun = f"Not finished, {waiting} of the trials are pending." if waiting else ""
    cells = [list(found) for _, found in groupby(arms, key=lambda arm: arm.get("cell") or {})]
    said = _over_cells(cells) if len(cells) > 1 else _one_cell(arms)
    return " ".join(filter(None, (begun, said, _rivals(cells, comparisons), _halved(arms))))


def _one_cell(arms: Sequence[Arm]) -> str:
    ranked = sorted(arms, key=_rank)
    good = [arm for arm in ranked if arm["summary"]["learned"] == arm["summary"]["of"]]
    bad = [arm for arm in ranked if arm not in good]
    if len(arms) == 1 and bad:
        return f"{bad[0]['init']} does not learn under every seed ({_score(bad[0])}): {_reason(bad[0])[1]}."
    rest = f"{'Not so ' if good else ''}{_why_not(bad)}." if bad else _who_is_first(good)
    return f"{_who_learns(good, len(arms))} {rest}".rstrip()


def _over_cells(cells: Sequence[Sequence[Arm]]) -> str:
    """In how many of the cells each init learns, and where it does not."""
    by_init: dict[str, list[Arm]] = {}
    for arm in (arm for cell in cells for arm in cell if not _waits(arm)):
        by_init.setdefault(arm["init"], []).append(arm)
    if not by_init:
        return ""
    parts = []
    for init, found in sorted(by_init.items(), key=lambda item: -sum(map(_learns, item[1]))):
        fails = [name_of(arm["cell"]) for arm in found if not _learns(arm)]
        where = f" (not at {_list(fails, ';')})" if fails and len(fails) <= _NAMED and len(fails) < len(found) else ""
        parts.append(f"{init} in {sum(map(_learns, found))} of {len(found)}{where}")
    return f"Learns under every seed: {'; '.join(parts)}."


def _waits(arm: Arm) -> bool:
    return any(trial["state"] == "pending" for trial in arm["trials"])


def _rivals(cells: Sequence[Sequence[Arm]], comparisons: Sequence[Mapping[str, Any]]) -> str:
    """The two inits that are best over all cells, against each other in each."""
    places: dict[str, int] = {}
    for cell in cells:
        for place, arm in enumerate(sorted(cell, key=_rank)):
            places[arm["init"]] = places.get(arm["init"], 0) + place
    best = sorted(places, key=lambda init: places[init])[:2]
    found = [pair for pair in comparisons if {pair["better"], pair["worse"]} == set(best)]
    if len(best) < 2 or not found or any(pair["difference"]["low"] is None for pair in found):
        return ""
    clauses = [f"{_verdict(pair)}{_at(pair['cell'])}" for pair in found if pair["distinct"]]
    alike = [pair for pair in found if not pair["distinct"]]
    if alike and not clauses:
        apart = "" if alike[0]["metric"] == "accuracy" else "test losses apart by "
        spread = f": {apart}{_amount(alike[0])}" if len(alike) == 1 else ""
        where = _where(alike) if len(alike) <= _NAMED else " in any cell"
        return f"Between {best[0]} and {best[1]} no difference is seen{where}{spread}."
    if alike:
        many = f" in {len(alike)} of {len(found)} cells"
        clauses.append(f"no difference is seen{_where(alike) if len(alike) <= _NAMED else many}")
    return f"{'; '.join(clauses)}."


def _halved(arms: Sequence[Arm]) -> str:
    """What successive halving left out: a rate that is slow to begin might have been the best in the end."""
    lengths = sorted({trial.get("planned", 0) for arm in arms for trial in arm["trials"]})
    if len(lengths) < 2:
        return ""
    kept = max(len({trial["lr"] for trial in counting(arm, any_rate=True)}) for arm in arms)
    most = max(len({trial["lr"] for trial in arm["trials"]}) for arm in arms)
    return (
        f"By successive halving at most {kept} of {most} rates of each arm got all {lengths[-1]} epochs, "
        f"the others {_list([str(length) for length in lengths[:-1]])}."
    )


def _verdict(pair: Mapping[str, Any]) -> str:
    how = "by" if pair["metric"] == "accuracy" else "with a test loss lower by"
    return f"{pair['better']} beats {pair['worse']} {how} {_amount(pair)}"


def _amount(pair: Mapping[str, Any]) -> str:
    """`12.3 points [10.1, 14.0]` of accuracy; of losses the ratio of their geometric means, `a factor of 3.1 [1.2, 8]`.

    How many per cent lower would run from minus thousands to 100 where few seeds differ much.
    """
    mean, low, high = (pair["difference"][name] for name in ("mean", "low", "high"))
    if pair["metric"] == "accuracy":
        return f"{100 * mean:.1f} points [{100 * low:.1f}, {100 * high:.1f}]"
    return f"a factor of {factor(mean)} [{factor(low)}, {factor(high)}]"


def _at(cell: Mapping[str, Any]) -> str:
    return f" at {name_of(cell)}" if cell else ""


def _where(found: Sequence[Mapping[str, Any]]) -> str:
    return f" at {_list([name_of(pair['cell']) for pair in found], ';')}" if found[0]["cell"] else ""


def name_of(cell: Mapping[str, Any]) -> str:
    """A cell in words.

    >>> name_of({"depth": 30, "activation": "relu"})
    'depth 30, activation relu'
    """
    return ", ".join(f"{axis} {value}" for axis, value in cell.items())


def _rank(arm: Arm) -> float:
    """Best first: the highest accuracy, or the lowest loss where there are no classes."""
    accuracy, loss = arm["summary"]["final_accuracy"]["mean"], arm["summary"].get("final_loss")
    if accuracy is not None:
        return -float(accuracy)
    return math.inf if loss is None else float(loss["mean"])


def _learns(arm: Arm) -> bool:
    return bool(arm["summary"]["of"]) and arm["summary"]["learned"] == arm["summary"]["of"]


def _who_learns(good: Sequence[Arm], count: int) -> str:
    if not good:
        return f"None of the {count} initializations learns under every seed."
    names = _list([f"{arm['init']} ({_level(arm)})" for arm in good])
    return f"{len(good)} of {count} initializations learn under every seed: {names}."


def _why_not(bad: Sequence[Arm]) -> str:
    """Arms of one cause together: alone with the finding's own words, several under its name."""
    by_name: dict[str, list[Arm]] = {}
    for arm in bad:
        by_name.setdefault(_reason(arm)[0], []).append(arm)
    groups = [
        f"{_list([_result(arm) for arm in group])}: {_reason(group[0])[1] if len(group) == 1 else name}"
        for name, group in by_name.items()
    ]
    return "; ".join(groups)


def _result(arm: Arm) -> str:
    return f"{arm['init']} ({_score(arm)})"


def _score(arm: Arm) -> str:
    found, level = arm["summary"], _level(arm)
    return f"{found['learned']} of {found['of']}{f', {level}' if level else ''}"


def _level(arm: Arm) -> str:
    """The final accuracy, or loss where there are no classes; nothing if nothing is known."""
    accuracy, loss = arm["summary"]["final_accuracy"]["mean"], arm["summary"].get("final_loss")
    if accuracy is not None:
        return _percent(accuracy)
    return "" if loss is None else f"loss {loss['mean']:.3g}"


def _reason(arm: Arm) -> tuple[str, str]:
    """Why an arm does not learn: in a few words, and in full."""
    states = {trial["state"]: trial["error"] for trial in arm["trials"]}
    for state, words in (("pending", "not trained yet"), ("failed", f"could not run, {states.get('failed')}")):
        if state in states:
            return words, words
    check = arm["check"] or {}
    for finding in check.get("findings", []):
        if finding["code"] == check["cause"]:
            name, message = finding["slug"].replace("-", " "), finding["message"].rstrip(".")
            return f"{name} ({finding['code']})", f"{message} ({finding['code']})"
    words = "diverged" if "diverged" in states else "the doctor finds no cause in the start"
    return words, words


def _who_is_first(good: Sequence[Arm]) -> str:
    """When all learn, what differs is how soon."""
    found = [(arm, first) for arm in good if (first := _after_one(arm)) is not None]
    if not found:
        return _who_is_first_by_loss(good)
    if len(found) == 1:
        return f"After one epoch it is at {_percent(found[0][1])}."
    (soon, most), (late, least) = (end(found, key=lambda item: item[1]) for end in (max, min))
    if _percent(most) == _percent(least):
        return f"After one epoch all are at {_percent(most)}."
    return f"After one epoch {soon['init']} is at {_percent(most)} and {late['init']} at {_percent(least)}."


def _who_is_first_by_loss(good: Sequence[Arm]) -> str:
    """The epochs that the first and the last of them need; nothing if all need as many."""
    found = [(arm["init"], epochs) for arm in good if (epochs := arm["summary"].get("epochs_to_learn")) is not None]
    if not found:
        return ""
    (soon, fewest), (late, most) = (end(found, key=lambda item: item[1]) for end in (min, max))
    return f"To begin, {soon} needs {fewest:g} and {late} {most:g} epochs." if fewest < most else ""


def _after_one(arm: Arm) -> float | None:
    """Test accuracy after the first epoch, at the rate that counts."""
    rows = [row for trial in counting(arm) for row in trial["epochs"] if row["epoch"] == 1]
    values = [row["accuracy"] for row in rows if row["accuracy"] is not None]
    return statistics.fmean(values) if values else None


def counting(arm: Arm, *, any_rate: bool = False) -> list[Mapping[str, Any]]:
    """The trials of an arm that its summary is of: those of full length, at the chosen rate."""
    trials: list[Mapping[str, Any]] = arm["trials"]
    longest = max((trial.get("planned", 0) for trial in trials), default=0)
    rate = None if any_rate else arm.get("lr")
    return [t for t in trials if t.get("planned", 0) == longest and (rate is None or t["lr"] == rate)]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _list(names: Iterable[str], comma: str = ",") -> str:
    names = list(names)
    return " and ".join([f"{comma} ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
