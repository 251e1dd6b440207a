"""benchsuite: one benchmark for every crypto path on a machine."""

__version__ = "0.1.0"
