"""The verb: train one network under each initialization, and say which learn, and which is better."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from fanin.errors import InputError
from fanin.study import datasets
from fanin.study import halving as successive
from fanin.study.budget import Budget
from fanin.study.cell import AXES
from fanin.study.dense import DenseWork
from fanin.study.engines.local import cores
from fanin.study.grid import Grid, grid, trials
from fanin.study.header import command, header, starts
from fanin.study.pilot import Estimate, seconds
from fanin.study.runner import Progress, run
from fanin.study.store import Store
from fanin.study.study import Study, study
from fanin.study.summary import applied
from fanin.study.task import ModelTask
from fanin.study.task import task as preset
from fanin.study.work import Settings, Work
from fanin.values import Trial

Several = Any
"""One value, or several in a list."""


def compare(
    task: str | Callable[..., Any],
    *,
    init: Sequence[str] | None = None,
    bias: str | None = None,
    lr: Several = None,
    optimizer: Several = None,
    depth: Several = None,
    width: Several = None,
    activation: Several = None,
    gain: Several = None,
    seeds: int = 3,
    seed: int = 0,
    epochs: int | None = None,
    batch: int | None = None,
    data: Any = None,
    loss: Any = None,
    train: Callable[..., Iterable[Any]] | None = None,
    data_dir: str | Path | None = None,
    download: bool = False,
    store: str | Path | None = None,
    engine: str = "local",
    address: str | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    max_trials: int | None = None,
    max_minutes: float | None = None,
    halving: bool = False,
    progress: Progress | None = None,
    name: str | None = None,
    reproduce: str | None = None,
) -> Study:
    """Train a network under each initialization, over seeds and learning rates, and compare them seed by seed.

    All arms of a seed share the biases, the order of the data and the random bits of the weights. If there are several
    learning rates, the last sixth of the training examples (at most 10,000) is held out; the rate of each arm is the
    one that does best there, and what is reported is its result on the test examples. With a store the study can be
    cut off at any time; the same call goes on where it ended.

    Args:
        task: a preset (`nielsen`, `he30`, ...), or a function that builds a model of PyTorch; it may take `depth`,
            `width` and `activation`.
        init: the arms: names of schemes or NumPy expressions; of a model also recipes (`signal`, `mup(base=128)`), a
            plan (`plan.json`), a calibration by the first 256 training examples (`lsuv`, `lsuv(he_normal)`), and
            `keep`, what the function itself does. Without it the preset's own, or `keep` and `signal`.
        bias: scheme of the biases, in every arm.
        lr: learning rates. optimizer: `sgd`, `momentum`, `adam`, `adamw`.
        depth, width: numbers of hidden layers, and units of each. activation: names.
        gain: factors; each init becomes one arm per factor, `2*he_normal`.
        seeds, seed: how many, and the first of them; the others follow it.
        epochs, batch: passes over the data; examples per step.
        data: a data set's name, `path.npz`; for a model also arrays, (x, y), a mapping, loaders, or a function that
            returns one of these.
        loss: for a model: `cross_entropy`, `mse`, ..., or a function of (output, targets).
        train: for a model: your own `train(model, trial)` that yields one mapping of metrics per epoch.
        data_dir, download: see `fanin.study.datasets.load`.
        store: the SQLite file that keeps what is done.
        engine: `local`, `ray` or `dask`. address: of a cluster that is there. workers: how many; 1 stays in this
            process. executor: any `concurrent.futures.Executor` instead.
        max_trials, max_minutes: begin no more than this; the same call goes on later.
        halving: successive halving over the rates of each arm: a ninth of the epochs for all, a third for the best
            third, all for the best of these.
        progress: called with trial-epochs done, trial-epochs in all, and a text.
        name: of the task in the store, where it is a function. reproduce: the command line, for the report.

    Raises:
        FaninError: a name, number, expression, function or file that cannot be used.

    Example:
        >>> found = compare("nielsen", init=["rand", "randn/sqrt(fan_in)"], data="digits", epochs=3, seeds=2)
        >>> [arm["summary"]["learned"] for arm in found.to_json()["arms"]]
        [0, 2]
    """
    init = (init,) if isinstance(init, str) else init
    work = work_of(task, data, loss=loss, train=train, data_dir=data_dir, download=download, name=name, init=init)
    axes = {"depth": depth, "width": width, "activation": activation, "optimizer": optimizer}
    found = _grid(work, init, **axes, lr=lr, gain=gain, seeds=seeds, seed=seed)
    settings = Settings(bias, epochs, batch)
    planned = trials(work, found, settings)
    budget = Budget(max_trials, max_minutes)
    options = {**axes, "lr": lr, "bias": bias, "seeds": seeds, "seed": seed or None, "epochs": epochs, "batch": batch}
    options |= {"halving": halving, "data": data if isinstance(data, str) else None, "data_dir": data_dir}
    words = command(name or str(task), found.inits, options)
    with Store(store) as kept:
        arms = starts(work, found, planned)
        last: dict[str, Any] | None = None

        def train_all(wanted: Sequence[Trial]) -> None:
            nonlocal last
            now = header(work, arms, wanted, reproduce or words)
            kept.add_study(now, instead=last)
            last = now
            done = kept.done()
            missing = budget.part([t for t in wanted if t.id not in done])
            for outcomes in run(
                work,
                missing,
                engine=engine,
                workers=workers,
                address=address,
                executor=executor,
                go_on=budget,
                progress=progress,
            ):
                kept.add(outcomes)

        if halving and len(found.rates) > 1:
            _halve(planned, kept, train_all, work)
        else:
            train_all(planned)
        return study(kept)


def estimate(
    task: str | Callable[..., Any], *, store: str | Path | None = None, workers: int | None = None, **options: Any
) -> Estimate:
    """What `compare` with the same arguments would train, and for how long; nothing is stored.

    Raises:
        FaninError: as `compare`.
    """
    source = {key: options.get(key) for key in ("loss", "train", "data_dir", "download", "name", "init")}
    work = work_of(task, options.get("data"), **source)
    varied: dict[str, Any] = {key: options.get(key) for key in (*AXES, "gain", "lr")}
    seeds: dict[str, Any] = {key: options[key] for key in ("seeds", "seed") if options.get(key) is not None}
    found = _grid(work, options.get("init"), **varied, **seeds)
    planned = trials(work, found, Settings(options.get("bias"), options.get("epochs"), options.get("batch")))
    done = _stored(store)
    missing = [trial for trial in planned if trial.id not in done]
    count = workers or cores()
    time_left, measured = seconds(work, missing, count) if missing else (0.0, 0.0)
    arms = {init: sum(trial.init == init for trial in planned) for init in found.inits}
    return Estimate(len(planned), len(planned) - len(missing), arms, time_left, count, measured)


def _grid(work: Work, init: Sequence[str] | None, **varied: Any) -> Grid:
    """What was asked for, and what the work varies by itself where nothing was."""
    asked = {name: value for name, value in varied.items() if value is not None}
    return grid(inits=work.inits if init is None else init, **{**work.axes, **asked})


def work_of(
    task: str | Callable[..., Any],
    data: Any = None,
    *,
    loss: Any = None,
    train: Callable[..., Iterable[Any]] | None = None,
    data_dir: str | Path | None = None,
    download: bool | None = False,
    name: str | None = None,
    init: Sequence[str] | None = None,
) -> Work:
    """A preset or a function that builds a model, with its data."""
    if callable(task):
        from fanin.study.works import model_work

        where: dict[str, Any] = {"data_dir": data_dir, "download": bool(download)}
        return model_work(task, data, loss=loss, train=train, inits=init, name=name, **where)
    chosen = preset(task)
    if loss is not None or train is not None:
        raise InputError(f"{task} has a loss and a training of its own; give those with a function that builds a model")
    if data is not None and not isinstance(data, str):
        raise InputError(
            f"data is a {type(data).__name__}; a preset takes a data set's name or the path of an .npz file"
        )
    if isinstance(chosen, ModelTask):
        from fanin.study.works import preset_work

        return preset_work(chosen, data, inits=init, data_dir=data_dir, download=bool(download))
    return DenseWork(chosen, chosen.part(datasets.load(data or chosen.data, data_dir, bool(download))))


def _stored(path: str | Path | None) -> set[str]:
    if path is None or not Path(path).is_file():
        return set()
    with Store(path, write=False) as kept:
        return kept.done()


def _halve(planned: Sequence[Trial], kept: Store, train_all: Callable[[Sequence[Trial]], None], work: Work) -> None:
    """Rung by rung; each rung's trials are in the store, with those of the rungs before."""
    rates = {trial.lr for trial in planned}
    going, so_far = list(planned), list[Trial]()
    for epochs in successive.rungs(planned[0].epochs, len(rates)):
        rung = successive.shortened(going, epochs)
        so_far += rung
        train_all(so_far)
        outcomes = kept.outcomes(rung)
        if any(outcome.state == "pending" for outcome in outcomes):
            return
        best = successive.survivors(outcomes, applied(work.yardstick(), outcomes).metric)
        going = [trial for trial in going if (successive.arm(trial), trial.lr) in best]
