"""How often the doctor says the same of a network, over draws of its weights and sizes of the batch.

    python benchmarks/stability.py [--draws 20] [--batches 64,128,512] [--lists sick,healthy] [--out FILE]

The networks are those of tests/zoo. Printed per network that wavers: the causes found and how often; and at the end,
per list, the share of visits that name a right cause (healthy: that find no error), and the share of networks whose
most frequent answer comes in at least 95 % of the visits.
"""

import argparse
import json
import sys
import warnings
from collections import Counter
from pathlib import Path

import torch

import fanin

ZOO = Path(__file__).parents[1] / "tests"


def visits(entry, draws: int, batches: list[int]) -> Counter:
    """Slug of the principal finding, and whether there is an error, to how often."""
    found: Counter = Counter()
    for seed in range(draws):
        for batch in batches:
            torch.manual_seed(seed)
            report = fanin.check(entry.build(), entry.data(batch), loss=entry.loss, seed=seed, **entry.options)
            slug = next((finding.slug for finding in report.findings if finding.code == report.cause), None)
            found[slug, any(finding.severity == "error" for finding in report.findings)] += 1
    return found


def judged(name: str, entry, found: Counter) -> tuple[int, int]:
    """Right answers, and those of the most frequent kind."""
    if name.endswith("healthy"):
        right = sum(count for (_, is_error), count in found.items() if not is_error)
        return right, max(right, found.total() - right)
    causes: Counter = Counter()
    for (slug, _), count in found.items():
        causes[slug] += count
    return sum(causes[slug] for slug in entry.causes), max(causes.values())


def main() -> None:
    """All lists."""
    options = argparse.ArgumentParser()
    options.add_argument("--draws", type=int, default=20)
    options.add_argument("--batches", default="64,128,512")
    options.add_argument("--lists", default="sick,healthy,not_weights,unseen_sick,unseen_healthy")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    batches = [int(size) for size in given.batches.split(",")]
    sys.path.insert(0, str(ZOO))
    from zoo import entries

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    table = {}
    for name in given.lists.split(","):
        right = visited = stable = 0
        for entry in entries(name):
            found = visits(entry, given.draws, batches)
            correct, most = judged(name, entry, found)
            right, visited = right + correct, visited + found.total()
            stable += most >= 0.95 * found.total()
            table[entry.name] = {str(slug): count for (slug, _), count in found.items()}
            if correct < found.total():
                print(f"{name:12} {entry.name:36} {correct}/{found.total()}  {dict(found)}", flush=True)
        count = len(entries(name))
        print(f"{name}: right in {right / visited:.1%} of {visited} visits; stable: {stable} of {count} networks")
    if given.out:
        given.out.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
