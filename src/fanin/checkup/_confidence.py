"""How often the same is found when a network is drawn again."""

from collections.abc import Mapping, Sequence

from fanin.doctor import Diagnosis


def confidence(found: Diagnosis, others: Sequence[Diagnosis]) -> Mapping[str, float]:
    """By code, the share of other draws that find it too; of the cause, the share that have the same cause.

    >>> confidence(Diagnosis((), None), [])
    {}
    """
    if not others:
        return {}
    shares = {
        finding.code: sum(any(f.code == finding.code for f in other.findings) for other in others) / len(others)
        for finding in found.findings
    }
    if found.cause is not None:
        shares[found.cause] = sum(other.cause == found.cause for other in others) / len(others)
    return shares
