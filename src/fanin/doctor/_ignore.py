"""What a user does not want to hear of: a rule anywhere (`FAN104`), or on some layers (`backbone.*:FAN104`)."""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from fanin.doctor._rule import chosen
from fanin.values import Finding


def split(ignore: Iterable[str]) -> tuple[list[str], Callable[[Finding], bool]]:
    """The codes to leave out everywhere, and whether a finding is one that is left out where it stands.

    A pattern (`*`, `?`, `[...]`) is of names of layers or of parameters; one that matches none is no error, since
    several networks share one configuration.

    Raises:
        UnknownName: a code after a pattern that no rule has.
    """
    given = list(ignore)
    places = [text.rpartition(":") for text in given if ":" in text]
    codes = [(pattern, {rule.code for rule in chosen([code])}) for pattern, _, code in places]

    def is_left_out(finding: Finding) -> bool:
        names = [name for name in (finding.layer, finding.parameter) if name]
        return any(finding.code in of and any(fnmatchcase(name, pattern) for name in names) for pattern, of in codes)

    return [text for text in given if ":" not in text], is_left_out
