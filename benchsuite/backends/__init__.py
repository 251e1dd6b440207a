"""Backends: what a user names, and who does the work.

    of("software:/path") -> Backend      find(), for a name that may be foreign; known() lists them
    open_case(case) -> Engine            of the case's backend

backend.py says what a backend is, registry.py which there are.
"""

from benchsuite.backends.backend import Backend, Engine, Interval, Logging, Offering, SelfTimed
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.registry import find, known, names, of, open_case

__all__ = [
    "Backend",
    "Engine",
    "Interval",
    "Logging",
    "MeasureError",
    "Offering",
    "SelfTimed",
    "find",
    "known",
    "names",
    "of",
    "open_case",
]
