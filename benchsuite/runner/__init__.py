"""Runs a plan: fresh worker processes, rounds interleaved over cases, whatever happens to a worker."""

from benchsuite.runner.process import describe, verify
from benchsuite.runner.rounds import Observer, Settings, estimate, run, within, worker_seconds

__all__ = ["Observer", "Settings", "describe", "estimate", "run", "verify", "within", "worker_seconds"]
