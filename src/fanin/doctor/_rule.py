"""A rule is one file of `rules/`: its docstring is its page, and it brings a sick and a healthy example."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from fanin import _discover
from fanin.doctor._case import Case
from fanin.doctor._example import Example
from fanin.errors import UnknownName
from fanin.values import Finding

HEADINGS = ("What it does", "Why is this bad?", "How it is measured", "Example", "Fix", "References")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a file of `rules/` offers.

    Attributes:
        code, slug: FANnnn, and the name of the fault: that of the file, with dashes.
        summary, page: the first line of the docstring, and all of it.
        check: from a case to findings; never raises on a trace that lacks rows.
        sick, healthy: networks on which it speaks, and on which no rule does.
    """

    code: str
    slug: str
    summary: str
    page: str
    check: Callable[[Case], Iterable[Finding]]
    sick: Callable[[], Example | Case]
    healthy: Callable[[], Example | Case]


def rule(module: ModuleType) -> Rule:
    """The rule of a file."""
    page = (module.__doc__ or "").strip()
    slug = module.__name__.rsplit(".", 1)[-1].replace("_", "-")
    return Rule(module.CODE, slug, page.split("\n", 1)[0], page, module.check, module.sick, module.healthy)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in order of code.

    Raises:
        ValueError: two files claim one code.

    Example:
        >>> all_rules()[0].code, all_rules()[0].slug
        ('FAN101', 'non-finite-weights')
    """
    found: dict[str, Rule] = {}
    for module in _discover.modules("fanin.doctor.rules"):
        new = rule(module)
        if new.code in found:
            raise ValueError(f"{new.code} is claimed by both {found[new.code].slug!r} and {new.slug!r}")
        found[new.code] = new
    return tuple(found[code] for code in sorted(found))


def chosen(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Iterator[Rule]:
    """The rules whose code or slug is selected (all, if none is) and not ignored; `FAN1` means all that begin so.

    Raises:
        UnknownName: a text that begins no code and is no slug.
    """
    wanted, unwanted = (list(map(_matching, names)) for names in (select, ignore))
    for each in all_rules():
        if (not wanted or any(each.code in codes for codes in wanted)) and not any(
            each.code in codes for codes in unwanted
        ):
            yield each


def _matching(text: str) -> frozenset[str]:
    codes = frozenset(r.code for r in all_rules() if text and (r.code.startswith(text.upper()) or r.slug == text))
    if not codes:
        raise UnknownName("rule", text, [name for r in all_rules() for name in (r.code, r.slug)])
    return codes
