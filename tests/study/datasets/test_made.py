"""Data made by a rule: what they claim of themselves, the same for ever, and sizes that are refused."""

import hashlib
import itertools

import numpy as np
import pytest

from fanin.errors import InputError, UnknownName
from fanin.study import compare, datasets
from fanin.study.datasets import grammar, load_examples


@pytest.fixture(scope="module")
def adding():
    return load_examples("adding(21)")


def test_adding_marks_one_number_in_each_half_and_asks_for_their_sum(adding):
    assert (adding.x_train.shape, adding.y_train.shape, adding.x_test.shape) == (
        (10_000, 21, 2),
        (10_000, 1),
        (1_000, 21, 2),
    )
    numbers, marks = adding.x_train[..., 0], adding.x_train[..., 1]
    assert set(np.unique(marks)) == {0, 1}
    assert (marks[:, :10].sum(axis=1) == 1).all() and (marks[:, 10:].sum(axis=1) == 1).all()
    assert np.allclose(adding.y_train[:, 0], (numbers * marks).sum(axis=1))


def test_adding_has_the_moments_of_its_law(adding):
    """Mean 1 and variance 1/6 of the sum: standard errors 0.0041 and 0.0019 of 10,000; places uniform, chi-squared."""
    assert adding.y_train.mean() == pytest.approx(1, abs=4.5 * 0.0041)
    assert adding.y_train.var() == pytest.approx(1 / 6, abs=4.5 * 0.0019)
    counts = adding.x_train[:, 10:, 1].sum(axis=0)  # 11 places; chi-squared with 10 degrees of freedom, std sqrt(20)
    assert np.square(counts - 10_000 / 11).sum() / (10_000 / 11) < 10 + 4.5 * 20**0.5


def test_a_picture_is_its_pixels_and_the_test_part_is_the_picture_itself():
    found = load_examples("picture(16)")
    assert found.x_train.shape == (256, 2) and found.y_train.shape == (256, 1)
    assert (found.x_train == found.x_test).all() and (found.y_train == found.y_test).all()
    assert (found.x_train[0], found.x_train[-1]) == (pytest.approx([-0.9375] * 2), pytest.approx([0.9375] * 2))
    assert np.abs(found.y_train).max() <= 1 and found.y_train.std() > 0.3


def test_a_finer_picture_is_the_same_picture():
    """The mean over blocks of 4 pixels of a finer one differs at edges and fine rings alone."""
    coarse, fine = (load_examples(f"picture({side})").y_train.reshape(side, side) for side in (64, 256))
    blocks = fine.reshape(64, 4, 64, 4).mean(axis=(1, 3))
    assert np.median(np.abs(blocks - coarse)) < 0.02


def test_the_grammar_foretells_the_next_letter():
    found = load_examples("grammar(20000)")
    assert found.x_train.shape[1] == found.y_train.shape[1] == grammar.CONTEXT
    assert (found.x_train[:, 1:] == found.y_train[:, :-1]).all() and (
        found.x_train[1:, 0] == found.y_train[:-1, -1]
    ).all()
    assert found.classes == len(grammar.ALPHABET) - 1  # the grammar has no word with z
    letters = "".join(grammar.ALPHABET[i] for i in found.x_train.ravel())
    assert grammar.text(20_000).startswith(letters)


def test_verbs_agree_with_their_subjects():
    sentences = grammar.text(50_000).split(". ")[:-1]
    plural, verbs = set(grammar._ARTICLES[1]) - set(grammar._ARTICLES[0]), {*grammar._VERBS}
    for words in (sentence.split() for sentence in sentences if " that " not in sentence):
        verb = next(word for word in words if word in verbs or word.removesuffix("s") in verbs)
        if words[0] in plural:
            assert verb in verbs, words
        elif words[0] != "the":
            assert verb not in verbs, words
    assert len(set(sentences)) > 0.95 * len(sentences)  # 1,000 sentences of many millions


@pytest.mark.parametrize(
    ("name", "digest"),
    [("adding(20)", "27208fe190a6d3a6"), ("picture(64)", "af1c9dd082fcfe91"), ("grammar(10000)", "fa8c322e7291070c")],
)
def test_the_same_data_for_ever(name, digest):
    """The grammar and the sums are exact; brightness is compared to 3 digits, as cosines differ between libraries."""
    found = load_examples(name)
    parts = [np.round(part, 3) + 0.0 if part.dtype.kind == "f" else part for part in (found.x_train, found.y_test)]
    assert hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()[:16] == digest


@pytest.mark.parametrize("name", ["adding(1)", "adding(10001)", "picture(7)", "picture(4096)", "grammar(9)"])
def test_sizes_out_of_range_are_one_line(name):
    with pytest.raises(InputError, match=r"expected .* to ") as caught:
        load_examples(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["adding()", "adding(x)", "digits(3)", "adding(20", "addin", "adding(9999999999)"])
def test_other_names_are_unknown(name):
    with pytest.raises(UnknownName, match="data set"):
        load_examples(name)


def test_what_is_made_for_models_is_refused_by_a_dense_preset():
    with pytest.raises(InputError, match="no images with labels"):
        compare("nielsen", data="adding", epochs=1)


def test_names_with_sizes_are_other_data():
    names = [load_examples(name).name for name in ("adding", "adding(20)", "picture", "picture(32)")]
    assert all(a != b for a, b in itertools.combinations(names, 2))
    assert datasets.load("digits").name == load_examples("digits").name
