"""What a rule concluded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from fanin.values import codec

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write instead: a scheme, the std it gives here, and code per framework."""

    scheme: str
    std: float | None
    snippet: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, with the number measured beside the number expected.

    Attributes:
        code, slug: the rule: `FAN103`, `non-zero-mean`.
        severity: error (will not learn), warning (learns badly), info.
        layer, parameter: where; None for the whole network.
        measured, expected: the evidence by name of the statistic.
        message: one sentence, what is wrong.
        help: one sentence, what to do.
        fix: what to write instead, if a scheme cures it.
        shared: the layers that have the same fault, of a finding on many: the one named, and others.
    """

    code: str
    slug: str
    severity: Severity
    layer: str | None
    parameter: str | None
    measured: Mapping[str, float]
    expected: Mapping[str, float]
    message: str
    help: str
    fix: Fix | None = None
    shared: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The finding as plain JSON data."""
        return codec.encode(self)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The finding that `to_json` wrote."""
        return codec.decode(cls, data)
