"""The statistical battery: 10^9 draws of each source against exact laws, in bounded memory; p-values and one verdict.

    python benchmarks/battery [--count 1000000000] [--seed 20261122]
    python benchmarks/battery --raw | dieharder -a -g 200

Every test tallies a chunk at a time into cells whose probabilities are known, and ends in a chi-square or a z. A
p-value counts two-sided, so that a fit which is too good fails as well. The verdict is Bonferroni's: the least p-value
times the number of tests must not be below 0.01. Exit code 1 if it is. `--raw` writes the bits of one stream to the
pipe, for ever.
"""

import argparse
import sys
import time
from collections.abc import Iterator

from laws import LAWS, judge
from sources import SOURCES, one_stream
from words import TESTS, chi_square, new_counts

from fanin.sampling import Stream

CHUNK = 2**22
Result = tuple[str, str, float]  # (source, test, two-sided p)


def test_words(name: str, count: int, seed: int) -> Iterator[Result]:
    """All tests of bits on one source."""
    counts = new_counts()
    for number in range(-(-count // CHUNK)):
        words = SOURCES[name](seed, number, CHUNK)
        for test, (tally, arguments, _) in TESTS.items():
            tally(words, counts[test], *arguments)
    for test, (*_, probabilities) in TESTS.items():
        yield name, test, chi_square(counts[test], probabilities())


def test_law(name: str, count: int, seed: int) -> Iterator[Result]:
    """All tests of values on one law."""
    for test, p in judge(LAWS[name], count, CHUNK, Stream(seed, name)):
        yield name, test, p


def two_sided(p: float) -> float:
    """The chance of a value as far out on either side."""
    return 2 * min(p, 1 - p)


def report(results: list[Result]) -> bool:
    """Print the extreme p-value of each source and the verdict; whether it passes."""
    for source in dict.fromkeys(source for source, _, _ in results):
        found = sorted((p, test) for name, test, p in results if name == source)
        least = ", ".join(f"{p:.2g} ({test})" for p, test in found[:3])
        print(f"| {source} | {len(found)} | {least} |")
    least = min(p for *_, p in results)
    corrected = min(1.0, least * len(results))
    below = {level: sum(p < level for *_, p in results) for level in (0.1, 0.01, 0.001)}
    print(f"{len(results)} tests; p below " + ", ".join(f"{level:g}: {n}" for level, n in below.items()))
    print(f"least p {least:.3g}, times the number of tests {corrected:.3g}: {'pass' if corrected >= 0.01 else 'FAIL'}")
    return corrected >= 0.01


def main() -> int:
    """Run all, or write raw bits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--raw", action="store_true", help="write the bits of one stream to standard output")
    options = parser.parse_args()
    if options.raw:
        number = 0
        while True:
            sys.stdout.buffer.write(one_stream(options.seed, number, CHUNK).tobytes())
            number += 1
    results: list[Result] = []
    for run, names in ((test_words, SOURCES), (test_law, LAWS)):
        for name in names:
            begun = time.perf_counter()
            found = [(source, test, two_sided(p)) for source, test, p in run(name, options.count, options.seed)]
            results += found
            print(
                f"{name}: least p {min(p for *_, p in found):.3g}, {time.perf_counter() - begun:.0f} s", file=sys.stderr
            )
    return 0 if report(results) else 1


if __name__ == "__main__":
    sys.exit(main())
