"""Whole-model assignments, one file each: a scheme for every parameter, from its role and what its output meets."""

from fanin.recipes._network import Branch, Network
from fanin.recipes._recipe import Choice, Recipe, assignment, catalogue, find, recipe

__all__ = ["Branch", "Choice", "Network", "Recipe", "assignment", "catalogue", "find", "recipe"]
