"""Tests of 32-bit words. Each tallies words into cells of known probability; pairs and groups do not overlap."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import stats

Counts = NDArray[np.int64]
Probabilities = NDArray[np.float64]
BIRTHDAYS, DAYS = 2**14, 2**40
BALLS, URNS = 2**14, 2**27
RARE = 10.0
"""Cells that expect fewer are counted together."""


@njit
def fields(words, counts, shift, width):  # type: ignore[no-untyped-def]
    """The value of some bits of a word."""
    mask = np.uint32(2**width - 1)
    for w in words:
        counts[(w >> np.uint32(shift)) & mask] += 1


@njit
def pairs(words, counts, lag, shift):  # type: ignore[no-untyped-def]
    """Ten bits each of a word and of the one `lag` later."""
    mask, by = np.uint32(1023), np.uint32(shift)
    for base in range(0, words.size - 2 * lag + 1, 2 * lag):
        for i in range(base, base + lag):
            counts[(((words[i] >> by) & mask) << np.uint32(10)) | ((words[i + lag] >> by) & mask)] += 1


@njit
def fours(words, counts, shift):  # type: ignore[no-untyped-def]
    """Five bits each of four words in a row."""
    mask, by = np.uint32(31), np.uint32(shift)
    for i in range(0, words.size - 3, 4):
        cell = np.uint32(0)
        for j in range(4):
            cell = (cell << np.uint32(5)) | ((words[i + j] >> by) & mask)
        counts[cell] += 1


@njit
def weight(w):  # type: ignore[no-untyped-def]
    """How many of the 32 bits are set."""
    w = w - ((w >> np.uint32(1)) & np.uint32(0x55555555))
    w = (w & np.uint32(0x33333333)) + ((w >> np.uint32(2)) & np.uint32(0x33333333))
    w = (w + (w >> np.uint32(4))) & np.uint32(0x0F0F0F0F)
    return np.uint32(w * np.uint32(0x01010101)) >> np.uint32(24)


@njit
def weights(words, counts):  # type: ignore[no-untyped-def]
    """The Hamming weight."""
    for w in words:
        counts[weight(w)] += 1


@njit
def differences(words, counts, lag):  # type: ignore[no-untyped-def]
    """In how many bits a word and the one `lag` later differ."""
    for base in range(0, words.size - 2 * lag + 1, 2 * lag):
        for i in range(base, base + lag):
            counts[weight(words[i] ^ words[i + lag])] += 1


@njit
def weight_pairs(words, counts, lag):  # type: ignore[no-untyped-def]
    """The Hamming weights of a word and of the one `lag` later."""
    for base in range(0, words.size - 2 * lag + 1, 2 * lag):
        for i in range(base, base + lag):
            counts[33 * weight(words[i]) + weight(words[i + lag])] += 1


@njit
def gaps(words, counts, shift):  # type: ignore[no-untyped-def]
    """How many words come between two whose four bits are 0."""
    gap = -1
    for w in words:
        if (w >> np.uint32(shift)) & np.uint32(15) == 0:
            if gap >= 0:
                counts[min(gap, counts.size - 1)] += 1
            gap = 0
        elif gap >= 0:
            gap += 1


@njit
def poker(words, counts):  # type: ignore[no-untyped-def]
    """How many of the eight hexadecimal digits are different."""
    for w in words:
        seen = np.uint32(0)
        for digit in range(8):
            seen |= np.uint32(1) << ((w >> np.uint32(4 * digit)) & np.uint32(15))
        counts[weight(seen)] += 1


@njit
def runs(words, counts):  # type: ignore[no-untyped-def]
    """Lengths of runs upward; the word that ends one is left out, which makes them independent (Knuth, 3.3.2 G)."""
    length, last = 0, np.uint32(0)
    for w in words:
        if length and w < last:
            counts[min(length, counts.size - 1)] += 1
            length = 0
        else:
            length, last = length + 1, w


@njit
def ranks(words, counts):  # type: ignore[no-untyped-def]
    """Rank over GF(2) of 32 words as rows of a matrix."""
    for base in range(0, words.size - 31, 32):
        rows, rank = words[base : base + 32].copy(), 0
        for column in range(32):
            bit, pivot = np.uint32(1) << np.uint32(column), rank
            while pivot < 32 and not rows[pivot] & bit:
                pivot += 1
            if pivot == 32:
                continue
            rows[rank], rows[pivot] = rows[pivot], rows[rank]
            for row in range(rank + 1, 32):
                if rows[row] & bit:
                    rows[row] ^= rows[rank]
            rank += 1
        counts[rank] += 1


def spacings(words: NDArray[np.uint32], counts: Counts) -> None:
    """Birthday spacings: how often two of the distances between sorted birthdays are equal."""
    days = (words[::2].astype(np.uint64) << np.uint64(8)) | (words[1::2] >> np.uint32(24)).astype(np.uint64)
    distances = np.sort(np.diff(np.sort(days.reshape(-1, BIRTHDAYS))))
    _tally(np.count_nonzero(np.diff(distances) == 0, axis=1), counts)


def collisions(words: NDArray[np.uint32], counts: Counts) -> None:
    """How many balls fall into an urn that is taken."""
    urns = np.sort((words >> np.uint32(5)).reshape(-1, BALLS))
    _tally(np.count_nonzero(np.diff(urns) == 0, axis=1), counts)


def _tally(numbers: NDArray[np.int64], counts: Counts) -> None:
    counts += np.bincount(np.minimum(numbers, counts.size - 1), minlength=counts.size)


def even(cells: int) -> Probabilities:
    """Equally likely cells."""
    return np.full(cells, 1 / cells)


def _binomial() -> Probabilities:
    return np.asarray(stats.binom.pmf(np.arange(33), 32, 0.5))


def _gap(cells: int = 200) -> Probabilities:
    inner = (15 / 16) ** np.arange(cells - 1) / 16
    return np.append(inner, 1 - inner.sum())


def _poker() -> Probabilities:
    """Stirling: surjections of 8 digits on k of 16 values."""
    ways = [math.comb(16, k) * sum((-1) ** j * math.comb(k, j) * (k - j) ** 8 for j in range(k + 1)) for k in range(9)]
    return np.array(ways) / 16**8


def _run(cells: int = 10) -> Probabilities:
    inner = [0.0, *(1 / math.factorial(r) - 1 / math.factorial(r + 1) for r in range(1, cells - 1))]
    return np.append(inner, 1 - sum(inner))


def _rank() -> Probabilities:
    def log2(r: int) -> float:
        lost = sum(2 * math.log2(1 - 2.0 ** (i - 32)) - math.log2(1 - 2.0 ** (i - r)) for i in range(r))
        return r * (64 - r) - 1024 + lost

    return np.array([2.0 ** log2(r) for r in range(33)])


def _poisson(mean: float, cells: int = 16) -> Probabilities:
    inner = stats.poisson.pmf(np.arange(cells - 1), mean)
    return np.append(inner, 1 - inner.sum())


COLLISIONS = BALLS + URNS * math.expm1(BALLS * math.log1p(-1 / URNS))
LAGS = (1, 16, 64, 4096)  # neighbours, words of a block, tiles, and far
Test = tuple[Callable[..., Any], tuple[int, ...], Callable[[], Probabilities]]
TESTS: dict[str, Test] = {
    **{f"bits {s} to {s + w - 1}": (fields, (s, w), lambda w=w: even(2**w))
       for s, w in ((0, 8), (8, 8), (16, 8), (24, 8), (0, 16), (16, 16), (0, 20), (12, 20))},
    **{f"pairs, lag {lag}, bits from {s}": (pairs, (lag, s), lambda: even(2**20)) for lag in LAGS for s in (0, 22)},
    **{f"fours, bits from {s}": (fours, (s,), lambda: even(2**20)) for s in (0, 13, 27)},
    "weight": (weights, (), _binomial),
    **{f"difference, lag {lag}": (differences, (lag,), _binomial) for lag in LAGS},
    **{f"weights, lag {lag}": (weight_pairs, (lag,), lambda: np.outer(_binomial(), _binomial()).ravel())
       for lag in LAGS},
    **{f"gaps, bits from {s}": (gaps, (s,), _gap) for s in (0, 28)},
    "poker": (poker, (), _poker),
    "runs": (runs, (), _run),
    "matrix rank": (ranks, (), _rank),
    "birthday spacings": (spacings, (), lambda: _poisson(BIRTHDAYS**3 / (4 * DAYS))),
    "collisions": (collisions, (), lambda: _poisson(COLLISIONS)),
}  # fmt: skip


def new_counts() -> dict[str, Counts]:
    """Empty cells of each test."""
    return {name: np.zeros(probabilities().size, np.int64) for name, (*_, probabilities) in TESTS.items()}


def chi_square(counts: Counts, probabilities: Probabilities) -> float:
    """P(a chi-square at least as large), rare cells counted as one."""
    expected = probabilities * counts.sum()
    rare = expected < RARE
    found = np.append(counts[~rare], counts[rare].sum())
    wanted = np.append(expected[~rare], expected[rare].sum())
    if wanted[-1] < RARE:  # too few even together: they join the largest cell
        largest = int(np.argmax(wanted))
        found[largest] += found[-1]
        wanted[largest] += wanted[-1]
        found, wanted = found[:-1], wanted[:-1]
    return float(stats.chi2.sf(((found - wanted) ** 2 / wanted).sum(), found.size - 1))
