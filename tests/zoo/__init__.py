"""Networks that start well and networks that do not, with data they could learn: what the doctor is judged by.

Each is written from what papers and bug reports say of it, not from what our rules look at.
"""

from zoo._entry import Entry, entries

__all__ = ["Entry", "entries"]
