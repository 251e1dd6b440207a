"""The machine a measurement runs on: what it is (environment), and what disturbs or prevents
measuring (doctor)."""

from benchsuite.host.machine import environment, load

__all__ = ["environment", "load"]
