"""Networks that start well and networks that do not, with data they could learn: what the doctor is judged by.

Each is written from what papers and bug reports say of it, not from what our rules look at.
"""

import torch

from zoo._entry import Entry, entries

__all__ = ["Entry", "entries"]

torch.set_num_threads(1)  # on networks this small, threads wait for each other
