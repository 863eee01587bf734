"""What a recipe decided, one scheme per parameter, before a weight is touched; and the receipt of what was written."""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from fanin.errors import InputError
from fanin.values import codec
from fanin.values.param import Param
from fanin.values.scheme import Law, Scheme

KEEP = Scheme("keep", Law("keep"), reference="left alone on purpose")
"""No law: the tensor stays as it is. What nobody decided is an error; what is left alone says so."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One parameter's scheme.

    Attributes:
        param: the tensor and its surroundings.
        scheme: how its values are drawn; `keep` leaves them.
        std: of an entry under the scheme; None if it is kept.
        reason: why this scheme, in a few words.
    """

    param: Param
    scheme: Scheme
    std: float | None
    reason: str

    @property
    def keeps(self) -> bool:
        """The tensor is left alone."""
        return self.scheme.law == KEEP.law

    @property
    def summary(self) -> str:
        """Scheme, std and shape on one line."""
        std = "" if self.std is None else f" std {self.std:.4g}"
        return f"{self.scheme.name}{std} on {_shape(self.param)}"

    @property
    def _law(self) -> tuple[Any, ...]:
        scheme = self.scheme
        return self.param.shape, self.param.axes, scheme.law, scheme.loc, scheme.scale, self.std


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter on which two plans differ; None where a plan lacks it."""

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.path}: {self.before or 'absent'} -> {self.after or 'absent'}"


def _short(name: str) -> str:
    """A scheme's name with four digits of each number: to be read, not applied."""
    return re.sub(r"\d+\.\d{4,}", lambda number: f"{float(number[0]):.4g}", name)


@dataclass(frozen=True)
class Plan:
    """The schemes of all parameters, in the order of the model.

    Attributes:
        recipe, version: what decided.
        assignments: one per parameter; two of one path are refused.

    Example:
        >>> from fanin.values.param import dense
        >>> weight = Assignment(dense("fc.weight", (2, 3)), Scheme("zeros", Law("constant"), loc="0"), 0.0, "a test")
        >>> print(Plan("mine", 1, (weight,)))
        recipe mine, version 1: 1 tensor, 6 values
        parameter  shape  scheme  std  why
        fc.weight  2x3    zeros   0    a test
    """

    recipe: str
    version: int
    assignments: tuple[Assignment, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "assignments", tuple(self.assignments))
        if len(self.by_path) != len(self.assignments):
            raise InputError(f"plan of recipe {self.recipe!r}: a parameter is decided twice; expected each once")

    @cached_property
    def by_path(self) -> Mapping[str, Assignment]:
        """Assignment of a path."""
        return {each.param.path: each for each in self.assignments}

    def diff(self, other: "Plan") -> tuple[Change, ...]:
        """Where another plan draws otherwise: other law, scale, std or shape, or a parameter that one lacks."""
        paths = dict.fromkeys([*self.by_path, *other.by_path])
        pairs = [(path, self.by_path.get(path), other.by_path.get(path)) for path in paths]
        return tuple(
            Change(path, *(None if each is None else each.summary for each in (old, new)))
            for path, old, new in pairs
            if old is None or new is None or old._law != new._law
        )

    @property
    def title(self) -> str:
        """Recipe, version and size."""
        count, size = len(self.assignments), sum(math.prod(each.param.shape) for each in self.assignments)
        return f"recipe {self.recipe}, version {self.version}: {count} tensor{'s' * (count != 1)}, {size:,} values"

    @property
    def table(self) -> tuple[tuple[str, ...], ...]:
        """Rows of parameter, shape, scheme, std and reason; equal rows of repeated blocks are one, with a `*`."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for each in self.assignments:
            std = "" if each.std is None else f"{each.std:.4g}"
            pattern = re.sub(r"\d+", "*", each.param.path)
            row = (pattern, _shape(each.param), _short(each.scheme.name), std, each.reason)
            groups.setdefault(row, []).append(each.param.path)
        return tuple(
            (paths[0] if len(paths) == 1 else f"{row[0]} ({len(paths)})", *row[1:]) for row, paths in groups.items()
        )

    def __str__(self) -> str:
        rows = (("parameter", "shape", "scheme", "std", "why"), *self.table)
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
        return "\n".join([self.title, *(line.rstrip() for line in lines)])

    def to_json(self) -> dict[str, Any]:
        """The document "fanin.plan/1"."""
        return {"schema": "fanin.plan/1", **codec.encode(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The plan that `to_json` wrote.

        Raises:
            InputError: another kind of document, or one that lacks a part.
        """
        if data.get("schema") != "fanin.plan/1":
            raise InputError(f"got a document with schema {data.get('schema')!r}, expected a plan, 'fanin.plan/1'")
        return codec.decode(cls, {key: value for key, value in data.items() if key != "schema"})


@dataclass(frozen=True, slots=True)
class Written:
    """What one tensor holds now, beside what its scheme claims.

    Attributes:
        path, scheme, dtype: canonical name; name of the scheme; type of the stored numbers.
        mean, std: measured.
        claimed_mean, claimed_std: by the scheme; None for a kept tensor.
        sha256: of type, shape and bytes in canonical order (out, in, *kernel).
    """

    path: str
    scheme: str
    dtype: str
    mean: float
    std: float
    claimed_mean: float | None
    claimed_std: float | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof of an initialization: who drew what, and the hash of every tensor.

    Attributes:
        seed, recipe, version: what decides every value, with the paths.
        tensors: one per parameter of the plan.
    """

    seed: int
    recipe: str
    version: int
    tensors: tuple[Written, ...]

    @property
    def sha256(self) -> str:
        """Hash of all paths and hashes; the order of the tensors doesn't matter."""
        lines = sorted(f"{each.path}\0{each.sha256}\n" for each in self.tensors)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def __str__(self) -> str:
        count = len(self.tensors)
        return f"{count} tensor{'s' * (count != 1)} by {self.recipe}, seed {self.seed}: sha256 {self.sha256}"

    def to_json(self) -> dict[str, Any]:
        """The receipt as plain JSON data, with the hash of all."""
        return {**codec.encode(self), "sha256": self.sha256}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The receipt that `to_json` wrote."""
        return codec.decode(cls, {key: value for key, value in data.items() if key != "sha256"})


def _shape(param: Param) -> str:
    return "x".join(map(str, param.shape)) or "scalar"
