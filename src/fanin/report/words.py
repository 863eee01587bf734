"""How numbers and foreign text are written, in every format alike."""

import math

MISSING = "–"


def number(value: float | None, digits: int = 3) -> str:
    """Three significant digits, or as many as told; plain notation from 0.0001 to 99999.

    >>> number(0.28867), number(1234.5), number(3.1e-7), number(None)
    ('0.289', '1234', '3.1e-07', '–')
    """
    if value is None:
        return MISSING
    if 999.5 <= abs(value) < 99999.5:
        return f"{value:.0f}"
    if 1e-4 < abs(value) < 1e-3:
        digits -= 1  # not wider than the rest of a column
    return f"{value:.{digits}g}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share of 1, never rounded to a 0 % or 100 % that it isn't.

    >>> percent(0.5), percent(0.99996), percent(1.0), percent(0.00001), percent(None)
    ('50.0 %', '>99.9 %', '100 %', '<0.1 %', '–')
    """
    if share is None:
        return MISSING
    if share in (0, 1):
        return f"{share * 100:.0f} %"
    step = 10.0**-digits
    if share * 100 < step / 2:
        return f"<{step:g} %"
    if 100 - step / 2 < share * 100 < 100:
        return f">{100 - step:.{digits}f} %"
    return f"{share * 100:.{digits}f} %"


def factor(logarithm: float, most: float = 1e6) -> str:
    """The factor of a natural logarithm; beyond `most`, or below 1/most, only that it is.

    >>> factor(math.log(2.5)), factor(-3.2), factor(800.0), factor(-50.0)
    ('2.5', '0.0408', '>1e+06', '<1e-06')
    """
    if abs(logarithm) > math.log(most):
        return f">{most:.0e}" if logarithm > 0 else f"<{1 / most:.0e}"
    return number(math.exp(logarithm))


def span(low: str, high: str) -> str:
    """From one written number to another, in as few signs as can be read.

    >>> span("1", "2"), span("2", "2"), span("-1", "2"), span("5 %", "7 %")
    ('1–2', '2', '-1…2', '5–7 %')
    """
    if low == high:
        return low
    return f"{low.removesuffix(' %') if high.endswith(' %') else low}{'…' if low.startswith('-') else '–'}{high}"


def with_error(value: float | None, error: float | None) -> str:
    """A value to the digits that its standard error allows, and the error.

    >>> with_error(0.500123, 0.000289), with_error(0.5, 0.0), with_error(0.5, None)
    ('0.50012 ± 0.00029', '0.5 ± 0', '0.5')
    """
    if value is None or error is None:
        return number(value)
    if error == 0:
        return f"{number(value)} ± 0"
    digits = max(0, 1 - int(f"{error:e}".partition("e")[2]))
    if digits > 8:
        return f"{value:.3g} ± {error:.1g}"
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "seed"), plural(1000, "draw")
    ('1 seed', '1,000 draws')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def clean(text: str, keep: str = "") -> str:
    r"""A text that may hold anything, with its unprintable characters spelled out: none reaches a terminal or a page.

    >>> clean("\x1b[31mred")
    '\\x1b[31mred'
    """
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text)


def elide(name: str, limit: int) -> str:
    """A name of at most `limit` characters; what is too much is taken from its middle, its last parts whole.

    >>> elide("encoder.layers.11.self_attn.out_proj", 26), elide("aaaaaaaaaa", 5)
    ('enco…11.self_attn.out_proj', 'aa…aa')
    """
    if len(name) <= limit:
        return name
    starts = [i + 1 for i, sign in enumerate(name) if sign == "." and len(name) - i <= limit]
    tail = name[starts[0] :] if starts else name[len(name) - limit // 2 :]
    head = name[: limit - 1 - len(tail)]
    return (head if len(head) > 3 or not starts else "") + "…" + tail


def thin(count: int, limit: int) -> list[int]:
    """At most `limit` of `count` positions, evenly spread, the first and the last among them.

    >>> thin(31, 4), thin(3, 4)
    ([0, 10, 20, 30], [0, 1, 2])
    """
    if count <= limit:
        return list(range(count))
    return [round(i * (count - 1) / (limit - 1)) for i in range(limit)]
