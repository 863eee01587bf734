"""Draws against their laws, at fixed seeds, within 4.5 standard errors."""

import math

import numpy as np
import pytest
from scipy import stats

from fanin.sampling import Stream, draw, moments
from fanin.sampling.philox import philox
from fanin.values import Law, Param

COUNT = 1_000_000
SIGMAS = 4.5
INF = math.inf
PARAM = Param("w", (COUNT,), ("out",))
BOUNDS = [
    (-2.0, 2.0),
    (-3.0, 3.0),
    (-100.0, 100.0),
    (-1.0, 0.5),
    (0.0, INF),
    (-INF, -1.0),
    (5.0, 6.0),
    (-7.0, -6.5),
    (20.0, INF),
    (36.0, 37.0),
    (1.0, 1.0001),
    (-1e-6, 1e-6),
]


def truncated(low, high):
    return Law("truncated_normal", (("low", low), ("high", high)))


def values(law, dtype, seed=0):
    return draw(law, PARAM, Stream(seed, "statistics"), dtype=dtype).astype(float)


def exact_moments(law):
    """First eight moments, by scipy."""
    frozen = stats.norm() if law.name == "normal" else stats.uniform(-1, 2)
    return [frozen.moment(k) for k in range(1, 9)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["normal", "uniform"])
def test_moments_to_the_fourth(name, dtype):
    law = Law(name)
    x, known = values(law, dtype), exact_moments(law)
    for k in range(1, 5):
        error = math.sqrt((known[2 * k - 1] - known[k - 1] ** 2) / COUNT)
        assert abs(np.mean(x**k) - known[k - 1]) < SIGMAS * error


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("law", "distribution"),
    [
        (Law("normal"), stats.norm()),
        (Law("uniform"), stats.uniform(-1, 2)),
        (truncated(-2.0, 2.0), stats.truncnorm(-2, 2)),
        (truncated(-1.0, 3.0), stats.truncnorm(-1, 3)),
        (truncated(5.0, 6.0), stats.truncnorm(5, 6)),
        (truncated(0.0, INF), stats.truncnorm(0, INF)),
    ],
)
def test_kolmogorov_smirnov(law, distribution, dtype):
    assert stats.kstest(values(law, dtype, seed=1), distribution.cdf).pvalue > 1e-4


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tails_of_the_normal(dtype):
    x = np.concatenate([values(Law("normal"), dtype, seed) for seed in range(8)])
    for distance in (3.0, 4.0, 4.5, 5.0):
        for side in (x, -x):
            expected = x.size * stats.norm.sf(distance)
            assert abs(np.count_nonzero(side > distance) - expected) < SIGMAS * math.sqrt(expected)


SIXTEEN = [
    (Law("normal"), stats.norm()),
    (Law("uniform"), stats.uniform(-1, 2)),
    (truncated(-2.0, 2.0), stats.truncnorm(-2, 2)),
    (truncated(-1.0, 3.0), stats.truncnorm(-1, 3)),
]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(("law", "distribution"), SIXTEEN)
def test_distribution_in_sixteen_bits(law, distribution, dtype):
    """A number stands for all that rounds to it, up to halfway to the next: Kolmogorov-Smirnov at those places."""
    x = draw(law, PARAM, Stream(4, "statistics"), dtype=dtype)
    numbers, counts = np.unique(x, return_counts=True)
    edges = (numbers.astype(float) + np.nextafter(numbers, x.dtype.type(np.inf)).astype(float)) / 2
    distance = np.max(np.abs(np.cumsum(counts) / COUNT - distribution.cdf(edges)))
    assert stats.kstwo.sf(distance, COUNT) > 1e-4
    known = [distribution.moment(k) for k in range(1, 9)]
    for k in range(1, 5):
        error = math.sqrt((known[2 * k - 1] - known[k - 1] ** 2) / COUNT)
        rounding = 4e-5 * known[3]  # 6 (2^-9)² / 3 of the fourth moment for bfloat16, less for all others
        assert abs(np.mean(x.astype(float) ** k) - known[k - 1]) < SIGMAS * error + rounding


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_tails_in_sixteen_bits(dtype):
    x = np.concatenate([draw(Law("normal"), PARAM, Stream(seed, "tails"), dtype=dtype) for seed in range(8)])
    for distance in (3.0, 4.0, 4.5, 5.0):
        number = x.dtype.type(distance)
        edge = (float(np.nextafter(number, x.dtype.type(0))) + distance) / 2
        expected = x.size * stats.norm.sf(edge)
        for side in (x, -x):
            assert abs(np.count_nonzero(side >= number) - expected) < SIGMAS * math.sqrt(expected)


@pytest.mark.parametrize(("one", "other"), [("a.weight", "b.weight"), ("layers.1.weight", "layers.2.weight")])
def test_names_and_seeds_next_to_each_other_are_independent(one, other):
    """As pairs, not only uncorrelated: 32 x 32 cells of equal probability, chi-square."""
    for a, b in ((Stream(0, one), Stream(0, other)), (Stream(7, one), Stream(8, one))):
        cells = [np.floor(32 * stats.norm.cdf(draw(Law("normal"), PARAM, each))).astype(int) for each in (a, b)]
        counts = np.bincount(32 * cells[0] + cells[1], minlength=1024)
        assert stats.chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize("name", ["normal", "uniform"])
def test_neighbours_are_independent(name):
    x = values(Law(name), "float32", seed=2)
    for transformed in (x, x**2, np.abs(x)):
        z = (transformed - transformed.mean()) / transformed.std()
        for lag in (1, 2, 15, 16, 17, 32, 48, 64, 1024):  # lanes, words, tiles
            assert abs(np.mean(z[lag:] * z[:-lag])) < SIGMAS / math.sqrt(COUNT - lag)


def others():
    """Streams near one another: seeds, paths, a child, and elements 2^32 blocks on."""
    for seed in (1, 2, 3, 2**32, 2**64):
        yield Stream(seed, "w"), 0
    for path in ("v", "w/", "w/w", "w0", "W", ""):
        yield Stream(0, path), 0
    for start in (64, 2**34, 2**36, 2**38, 2**62):
        yield Stream(0, "w"), start


@pytest.mark.parametrize("name", ["normal", "uniform"])
def test_seeds_paths_and_far_parts_are_independent(name):
    """Values, their squares and their signs, against those of the stream of seed 0, path w; counters pass 2^32."""
    count = 200_000
    huge = Param("w", (2**63,), ("out",))

    def features(stream, start):
        x = draw(Law(name), huge, stream, index=(slice(start, start + count),)).astype(float)
        return [(y - y.mean()) / y.std() for y in (x, x**2, np.sign(x))]

    base = features(Stream(0, "w"), 0)
    for stream, start in others():
        for a, b in zip(base, features(stream, start), strict=True):
            assert abs(np.mean(a * b)) < SIGMAS / math.sqrt(count), (stream, start)


@pytest.mark.parametrize("key", [0, 1])
def test_neighbouring_keys_and_blocks_are_independent(key):
    """Philox itself: one key bit, one counter bit, changes half of the bits of a word."""
    blocks = np.arange(50_000, dtype=np.uint64)
    base = [np.uint64(0)] * 4
    changed = base.copy()
    changed[key] = np.uint64(1)
    for other in (philox(tuple(changed), blocks), philox(tuple(base), blocks ^ np.uint64(2**32))):
        for a, b in zip(philox(tuple(base), blocks), other, strict=True):
            bits = int(np.bitwise_count(a ^ b).sum())
            assert abs(bits - 16 * blocks.size) < SIGMAS * math.sqrt(8 * blocks.size)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("low", "high"), BOUNDS)
def test_truncated_normal(low, high, dtype):
    law = truncated(low, high)
    x, known = values(law, dtype, seed=3), moments(law, PARAM)
    assert x.min() >= low
    assert x.max() <= high
    rounding = 2 * np.finfo(dtype).eps * max(1.0, abs(known.mean))
    assert abs(x.mean() - known.mean) < SIGMAS * known.std / math.sqrt(COUNT) + rounding
    spread = np.mean((x - known.mean) ** 2)
    fourth = np.mean((x - known.mean) ** 4)
    tolerance = SIGMAS * math.sqrt((fourth - spread**2) / COUNT) + rounding * known.std
    assert abs(spread - known.std**2) < tolerance


@pytest.mark.parametrize(("low", "high"), [(-2.0, 2.0), (-1.0, 3.0), (0.5, 4.0), (-INF, -1.0), (0.0, INF)])
def test_moments_of_the_truncated_normal(low, high):
    known = moments(truncated(low, high), PARAM)
    mean, variance = stats.truncnorm.stats(low, high, moments="mv")
    assert known.mean == pytest.approx(mean, abs=1e-12)
    assert known.std == pytest.approx(math.sqrt(variance), rel=1e-10)


def test_printed_figures():
    assert moments(truncated(-2.0, 2.0), PARAM).std == pytest.approx(0.8796256610342398, rel=1e-15)
    tiny = moments(truncated(1.0, 1.0 + 1e-9), PARAM)  # nearly uniform: second moments cancel in floats
    assert tiny.mean == pytest.approx(1.0 + 5e-10, rel=1e-12)
    far = moments(truncated(36.0, INF), PARAM)  # nearly exponential beyond the bound
    assert far.mean == pytest.approx(36 + 1 / 36 - 2 / 36**3, abs=1e-6)
