"""The options that all verbs share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def common(*formats: str) -> Callable[[Command], Command]:
    """--format, --out, --seed and --quiet."""

    def add(function: Command) -> Command:
        for option in (
            click.option("--quiet", is_flag=True, help="No progress, no messages; results only."),
            click.option(
                "--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of all random numbers."
            ),
            click.option(
                "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the result to this file."
            ),
            click.option(
                "--format",
                "format_",
                type=click.Choice(formats),
                default=None,
                help="Default: text, or what the ending of --out says.",
            ),
        ):
            function = option(function)
        return function

    return add


class Shape(click.ParamType[tuple[int, int]]):
    """OUTxIN, such as 30x784."""

    name = "OUTxIN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        sizes = str(value).lower().replace("×", "x").split("x")
        if len(sizes) != 2 or not all(
            size.strip().isascii() and size.strip().isdecimal() and len(size) < 10 for size in sizes
        ):
            self.fail(f"{str(value)[:40]!r} is not OUTxIN, such as 30x784", param, ctx)
        out, inputs = (int(size) for size in sizes)
        if min(out, inputs) < 1:
            self.fail(f"{value!r}: both sizes must be at least 1", param, ctx)
        return out, inputs


class InputShape(click.ParamType[tuple[int, ...]]):
    """3x32x32: one sample, without the batch."""

    name = "SHAPE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        sizes = str(value).lower().replace("×", "x").split("x")
        if not all(size.strip().isascii() and size.strip().isdecimal() and 0 < len(size) < 10 for size in sizes):
            self.fail(f"{str(value)[:40]!r} is no shape of one sample, such as 3x32x32", param, ctx)
        shape = tuple(int(size) for size in sizes)
        if min(shape) < 1:
            self.fail(f"{value!r}: all sizes must be at least 1", param, ctx)
        return shape


class Several(click.ParamType[tuple[Any, ...]]):
    """Values with commas between them: 0.01,0.1."""

    def __init__(self, kind: Callable[[str], Any]) -> None:
        self._kind = kind
        self.name = {float: "NUMBER,...", int: "WHOLE,..."}.get(kind, "NAME,...")  # type: ignore[call-overload]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(self._kind(item.strip()) for item in str(value).split(","))
        except ValueError:
            what = "whole numbers" if self._kind is int else "numbers"
            self.fail(f"{str(value)[:40]!r} is not {what} with commas between them, such as 1,2", param, ctx)
