"""What was examined."""

from dataclasses import dataclass

from fanin.doctor import Case


@dataclass(frozen=True, slots=True)
class Visit:
    """A case, and what to call the network, the data and its framework."""

    case: Case
    target: str
    data: str
    framework: str
