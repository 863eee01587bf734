"""Last steps that look at data: they measure a batch in the network as it is, and adjust what theory only estimates."""

from fanin.calibrate.lsuv import Calibration, Scaled, lsuv_

__all__ = ["Calibration", "Scaled", "lsuv_"]
