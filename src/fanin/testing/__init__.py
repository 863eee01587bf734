"""Shipped contracts: run them over an item of your own, as our tests run them over every item of ours.

A statistical check states its standard error; it passes within 4.5 of them, at a fixed seed. One file per room.
"""

from fanin.testing._contract import ContractError
from fanin.testing._doctor import check_rule
from fanin.testing._recipes import check_recipe
from fanin.testing._sampling import check_kernel, check_law
from fanin.testing._schemes import check_scheme
from fanin.testing._study import check_task

__all__ = ["ContractError", "check_kernel", "check_law", "check_recipe", "check_rule", "check_scheme", "check_task"]
