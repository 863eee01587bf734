"""How often the same is found when a network is drawn again."""

from collections.abc import Mapping, Sequence

from fanin.doctor import Diagnosis

_NOT_DRAWN = ("FAN5", "FAN7")  # data, loss and learning rate are the same at every draw


def confidence(found: Diagnosis, others: Sequence[Diagnosis]) -> Mapping[str, float]:
    """By code, the share of other draws that find it too; of the cause, the share that have the same cause.

    Of data, loss and learning rate nothing: another draw of the weights tells nothing of them.

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
    return {code: share for code, share in shares.items() if not code.startswith(_NOT_DRAWN)}
