"""How often the doctor says the same of a network, over draws of its weights and sizes of the batch.

    python benchmarks/stability.py [--draws 20] [--batches 32,64,128] [--lists sick,healthy]

The networks are those of tests/zoo. Printed after every draw: per network that wavers, the causes found and how often;
per list, the share of visits that name a right cause (healthy: that find no error), and the networks whose most
frequent answer comes in at least 95 % of the visits.
"""

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import torch

import fanin

ZOO = Path(__file__).parents[1] / "tests"


def visit(entry, seed: int, batch: int) -> tuple[str | None, bool]:
    """Slug of the principal finding, and whether there is an error."""
    torch.manual_seed(seed)
    report = fanin.check(entry.build(), entry.data(batch), loss=entry.loss, seed=seed, **entry.options)
    slug = next((finding.slug for finding in report.findings if finding.code == report.cause), None)
    return slug, any(finding.severity == "error" for finding in report.findings)


def judged(name: str, entry, found: Counter) -> tuple[int, int]:
    """Right answers, and those of the most frequent kind."""
    if name.endswith("healthy"):
        right = sum(count for (_, is_error), count in found.items() if not is_error)
        return right, max(right, found.total() - right)
    causes: Counter = Counter()
    for (slug, _), count in found.items():
        causes[slug] += count
    return sum(causes[slug] for slug in entry.causes), max(causes.values())


def summary(name: str, found: dict[str, Counter], entries: list) -> Iterator[str]:
    """Of one list: the networks that waver, and the shares."""
    right = visited = stable = 0
    for entry in entries:
        correct, most = judged(name, entry, found[entry.name])
        total = found[entry.name].total()
        right, visited = right + correct, visited + total
        stable += most >= 0.95 * total
        if correct < total or most < 0.95 * total:
            yield f"{name:14} {entry.name:36} right {correct}/{total}  {dict(found[entry.name])}"
    yield f"{name}: right in {right} of {visited} visits ({right / visited:.1%}); stable: {stable} of {len(entries)}"


def main() -> None:
    """All lists, draw by draw."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--draws", type=int, default=20)
    options.add_argument("--batches", default="32,64,128")
    options.add_argument("--lists", default="sick,healthy,not_weights,unseen_sick,unseen_healthy")
    given = options.parse_args()
    sys.path.insert(0, str(ZOO))
    from zoo import entries

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    lists = {name: entries(name) for name in given.lists.split(",")}
    found = {name: {entry.name: Counter() for entry in known} for name, known in lists.items()}
    for seed in range(given.draws):
        for name, known in lists.items():
            for entry in known:
                found[name][entry.name].update(visit(entry, seed, int(size)) for size in given.batches.split(","))
        print(f"\nafter {seed + 1} draws, batches of {given.batches}")
        for name, known in lists.items():
            print(*summary(name, found[name], known), sep="\n", flush=True)


if __name__ == "__main__":
    main()
