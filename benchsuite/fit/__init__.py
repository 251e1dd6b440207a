"""A simulated device from measurements: its times and its parallelism from a sweep over size and q_len, of a
real backend or of another simulated one.

`sweep` chooses the points of a result, `search` fits `bounds` to them, `robust` tells it by weights which
points count little, `warnings` say where the fit does not hold, `toml` writes the device's file, and `check`
simulates what was measured.
"""

from benchsuite.fit.bounds import Fit
from benchsuite.fit.check import Residual, residuals
from benchsuite.fit.robust import fit, weighed
from benchsuite.fit.sweep import Point, Sweep, sweep
from benchsuite.fit.toml import device_file
from benchsuite.fit.warnings import far, warnings

__all__ = [
    "Fit",
    "Point",
    "Residual",
    "Sweep",
    "device_file",
    "far",
    "fit",
    "residuals",
    "sweep",
    "warnings",
    "weighed",
]
