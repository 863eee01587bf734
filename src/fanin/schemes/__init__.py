"""The catalogue: one file per paper, one record per named variant; and the reader of what a person types."""

from fanin.schemes._catalogue import catalogue, find
from fanin.schemes._draw import moments, resolve, sample
from fanin.schemes._elsewhere import Elsewhere, elsewhere
from fanin.schemes._loop import for_each
from fanin.schemes._reader import Expression
from fanin.schemes._recommended import recommended
from fanin.schemes._spelling import spellings
from fanin.schemes._variant import Variant, variant
from fanin.schemes.expression import FOUNDING_SHAPE, dense_shape, parse, read

__all__ = [
    "FOUNDING_SHAPE",
    "Elsewhere",
    "Expression",
    "Variant",
    "catalogue",
    "dense_shape",
    "elsewhere",
    "find",
    "for_each",
    "moments",
    "parse",
    "read",
    "recommended",
    "resolve",
    "sample",
    "spellings",
    "variant",
]
