"""The embedded sets hold what they say; any .npz is read without pickle, or refused by name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanin.errors import InputError, UnknownName
from fanin.study.datasets import Dataset, load, names, scaled


def test_mnist_mini():
    data = load("mnist-mini")
    assert (data.x_train.shape, data.x_test.shape, data.classes) == ((6000, 784), (1000, 784), 10)
    assert data.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    x = scaled(data.x_train, "float32")
    assert (x.dtype, x.min(), x.max()) == (np.float32, 0, 1)
    assert x.mean() == pytest.approx(0.131, abs=0.005)


def test_digits():
    data = load("digits")
    assert (len(data.x_train) + len(data.x_test), data.x_train.shape[1]) == (1797, 64)
    assert data.x_train.dtype == np.float32
    assert (data.x_train.min(), data.x_train.max()) == (0, 1)
    # counts per class of the UCI test part
    counts = np.bincount(np.concatenate([data.y_train, data.y_test]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_names():
    assert set(names()) == {"mnist-mini", "digits", "mnist", "adding", "picture", "grammar"}
    with pytest.raises(UnknownName, match="mnist-mini"):
        load("mnist-mni")


def saved(folder, **arrays):
    np.savez(folder / "own.npz", **arrays)
    return str(folder / "own.npz")


def test_x_and_y_are_split_at_the_end(tmp_path):
    x = np.arange(24, dtype=np.float64).reshape(12, 2)
    data = load(saved(tmp_path, x=x, y=np.arange(12) % 3))
    assert (len(data.x_train), len(data.x_test), data.classes) == (10, 2, 3)
    np.testing.assert_array_equal(data.x_test, x[10:])


def test_four_parts_images_and_columns(tmp_path):
    data = load(
        saved(
            tmp_path,
            x_train=np.zeros((4, 3, 3), np.uint8),
            y_train=np.array([[0.0], [1.0], [2.0], [1.0]]),
            x_test=np.ones((2, 9), np.int64),
            y_test=np.array([True, False]),
        )
    )
    assert (data.x_train.shape, data.x_test.dtype, data.y_train.tolist()) == ((4, 9), np.float32, [0, 1, 2, 1])


def test_the_name_follows_the_content(tmp_path):
    x, y = np.zeros((6, 2)), np.zeros(6, int)
    first = load(saved(tmp_path, x=x, y=y)).name
    assert load(saved(tmp_path, x=x, y=y)).name == first
    assert load(saved(tmp_path, x=x + 1, y=y)).name != first


X, Y = np.zeros((6, 2)), np.zeros(6, int)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": X}, "holds x; expected x and y"),
        ({}, "holds nothing"),
        ({"x": X, "y": Y[:5]}, r"x \(6, 2\) and y \(5,\)"),
        ({"x": X[:1], "y": Y[:1]}, "at least 2 examples"),
        ({"x": X[:0], "y": Y[:0]}, "at least 2 examples"),
        ({"x": X[:, :0], "y": Y}, "none of them 0"),
        ({"x": np.full((6, 2), np.nan), "y": Y}, "finite"),
        ({"x": np.full((6, 2), 1j), "y": Y}, "finite floats"),
        ({"x": np.full((6, 2), "a"), "y": Y}, "finite floats"),
        ({"x": X, "y": Y - 1}, "whole numbers from 0"),
        ({"x": X, "y": Y + 0.5}, "not whole numbers"),
        ({"x": X, "y": np.array(["a"] * 6)}, "not whole numbers"),
        ({"x": X, "y": Y + 1e300}, "not whole numbers"),
        ({"x": X, "y": Y + 6}, "7 classes for 6 examples; expected labels 0 to k-1"),
        ({"x": X, "y": Y + 2**62}, "classes for 6 examples"),
        ({"x": X, "y": np.eye(6)}, "one label per input"),
        ({"x": np.float64(1), "y": Y}, "expected at least 2"),
        ({"x_train": X, "y_train": Y, "x_test": X[:, :1], "y_test": Y}, "must be equal"),
        ({"x_train": X, "y_train": Y, "x_test": np.float64(1), "y_test": Y}, "test part"),
        ({"x": np.array([None] * 6), "y": Y}, "cannot be read"),
    ],
)
def test_wrong_arrays_are_named_and_refused(tmp_path, arrays, words):
    path = saved(tmp_path, **arrays)
    with pytest.raises(InputError, match=words) as caught:
        load(path)
    assert "own.npz" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_archive(tmp_path):
    path = tmp_path / "own.npz"
    for content in (None, b"", b"PK\3\4", b"hello", b"\x93NUMPY\1\0"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InputError, match=r"own\.npz"):
            load(str(path))
    with path.open("wb") as file:
        np.save(file, X)
    with pytest.raises(InputError, match="single array"):
        load(str(path))


@settings(max_examples=30)
@given(st.data())
def test_a_damaged_archive_gives_one_line_or_the_same_arrays(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("npz") / "own.npz"
    rng = np.random.default_rng(0)
    np.savez_compressed(path, x=rng.normal(size=(20, 3)), y=np.arange(20) % 4)
    raw = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    else:
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    try:
        load(str(path))
    except InputError as error:
        assert "\n" not in str(error)


def test_labels_beyond_the_classes():
    with pytest.raises(InputError, match="from 0 to 2"):
        Dataset("d", X, Y, X, Y + 3, 3, "here")
