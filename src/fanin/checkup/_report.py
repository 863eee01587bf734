"""What the doctor found: for people as text, for notebooks as HTML, for programs as JSON."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fanin.checkup._fix import Fixed, fix_
from fanin.doctor import Case
from fanin.errors import FaultsFound, InputError
from fanin.values import Finding, Param, Trace, codec
from fanin.values.trace import Direction


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """The findings on one network.

    Attributes:
        target: what was checked.
        data: on what inputs.
        case: everything that was measured; `case.to_json()` can be sent and judged elsewhere.
        findings: the principal ones first.
        cause: code of the principal finding; None if there is no error and no warning.
        framework: whose model it is.
        confidence: by code, the share of other draws of the model that show the same; empty if it wasn't drawn again.
        fixed: what `fix_` drew anew before this check; None if it was not called.
    """

    target: str
    data: str
    case: Case
    findings: tuple[Finding, ...]
    cause: str | None
    framework: str = "numpy"
    confidence: Mapping[str, float] = field(default_factory=dict)
    fixed: Fixed | None = None
    again: Callable[..., "Report"] | None = field(default=None, compare=False)

    @property
    def ok(self) -> bool:
        """No error and no warning."""
        return all(finding.severity == "info" for finding in self.findings)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was given and could not be used, a line each."""
        has_loss = any(row.statistic == "loss" for row in self.case.measured.rows)
        notes = []
        if self.case.loss and not has_loss:
            notes.append(f"no targets: the loss {self.case.loss} was not used; give inputs and targets as the data")
        if self.case.lr and not self.case.optimizer:
            notes.append("no optimizer: the learning rate was not used; say which it is for, such as adam or sgd")
        return tuple(notes)

    def raise_for_findings(self) -> None:
        """Raises FaultsFound, with the cause, unless `ok`."""
        if not self.ok:
            first = self.findings[0]
            raise FaultsFound(f"{self.target}: {first.code} {first.slug}: {first.message} {first.help}")

    def fix_(self, model: Any, batch: Any = None, *, seed: int = 0) -> "Report":
        """Draw anew, in place, the weights that the findings blame, and check again.

        Args:
            model: that was checked, or a copy: written to.
            batch: if it is to be another than that of the check.
            seed: of the new weights.

        Returns:
            The report of the model as it is now; its `fixed` says what was done.

        Raises:
            InputError: arrays or a model that can't be written to, or a report that was read from a file.

        Example:
            >>> import fanin, numpy as np
            >>> weights = [np.random.default_rng(0).random((30, 784)), np.zeros((10, 30))]
            >>> report = fanin.check(weights, activation="tanh")
            >>> report.cause, report.fix_(weights).ok
            ('FAN103', True)
        """
        again = self.again
        if again is None:
            raise InputError("this report does not know how to check again; take one that fanin.check returned")
        return fix_(self, model, lambda: again(model, batch), seed)

    def to_json(self) -> dict[str, Any]:
        """The document "fanin.check/1"; numbers that aren't finite are null."""
        return {
            "schema": "fanin.check/1",
            "target": self.target,
            "data": self.data,
            "framework": self.framework,
            "verdict": "pass" if self.ok else "fail",
            "cause": self.cause,
            **({"trained": True} if self.case.is_trained else {}),
            **({"fixed": self.fixed.to_json()} if self.fixed else {}),
            "findings": [self._finding(finding) for finding in self.findings],
            "layers": [self._layer(name, weight) for name, weight in self._shown()],
        }

    def _shown(self) -> Iterator[tuple[str, Param]]:
        """The layers with their weights, in order; tables, and a head tied to one, where a finding names them."""
        named = {finding.layer for finding in self.findings}
        for node in self.case.graph.of_kind("layer"):
            weight = self.case.weights.get(node.name)
            if weight is None and node.name in named and node.params:
                weight = self.case.by_path.get(node.params[0])
            if weight is not None:
                yield node.name, weight

    def _finding(self, finding: Finding) -> dict[str, Any]:
        """With null for each number that isn't finite (they travel as strings)."""
        plain = finding.to_json()
        for key in ("measured", "expected"):
            plain[key] = {name: None if isinstance(value, str) else value for name, value in plain[key].items()}
        if not finding.shared:
            del plain["shared"]
        return plain | ({"confidence": self.confidence[finding.code]} if finding.code in self.confidence else {})

    def _layer(self, name: str, weight: Param) -> dict[str, Any]:
        measured, predicted = self.case.measured, self.case.predicted
        return {
            "name": name,
            "op": self.case.graph.by_name[name].op,
            "shape": list(weight.shape),
            "fan_in": weight.fans.fan_in,
            "fan_out": weight.fans.fan_out,
            "activation": self.case.graph.by_name[name].activation,
            "weight": _statistics(measured, name, "weight"),
            "forward": _statistics(measured, name, "forward"),
            "backward": _statistics(measured, name, "backward"),
            "predicted": {
                "forward": _statistics(predicted, name, "forward"),
                "backward": _statistics(predicted, name, "backward"),
            },
        }

    def __str__(self) -> str:
        from fanin import report  # imports rich; a check in a test needs none

        return report.render(self.to_json(), "text")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from fanin.report.formats.html import fragment

        return fragment(self.to_json())

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """As wide as rich's console is, and in colour where it has any."""
        from rich.text import Text

        from fanin import report

        yield Text.from_ansi(report.render(self.to_json(), "text", width=options.max_width, color=True))


def _statistics(trace: Trace | None, layer: str, direction: Direction) -> dict[str, float | None]:
    rows = trace.rows if trace else ()
    chosen = (row for row in rows if (row.layer, row.direction) == (layer, direction))
    return {row.statistic: codec.finite(row.value) for row in chosen}
