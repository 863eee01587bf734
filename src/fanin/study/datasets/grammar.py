"""Text of a small grammar, letter by letter: each letter is to be foretold from those before it.

A sentence is a subject, a verb in its number, an object, sometimes a clause or a place: `the grey dogs that a cat sees
chase one bird in the garden.` What follows a letter depends on the word, the place in the sentence and the number of
the subject, some words before. Letters are numbered; what is foretold is the next one at every place.
"""

from collections.abc import Iterator

import numpy as np

from fanin.errors import InputError
from fanin.sampling import Stream
from fanin.study.datasets._examples import Examples

NAME = "grammar"

ALPHABET = " .abcdefghijklmnopqrstuvwxyz"
CONTEXT = 32
"""Letters of one example."""

_TEST_SHARE = 8
_SMALLEST, _LARGEST = 10_000, 10_000_000
_NOUNS = ("cat", "dog", "bird", "child", "teacher", "farmer", "sailor", "robot", "king", "fox", "horse", "painter")
_PLURALS = {"child": "children", "fox": "foxes"}
_VERBS = ("see", "hear", "follow", "like", "find", "know", "draw", "remember")
_ADJECTIVES = ("grey", "young", "quiet", "clever", "hungry", "tired", "small", "brave")
_PLACES = ("in the garden", "by the river", "under a tree", "near the harbour", "on the hill", "behind a wall")
_ARTICLES = ("the", "a", "one", "this"), ("the", "two", "some", "these")


def make(size: int = 100_000) -> Examples:
    """About `size` letters, cut into pieces of 32; inputs and targets (pieces, 32), whole numbers of letters.

    Raises:
        InputError: size is below 10,000, or above 10,000,000.
    """
    if not _SMALLEST <= size <= _LARGEST:
        raise InputError(f"grammar({size}): expected {_SMALLEST:,} to {_LARGEST:,} letters")
    letters = np.array([ALPHABET.index(letter) for letter in text(size + 1)], np.int64)
    pieces = (len(letters) - 1) // CONTEXT
    x, y = (letters[i : i + pieces * CONTEXT].reshape(pieces, CONTEXT) for i in (0, 1))
    n = pieces - pieces // _TEST_SHARE
    source = f"made: {size:,} letters of a small grammar"
    return Examples(f"{NAME}({size})", x[:n], y[:n], x[n:], y[n:], source)


def text(size: int) -> str:
    """The first letters of the one text that the grammar gives.

    >>> text(30)
    'some foxes remember some tired'
    """
    dice, sentences, length = _dice(), list[str](), 0
    while length < size:
        sentences.append(_sentence(dice))
        length += len(sentences[-1]) + 1
    return " ".join(sentences)[:size]


def _dice() -> Iterator[int]:
    """Random whole numbers without end."""
    stream, block = Stream(0, NAME), 1 << 16
    for first in range(0, 1 << 62, block):
        yield from stream.bits(first, block).tolist()


def _sentence(dice: Iterator[int]) -> str:
    plural = next(dice) % 2
    words = [_phrase(dice, plural)]
    if next(dice) % 4 == 0:
        other = next(dice) % 2
        words += ["that", _phrase(dice, other), _verb(dice, other)]
    words += [_verb(dice, plural), _phrase(dice, next(dice) % 2)]
    if next(dice) % 3 == 0:
        words.append(_PLACES[next(dice) % len(_PLACES)])
    return " ".join(words) + "."


def _phrase(dice: Iterator[int], plural: int) -> str:
    articles, noun = _ARTICLES[plural], _NOUNS[next(dice) % len(_NOUNS)]
    words = [articles[next(dice) % len(articles)]]
    if next(dice) % 2:
        words.append(_ADJECTIVES[next(dice) % len(_ADJECTIVES)])
    return " ".join([*words, _PLURALS.get(noun, f"{noun}s") if plural else noun])


def _verb(dice: Iterator[int], plural: int) -> str:
    verb = _VERBS[next(dice) % len(_VERBS)]
    return verb if plural else f"{verb}s"
