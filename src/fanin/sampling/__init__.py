"""Random numbers that depend on (seed, path, index) alone: streams, laws, and the kernels that draw them."""

from fanin.sampling._draw import draw, moments, page
from fanin.sampling._moments import Moments
from fanin.sampling.stream import Stream

__all__ = ["Moments", "Stream", "draw", "moments", "page"]
