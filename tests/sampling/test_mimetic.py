"""mimetic: the product of a pair of tensors, and the second moment of its factors."""

import numpy as np
import pytest

from fanin.errors import FaninError
from fanin.sampling import Stream, draw, moments
from fanin.schemes import parse, sample
from fanin.values import Law, Param


def drawn(text, shape, path, **arguments):
    return sample(text, shape, path=path, dtype="float64", **arguments)


def product(noise, identity, stream, head, width):
    """noise·Z + identity·1, drawn apart."""
    z = draw(Law("normal"), Param("z", (head + 1, width, width), ("batch", "out", "in")), stream, dtype="float64")
    return noise / np.sqrt(width) * z[head] + identity * np.eye(width)


def test_values_and_output_multiply_to_the_sum():
    v = drawn("mimetic_value", (48, 48), "blocks.3.attn.v.weight")
    p = drawn("mimetic_output", (48, 48), "blocks.3.attn.proj.weight")
    expected = product(0.4, -0.4, Stream(0, "blocks/3/attn/mimetic values"), 0, 48)
    assert np.allclose(v.T @ p.T, expected, atol=1e-12)
    assert np.allclose(np.sum(v**2, axis=1), np.sum(p**2, axis=0))  # √S on each side


def test_queries_and_keys_of_each_head_are_its_best_approximation():
    q = drawn("mimetic_query(heads=4)", (48, 48), "attn.q.weight").reshape(4, 12, 48)
    k = drawn("mimetic_key(heads=4)", (48, 48), "attn.k.weight").reshape(4, 12, 48)
    for head in range(4):
        expected = product(0.7, 0.7, Stream(0, "attn/mimetic queries"), head, 48)
        singular = np.linalg.svd(expected, compute_uv=False)
        error = np.linalg.norm(q[head].T @ k[head] - expected)
        assert error == pytest.approx(np.sqrt(np.sum(singular[12:] ** 2)))  # Eckart & Young
    own = np.trace(q[0].T @ k[0]) / 48
    assert own > 0.3  # tokens attend to themselves


def test_a_fused_tensor_holds_the_three():
    param = Param("attn.qkv.weight", (144, 48), ("out", "in"), blocks=3)
    fused = drawn("mimetic_qkv(heads=4)", param, "attn.qkv.weight").reshape(3, 48, 48)
    for part, text in zip(fused, ("mimetic_query(heads=4)", "mimetic_key(heads=4)", "mimetic_value"), strict=True):
        assert np.array_equal(part, drawn(text, (48, 48), "attn.x.weight"))


def test_heads_as_an_axis():
    param = Param("q", (48, 4, 12), ("in", "batch", "out"))
    flat = drawn("mimetic_query(heads=4)", (48, 48), "attn.q.weight")
    assert np.array_equal(drawn("mimetic_query", param, "attn.q.weight"), flat.reshape(4, 12, 48).transpose(2, 0, 1))
    value = drawn("mimetic_value", param, "attn.v.weight")
    assert np.array_equal(value.transpose(1, 2, 0).reshape(48, 48), drawn("mimetic_value", (48, 48), "attn.v.weight"))


def test_layers_and_seeds_differ():
    base = drawn("mimetic_key", (32, 32), "a.0.k.weight")
    assert np.array_equal(base, drawn("mimetic_key", (32, 32), "a/0/k/kernel"))
    for other in (
        drawn("mimetic_key", (32, 32), "a.1.k.weight"),
        drawn("mimetic_key", (32, 32), "a.0.k.weight", seed=1),
    ):
        assert abs(np.corrcoef(base.ravel(), other.ravel())[0, 1]) < 5 / 32


@pytest.mark.parametrize(
    ("text", "rows"), [("mimetic_query(heads=8)", 200), ("mimetic_value", 200), ("mimetic_key", 50)]
)
def test_second_moment_of_wide_matrices(text, rows):
    """Entries of one unit share a singular value, so the count of units sets the error: a generous 2 %."""
    param = Param("w", (rows, 200), ("out", "in"))
    scheme = parse(text)
    assert np.mean(drawn(text, param, "a.b.w") ** 2) == pytest.approx(
        moments(scheme.law, param).second_moment, rel=0.02
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "mimetic_query",
            [
                [-0.33584656072775815, -0.8580369007239866, -0.4857352752525678],
                [-0.7118542635774515, 0.154778123570508, 0.21877856134354037],
                [0.00933218506156562, -0.03476582325447805, 0.05496034226772446],
            ],
        ),
        (
            "mimetic_output",
            [
                [-0.3380033937503718, 0.37892914898109925, 0.3197940015740992],
                [0.8098054900987893, 0.2703980204841436, 0.0335818951666246],
                [0.2375851679419443, -0.3825595004127634, 0.3404953914419874],
            ],
        ),
    ],
)
def test_for_ever_to_a_tolerance(text, expected):
    assert np.allclose(drawn(text, (3, 3), "attn.x.weight", seed=2024), expected, rtol=0, atol=1e-12)


def test_slice_and_rows_beyond_the_width():
    x = drawn("mimetic_value", (40, 30), "a.b.w")
    assert not x[30:].any()
    assert np.array_equal(drawn("mimetic_value", (40, 30), "a.b.w", index=(slice(5, 9), 3)), x[5:9, 3])


@pytest.mark.parametrize(
    "text", ["mimetic_query(heads=7)", "mimetic_query(heads=0)", "mimetic_key(noise=0)", "mimetic_qkv"]
)
def test_what_cannot_be(text):
    with pytest.raises(FaninError, match=r"heads|noise|3: queries"):
        drawn(text, (48, 48), "a.b.w")
