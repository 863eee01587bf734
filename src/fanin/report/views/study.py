"""A study in words and cells: which arms learn, how soon, how surely, and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fanin.report.views import Table, check
from fanin.report.words import MISSING, factor, number, percent, plural

Arm = Mapping[str, Any]


def setting(document: Mapping[str, Any]) -> str:
    """The network, its training and its data, in one line; what varies is left to the arms."""
    s, varied = document["settings"], axes(document)
    parts = [
        document["task"] if not s["widths"] else "" if {"depth", "width"} & {*varied} else _widths(s["widths"]),
        *(f"{axis} {', '.join(map(str, values))}" for axis, values in varied.items()),
        "" if "activation" in varied else _activations(s),
        cost(document),
        "" if "optimizer" in varied or s["optimizer"] == "sgd" else s["optimizer"],
        _rates(document),
        f"batch {s['batch']}",
        f"L2 {number(s['l2'])}" if s["l2"] else "",
        f"biases {s['bias']}" if s["bias"] else "",
        plural(s["epochs"], "epoch"),
        plural(max((len(counting(arm)) for arm in document["arms"]), default=0), "seed"),
        _examples(document["data"]),
    ]
    return " · ".join(part for part in parts if part)


def _activations(s: Mapping[str, Any]) -> str:
    if not s["activation"] or s["output"] in ("", s["activation"]):
        return str(s["activation"])
    return f"{s['activation']}, {s['output']} output"


def _rates(document: Mapping[str, Any]) -> str:
    rates, decay = document["rates"], document["settings"]["decay"]
    each = f" × {number(decay)} per epoch" if decay != 1 else ""
    return f"learning rate{'s' if len(rates) > 1 else ''} {', '.join(map(number, rates))}{each}"


def _examples(data: Mapping[str, Any]) -> str:
    if not data["train"]:
        return "data of its own"
    held = f", {data['validation']:,} validation" if data["validation"] else ""
    return f"{data['name']} ({data['train']:,} training{held} and {data['test']:,} test examples)"


def judge(document: Mapping[str, Any]) -> str:
    """What chose the learning rates."""
    count = document["data"]["validation"]
    return f"the {count:,} validation examples" if count else "the validation metrics of its own training"


def axes(document: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The settings that vary beside init, rate and seed, each with its values in order."""
    found: dict[str, list[Any]] = {}
    for arm in document["arms"]:
        for axis, value in arm["cell"].items():
            found.setdefault(axis, [])
            if value not in found[axis]:
                found[axis].append(value)
    return {axis: values for axis, values in found.items() if len(values) > 1}


def inits(document: Mapping[str, Any]) -> list[str]:
    """The initializations in order; the place of one is its colour in every picture."""
    return list(dict.fromkeys(arm["init"] for arm in document["arms"]))


def label(document: Mapping[str, Any], arm: Arm) -> str:
    """What to call an arm: its init, and in which cell if there are several."""
    return " · ".join([arm["init"], *(f"{axis} {arm['cell'][axis]}" for axis in axes(document))])


def counting(arm: Arm) -> list[Mapping[str, Any]]:
    """The trials that the summary is of: those at the chosen rate, of full length."""
    trials: list[Mapping[str, Any]] = arm["trials"]
    longest = max((trial["planned"] for trial in trials), default=0)
    return [t for t in trials if t["planned"] == longest and arm["lr"] in (None, t["lr"])]


_COSTS = {"bce": "cross-entropy", "cross_entropy": "softmax cross-entropy"}


def cost(document: Mapping[str, Any]) -> str:
    """The cost function as it is called: `quadratic cost`."""
    name = _COSTS.get(document["settings"]["loss"], document["settings"]["loss"])
    return f"{name.replace('_', '-')} cost"


def _widths(widths: Sequence[int]) -> str:
    if len(widths) <= 6:
        return "–".join(map(str, widths))
    return f"{widths[0]}–{widths[1]} × {len(widths) - 2} layers–{widths[-1]}"


def learns(arm: Mapping[str, Any]) -> str:
    """How many trials of the arm learned: all, some, none; or that nothing is known yet."""
    learned, of = arm["summary"]["learned"], arm["summary"]["of"]
    if not of or all(trial["state"] == "pending" for trial in counting(arm)):
        return "pending"
    return "all" if learned == of else "some" if learned else "none"


def learned(arm: Mapping[str, Any]) -> str:
    """`3 of 3`."""
    return f"{arm['summary']['learned']} of {arm['summary']['of']}"


def accuracy(arm: Mapping[str, Any]) -> str:
    """The final test accuracy with its interval."""
    final = arm["summary"]["final_accuracy"]
    if not final or final["mean"] is None:
        return MISSING
    if final["low"] is None or final["high"] is None:
        return percent(final["mean"])
    return f"{percent(final['mean'])}  [{_bare(final['low'])}–{_bare(final['high'])}]"


def loss(arm: Mapping[str, Any]) -> str:
    """The final test loss with its interval."""
    final = arm["summary"]["final_loss"]
    if not final or final["mean"] is None:
        return MISSING
    if final["low"] is None or final["high"] is None:
        return number(final["mean"])
    return f"{number(final['mean'])}  [{number(final['low'])}–{number(final['high'])}]"


def final(document: Mapping[str, Any], arm: Arm) -> str:
    """The score that arms are compared by."""
    return accuracy(arm) if document["metric"] == "accuracy" else loss(arm)


def rate(arm: Arm) -> str:
    """The learning rate that was chosen for the arm."""
    return number(arm["lr"])


def comparisons(document: Mapping[str, Any]) -> Table:
    """Every two arms of a cell, the better one first."""
    varied = axes(document)
    head = (*varied, "better", "worse", "by", "95 % interval", "seeds", "")
    rows = [
        (
            *(str(pair["cell"][axis]) for axis in varied),
            pair["better"],
            pair["worse"],
            *_difference(pair),
            str(pair["seeds"]),
            "" if pair["distinct"] else "no difference seen",
        )
        for pair in document["comparisons"]
    ]
    return Table(head, rows, "l" * (len(varied) + 2) + "rrrl")


def _difference(pair: Mapping[str, Any]) -> tuple[str, str]:
    """In points of accuracy; of losses by what factor it is lower."""
    found, points = pair["difference"], pair["metric"] == "accuracy"
    mean, low, high = (
        MISSING if value is None else f"{100 * value:.1f}" if points else factor(value)
        for value in (found["mean"], found["low"], found["high"])
    )
    by = f"{mean} points" if points else f"a factor of {mean} in loss"
    return by, f"{low} to {high}" if found["low"] is not None else MISSING


def _bare(share: float) -> str:
    return percent(share).removesuffix(" %")


def beginning(document: Mapping[str, Any]) -> str:
    """What says when a network begins to learn: 20 % test accuracy, or the loss that counts as having learned."""
    return "epochs to 20 %" if document["metric"] == "accuracy" else "epochs to learn"


def begins(document: Mapping[str, Any], arm: Arm) -> str:
    """The epoch of that; "never" if the arm was trained and did not."""
    name = "epochs_to_20" if document["metric"] == "accuracy" else "epochs_to_learn"
    value = arm["summary"].get(name)
    if value is not None:
        return number(value)
    return "never" if name in arm["summary"] and learns(arm) != "pending" else MISSING


def moved(arm: Mapping[str, Any]) -> str:
    """How far the most mobile layer's weights went, |W - W0| / |W0|, mean over the seeds."""
    values = [max(known) for trial in counting(arm) if (known := _known(_last(trial), "moved"))]
    return percent(sum(values) / len(values), 0) if values else MISSING


def why(arm: Mapping[str, Any]) -> str:
    """The doctor's principal cause, or that nothing was found."""
    if arm["check"] is None:
        return "not checked"
    finding = check.cause(arm["check"])
    if finding is None:
        return "nothing found"
    return f"{finding['slug']} ({finding['code']})"


def cause_code(arm: Mapping[str, Any]) -> str:
    """The code of the principal cause: `FAN102`."""
    return MISSING if arm["check"] is None or arm["check"]["cause"] is None else arm["check"]["cause"]


def reasons(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Arm, code and message of each principal cause."""
    found = [(label(document, arm), check.cause(arm["check"])) for arm in document["arms"] if arm["check"]]
    return [(init, finding["code"], finding["message"]) for init, finding in found if finding is not None]


def diagnosed(document: Mapping[str, Any]) -> dict[str, list[tuple[int, Mapping[str, Any]]]]:
    """The arms, each with its number, by what the doctor found: `sick`, `well`, `unchecked`."""
    groups: dict[str, list[tuple[int, Mapping[str, Any]]]] = {"sick": [], "well": [], "unchecked": []}
    for i, arm in enumerate(document["arms"]):
        state = "unchecked" if arm["check"] is None else "sick" if arm["check"]["findings"] else "well"
        groups[state].append((i, arm))
    return groups


def states(document: Mapping[str, Any]) -> list[str]:
    """What the reader must know: of trials that did not end (pending, diverged, failed and its error), and of arms."""
    shared = [note for note in document["arms"][0]["notes"] if all(note in arm["notes"] for arm in document["arms"])]
    notes = list(shared)
    for arm in document["arms"]:
        notes += [f"{label(document, arm)}: {note}" for note in arm["notes"] if note not in shared]
        count = Counter(trial["state"] for trial in arm["trials"])
        for state in ("pending", "diverged", "failed"):
            errors = sorted({t["error"] for t in arm["trials"] if t["state"] == state and t["error"]})
            if count[state]:
                reason = f": {'; '.join(errors)}" if errors else ""
                notes.append(f"{label(document, arm)}: {plural(count[state], 'trial')} {state}{reason}")
    return notes


def trials(arm: Mapping[str, Any]) -> Table:
    """Every seed of one arm."""
    head = ("seed", "rate", "state", "epochs", "final cost", "train", "validation", "test", "test cost")
    return Table((*head, "weights moved", "seconds"), [_trial(trial) for trial in arm["trials"]], "rrlrrrrrrrr")


def _trial(trial: Mapping[str, Any]) -> tuple[str, ...]:
    last = _last(trial)
    return (
        str(trial["seed"]),
        number(trial["lr"]),
        trial["state"],
        str(last["epoch"]) if last else MISSING,
        number(last.get("loss")),
        percent(last.get("train_accuracy"), 2),
        percent(last.get("validation_accuracy"), 2),
        percent(last.get("accuracy"), 2),
        number(last.get("test_loss")),
        _distances(last.get("moved", ())),
        number(trial["seconds"]),
    )


def _distances(moved: Sequence[float | None]) -> str:
    """Layer by layer; of a deep network the least and the most."""
    known = [value for value in moved if value is not None]
    if len(moved) > 4 and known:
        return f"{percent(min(known), 0)} to {percent(max(known), 0)}"
    return ", ".join(percent(value, 0) for value in moved) or MISSING


def _last(trial: Mapping[str, Any]) -> Mapping[str, Any]:
    return trial["epochs"][-1] if trial["epochs"] else {}


def _known(epoch: Mapping[str, Any], name: str) -> list[float]:
    return [value for value in epoch.get(name, ()) if value is not None]


def curve(arm: Mapping[str, Any], name: str) -> list[tuple[int, list[float]]]:
    """Epoch by epoch, the values of one quantity over the counting trials that have it."""
    values: dict[int, list[float]] = {}
    for trial in counting(arm):
        for epoch in trial["epochs"]:
            if epoch.get(name) is not None:
                values.setdefault(epoch["epoch"], []).append(epoch[name])
    return sorted(values.items())
