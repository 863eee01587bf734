"""Shipped contracts: run them over an item of your own, as our tests run them over every item of ours.

A statistical check states its standard error; it passes within 4.5 of them, at a fixed seed.
"""

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtr

from fanin import doctor, recipes, sampling, schemes
from fanin.checkup import check
from fanin.doctor import Case, Example
from fanin.errors import InputError, MissingExtra
from fanin.recipes import _example as networks
from fanin.sampling._dtypes import DTYPES, computed_in, storage
from fanin.sampling._matrix import coordinates, matrices
from fanin.sampling._region import region
from fanin.sampling.kernels import Kernel
from fanin.sampling.kernels import numpy as reference
from fanin.sampling.transform import TRANSFORMS
from fanin.schemes import Variant
from fanin.values import Formula, Law, Param, Scheme, Trace
from fanin.values.param import Axis
from fanin.values.plan import Plan

_SIGMAS = 4.5


class ContractError(AssertionError):
    """An item does not do what it says of itself."""


def check_scheme(item: Variant) -> None:
    """A scheme's claims: by its law exactly, and by its draws within the standard error.

    For vectors, dense, convolution, grouped, depthwise, transposed, fused and table parameters, experts and heads:
    mean, second moment, support, orthogonality; where entries are independent, Kolmogorov-Smirnov against the law, and
    neighbours, paths and seeds without correlation; all types are one draw, rounded; the documentation is there. A kind
    of parameter that the scheme refuses with an InputError is passed over, but not all of them.

    Raises:
        ContractError: naming the scheme, the parameter and the claim that fails.

    Example:
        >>> check_scheme(schemes.find("he_normal"))
    """
    required = [key for key, value in item.defaults.items() if value is None]
    scheme = item(**{key: 0.25 * (i + 1) for i, key in enumerate(required)})
    _require(bool(item.page) and bool(scheme.reference), f"{item.name} has a documentation line and a reference")
    _require(scheme.claims is not None, f"{item.name} claims its moments")
    params = [param for param in _params() if _accepts(scheme, param)]
    _require(bool(params), f"{item.name} accepts a parameter of some kind")
    for param in params:
        _check_moments(scheme, param)
        _check_draws(scheme, param)


def _accepts(scheme: Scheme, param: Param) -> bool:
    """Whether the scheme has values for such a parameter; a vector is no matrix whose rows could be at right angles."""
    if param.role == "bias" and scheme.claims is not None and scheme.claims.orthogonal:
        return False
    try:
        schemes.moments(scheme, param)
        schemes.sample(scheme, param, index=(slice(0),))
    except InputError:
        return False
    return True


def _params() -> Iterator[Param]:
    owner = Param("w", (4000, 50), ("out", "in"))
    yield Param("vector", (4000,), ("out",), role="bias", blocks=4, owner=owner.fans)
    yield Param("dense", (120, 80), ("out", "in"))
    yield Param("dense stored in, out", (80, 120), ("in", "out"))
    yield Param("fused QKV", (192, 64), ("out", "in"), blocks=3)
    yield Param("4H gates", (128, 32), ("out", "in"), blocks=4)
    yield from _tensors()


def _tensors() -> Iterator[Param]:
    conv: tuple[Axis, ...] = ("out", "in", "kernel", "kernel")
    transposed: tuple[Axis, ...] = ("in", "out", "kernel", "kernel")
    yield Param("conv 1-D", (64, 32, 5), ("out", "in", "kernel"))
    yield Param("conv", (64, 16, 3, 3), conv)
    yield Param("conv 2-D stored kernel, in, out", (3, 2, 16, 64), ("kernel", "kernel", "in", "out"), stride=4)
    yield Param("conv 3-D", (16, 8, 2, 3, 3), (*conv, "kernel"))
    yield Param("grouped", (64, 8, 3, 3), conv, groups=4)
    yield Param("depthwise", (512, 1, 3, 3), conv, groups=512)
    yield Param("transposed", (32, 16, 4, 4), transposed, transposed=True, stride=4)
    yield Param("transposed grouped", (32, 8, 3, 3), transposed, transposed=True, stride=4, groups=4)
    yield Param("experts", (4, 40, 60), ("batch", "out", "in"))
    yield Param("heads", (48, 4, 16), ("in", "batch", "out"))
    yield Param("embedding", (150, 64), ("lookup", "out"), role="embedding")


def _check_moments(scheme: Scheme, param: Param) -> None:
    """The law's exact moments are what the scheme claims."""
    law, claims = schemes.moments(scheme, param), scheme.claims
    assert claims is not None
    for what, text, found in (
        ("mean", claims.mean, law.mean),
        ("second moment", claims.second_moment, law.second_moment),
        ("lower end", claims.low, law.low),
        ("upper end", claims.high, law.high),
    ):
        if not text:
            continue
        claimed = Formula(text)(**param.names)
        near = math.isclose(found, claimed, rel_tol=1e-9, abs_tol=1e-12)
        _require(near, f"{scheme.name} on {param.path}: {what} claimed {claimed:g}, by its law {found:g}")


def _check_draws(scheme: Scheme, param: Param) -> None:
    """The drawn numbers have the moments, the support and the orthogonality that the scheme claims."""
    law, claims = schemes.moments(scheme, param), scheme.claims
    assert claims is not None
    exact = schemes.sample(scheme, param, dtype="float64")
    where = f"{scheme.name} on {param.path}"
    for dtype in ("float32", "float16"):
        _check_rounded(schemes.sample(scheme, param, dtype=dtype), exact, where)
    x = exact.transpose(param.canonical_axes).ravel()
    slack = 1e-9 * max(1.0, abs(law.mean), law.std)
    independent = x.size / dict(scheme.law.arguments).get("copies", 1.0)
    _require(bool(np.all(np.isfinite(x))), f"{where}: all values finite")
    _require(x.min() >= law.low - slack and x.max() <= law.high + slack, f"{where}: values within the support")
    for what, power, expected in (("mean", 1, law.mean), ("second moment", 2, law.second_moment)):
        powers = x**power
        error = float(powers.std()) / math.sqrt(independent)
        deviation = abs(float(powers.mean()) - expected)
        _require(deviation <= _SIGMAS * error + slack, f"{where}: {what} {powers.mean():g}, expected {expected:g}")
    if claims.orthogonal and param.role == "weight":
        _check_orthogonal(scheme, param)
    if (distribution := _distribution(scheme.law)) and law.std:
        standard = (x - law.mean) / law.std
        _check_independence(standard, where)
        for other in ({"seed": 1}, {"path": "other"}):
            y = schemes.sample(scheme, param, dtype="float64", **other).transpose(param.canonical_axes).ravel()
            _check_uncorrelated(standard, (y - law.mean) / law.std, f"{where}: {other}")
        loc, scale = schemes.resolve(scheme, param)
        p = float(stats.kstest((x - loc) / scale, distribution).pvalue)
        _require(p > 1e-6, f"{where}: the law's distribution, p {p:.2g}")


def _distribution(law: Law) -> Callable[[Any], Any] | None:
    """The distribution function of laws whose entries are independent."""
    arguments = dict(law.arguments)
    low, high = arguments.get("low", -2.0), arguments.get("high", 2.0)
    known: dict[str, Callable[[Any], Any]] = {
        "normal": ndtr,
        "uniform": lambda x: np.clip((x + 1) / 2, 0, 1),
        "truncated_normal": lambda x: (ndtr(x) - ndtr(low)) / (ndtr(high) - ndtr(low)),
    }
    return known.get(law.name)


def _check_independence(z: NDArray[np.float64], where: str) -> None:
    """Neighbours in canonical order, and their squares, at the distances of lanes, words and tiles."""
    for what, y in (("values", z), ("squares", (z**2 - np.mean(z**2)) / np.std(z**2))):
        for lag in (1, 16, 64):
            _check_uncorrelated(y[lag:], y[:-lag], f"{where}: {what} at distance {lag}")


def _check_uncorrelated(a: NDArray[np.float64], b: NDArray[np.float64], where: str) -> None:
    correlation = float(np.mean(a * b))
    _require(abs(correlation) <= _SIGMAS / math.sqrt(a.size), f"{where}: correlation {correlation:g}, expected 0")


def _check_rounded(x: NDArray[Any], exact: NDArray[np.float64], where: str) -> None:
    """A type of fewer digits holds the same draws: off by its rounding, and by what float32 loses on the way."""
    limits = np.finfo(x.dtype)
    allowed = float(limits.eps) * np.abs(exact) + 1e-5 * float(np.abs(exact).max()) + float(limits.smallest_subnormal)
    _require(bool(np.all(np.abs(x - exact) <= allowed)), f"{where}: the {x.dtype} draw is the float64 draw, rounded")


def _check_orthogonal(scheme: Scheme, param: Param) -> None:
    size, (copy, row, column) = matrices(param), coordinates(param, region(param, None))
    stack = np.empty((size.copies, size.rows, size.columns))
    stack[copy, row, column] = schemes.sample(scheme, param, dtype="float64").transpose(param.canonical_axes)
    for matrix in stack[:8]:
        gram = matrix @ matrix.T if size.rows <= size.columns else matrix.T @ matrix
        off = np.abs(gram - np.diag(np.diag(gram))).max()
        _require(off < 1e-9, f"{scheme.name} on {param.path}: rows or columns at right angles (off by {off:g})")


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ContractError(f"does not hold: {what}")


def check_task(item: ModuleType) -> None:
    """A preset: its page, its settings, and one epoch of it on few examples under each of its inits.

    A dense network is trained on small images, a model of PyTorch on some of its own data; of what the preset varies by
    itself, everything is planned, and the first of each is trained.

    Raises:
        ContractError: naming the preset and what it lacks.
        MissingExtra: a model of PyTorch, where there is none.

    Example:
        >>> from fanin.study.tasks import single_layer
        >>> check_task(single_layer)
    """
    from fanin.study import ModelTask, Task, datasets  # sampling and schemes can be tested without it
    from fanin.study.grid import grid, trials
    from fanin.study.work import Settings

    task, page = getattr(item, "TASK", None), item.__doc__ or ""
    if not isinstance(task, (Task, ModelTask)):
        raise ContractError(f"{item.__name__} holds no Task or ModelTask named TASK")
    _require("Reference" in page and "Settings" in page, f"{task.name} has a page with its settings and a reference")
    named = (task.data or "").partition("(")[0] in datasets.names()
    _require(named, f"{task.name} names a data set that is there")
    work = _small_work(task)
    varied: dict[str, Any] = {"seeds": 1, **task.axes}
    planned = trials(work, grid(inits=task.inits, **varied), Settings(epochs=1))
    short = [replace(planned[0], init=init) for init in task.inits]
    outcomes = work.train(short, lambda trials: None)
    for outcome in outcomes:
        what = f"{task.name} under {outcome.trial.init}"
        _require(bool(outcome.epochs) and outcome.epochs[0].loss is not None, f"{what} starts with a finite loss")
        _require(outcome.state == "done" and len(outcome.epochs) == 2, f"{what} trains for one epoch")
    moved = [max(moved or 0 for moved in o.epochs[1].moved) for o in outcomes]
    _require(max(moved) > 0, f"the weights of {task.name} move under one init at least")


def _small_work(task: Any) -> Any:
    """A preset on few examples."""
    from fanin.study import Task, datasets
    from fanin.study.dense import DenseWork

    if isinstance(task, Task):
        return DenseWork(task, task.part(datasets.load("digits")))
    from fanin.study.works import preset_work

    return preset_work(replace(task, train=3 * task.batch))


def check_kernel(fill: Kernel) -> None:
    """A sampling kernel gives the bits of the NumPy reference: every transform and type, any start, length and step.

    All stored types, of 16 bits too (bfloat16 where the package ml_dtypes is), lines and matrices.

    Raises:
        ContractError: naming the transform and the range that differs.

    Example:
        >>> from fanin.sampling.kernels import numpy
        >>> check_kernel(numpy.fill)
    """
    for law, computed in TRANSFORMS:
        for dtype in _stored_types(computed):
            for start, shape, step in (
                *((0, (128,), 1), (5, (300,), 1), (2**40 + 63, (70,), 1), (900, (90,), -7), (3, (0,), 1)),
                *((2**36 - 9, (4, 70), 1), (11, (70, 3), 5)),
            ):
                same = _same_bits(fill, law, np.dtype(computed).type, dtype, start, shape, step)
                where = f"{law} in {dtype.name} from {start}, {shape} elements by {step}"
                _require(same, f"{where}: the bits of the reference")


def _same_bits(
    fill: Kernel, law: str, number: Any, dtype: np.dtype[Any], start: int, shape: tuple[int, ...], step: int
) -> bool:
    key = sampling.Stream(0, "check_kernel").key
    bounded = {"central": (0.0, 0.95, -2.0, 2.0), "tail": (0.001, 0.002, 0.997, 0.0, -3.0, 2.8)}
    arguments = tuple(number(x) for x in bounded.get(law, ()))
    pitch = (1000,) if len(shape) == 2 else ()
    found, expected = np.full(shape, np.nan, dtype), np.empty(shape, dtype)
    for out, kernel in ((found, fill), (expected, reference.fill)):
        kernel(out, law, key, start, step, number(0.3), number(-1.7), arguments, *pitch)
    return found.tobytes() == expected.tobytes()


def _stored_types(computed: str) -> Iterator[np.dtype[Any]]:
    """The types whose values are computed in this one, as far as they are installed."""
    for name in DTYPES:
        if computed_in(name) == computed:
            with contextlib.suppress(MissingExtra):
                yield storage(name)


def check_law(item: ModuleType, arguments: tuple[tuple[str, float], ...] = ()) -> None:
    """A file of `sampling/laws`: its page, its moments, and that a value depends on its canonical index alone.

    Raises:
        ContractError: naming the law, the parameter and what does not hold.

    Example:
        >>> from fanin.sampling.laws import uniform
        >>> check_law(uniform)
    """
    law = Law(item.__name__.rpartition(".")[2], arguments)
    _require(bool(item.__doc__), f"law {law.name} has a page")
    conv: tuple[Axis, ...] = ("out", "in", "kernel", "kernel")
    dense = Param("dense", (96, 80), ("out", "in"), blocks=4)
    table = Param("table", (90, 32), ("lookup", "out"), blocks=4)
    plain = Param("one matrix", (64, 80), ("out", "in"))
    params = [param for param in (dense, Param("conv", (64, 16, 3, 3), conv, blocks=4), table, plain)
              if _accepts(Scheme(law.name, law), param)]  # fmt: skip
    _require(bool(params), f"{law.name} accepts a parameter of some kind")
    for param in params:
        whole = sampling.draw(law, param, sampling.Stream(0), dtype="float64")
        _check_law_moments(law, param, whole)
        index = (slice(40, 3, -5), 7)
        part = sampling.draw(law, param, sampling.Stream(0), dtype="float64", index=index)
        _require(bool((part == whole[index]).all()), f"{law.name} on {param.path}: a slice equals that of the whole")
    turned = sampling.draw(law, Param("w", (80, 96), ("in", "out"), blocks=4), sampling.Stream(0))
    straight = sampling.draw(law, dense, sampling.Stream(0))
    _require(bool((straight == turned.T).all()), f"{law.name}: an (in, out) tensor is the transpose of (out, in)")


def _check_law_moments(law: Law, param: Param, x: NDArray[np.float64]) -> None:
    known = sampling.moments(law, param)
    where = f"{law.name} on {param.path}"
    _require(known.low <= x.min() and x.max() <= known.high, f"{where}: values within the support")
    for what, power, expected in (("mean", 1, known.mean), ("second moment", 2, known.second_moment)):
        powers = x**power
        allowed = _SIGMAS * float(powers.std()) / math.sqrt(x.size) + 1e-9
        _require(
            abs(float(powers.mean()) - expected) <= allowed,
            f"{where}: {what} {powers.mean():g}, expected {expected:g}",
        )


def check_recipe(item: ModuleType) -> None:
    """A file of `recipes`: its page, and that it decides every parameter of the networks it is for, each once.

    Plain, residual, recurrent and transformer networks: every scheme resolves and has the std that the plan says, every
    choice has a reason, two runs and a JSON round trip give the same plan. What it doesn't decide it names.

    Raises:
        ContractError: naming the recipe, the parameter and what does not hold.

    Example:
        >>> from fanin.recipes import gpt2
        >>> check_recipe(gpt2)
    """
    recipe, planned = recipes.recipe(item), 0
    for heading in ("Paper and code:", "Reference:"):
        _require(heading in recipe.page, f"{recipe.name} has a page with {heading!r}")
    _require(recipe.version >= 1 and recipe.summary.endswith("."), f"{recipe.name} has a version and a first sentence")
    for network in networks.all_kinds():
        try:
            plan = recipe(network.params, network.graph)
        except InputError as error:
            is_of_kind = not any(repr(param.path) in str(error) for param in network.params)
            is_named = is_of_kind or "does not decide" in str(error)
            _require(is_named and recipe.name in str(error), f"{recipe.name} says what it can't do: {error}")
            continue
        planned += 1
        _check_plan(plan, network.params)
        _require(plan == recipe(network.params, network.graph), f"{recipe.name} says the same twice")
        _require(Plan.from_json(plan.to_json()) == plan, f"{recipe.name}: the plan is the same after JSON")
    _require(planned > 0, f"{recipe.name} plans one of the networks at least")


def _check_plan(plan: Plan, params: tuple[Param, ...]) -> None:
    _require(
        tuple(each.param for each in plan.assignments) == params, f"{plan.recipe} decides every parameter, in order"
    )
    for each in plan.assignments:
        where = f"{plan.recipe} on {each.param.path}"
        _require(bool(each.reason), f"{where}: a reason")
        std = None if each.keeps else schemes.moments(each.scheme, each.param).std
        _require(each.std == std, f"{where}: std {each.std}, by its scheme {std}")
        _require(std is None or math.isfinite(std), f"{where}: a finite std")


def check_rule(item: ModuleType) -> None:
    """A rule of the doctor: its page, that it speaks on its sick example alone, and copes with what was not measured.

    Every rule is silent on its healthy example, its finding says what was measured and what to do, two runs say the
    same, and a trace that lacks any of its statistics, or all, raises nothing.

    Raises:
        ContractError: naming the rule and what does not hold.

    Example:
        >>> from fanin.doctor.rules import symmetric_units
        >>> check_rule(symmetric_units)
    """
    rule = doctor.rule(item)
    for heading in doctor.HEADINGS:
        _require(f"\n## {heading}\n" in rule.page, f"{rule.code} has the heading {heading!r}")
    _require(rule.summary.endswith("."), f"{rule.code} begins with a sentence")
    sick, healthy = _case(rule.sick()), _case(rule.healthy())
    found = list(rule.check(sick))
    _require(bool(found), f"{rule.code} speaks on its sick example")
    _require(found == list(rule.check(sick)), f"{rule.code} says the same twice")
    for finding in found:
        _require((finding.code, finding.slug) == (rule.code, rule.slug), f"{rule.code} signs its findings")
        _require(bool(finding.measured) and bool(finding.help), f"{rule.code} says what it measured and what to do")
    for each in doctor.all_rules():
        _require(not list(each.check(healthy)), f"{each.code} is silent on the healthy example of {rule.code}")
    for statistic in sorted({row.statistic for row in sick.measured.rows}):
        rows = tuple(row for row in sick.measured.rows if row.statistic != statistic)
        list(rule.check(replace(sick, measured=Trace("measured", rows))))
    _require(
        not list(rule.check(Case(sick.graph, sick.params, Trace("measured", ())))),
        f"{rule.code} is silent on an empty trace",
    )


def _case(example: Example | Case) -> Case:
    if isinstance(example, Case):
        return example
    biases = example.biases or tuple(np.zeros(len(weight)) for weight in example.weights)
    pair = (example.weights, biases)
    return check(pair, example.x, activation=example.activation, output=example.output).case
