"""`benchsuite doctor`: what may disturb a measurement on this machine, what it can measure, and the
cure of each. Finds and tells; printing is the command line's."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from benchsuite.host import capabilities, cpus, disturbances
from benchsuite.host.check import Check
from benchsuite.host.files import ROOT, Tree

__all__ = ["Check", "checks"]


def checks(
    cycles_source: str | None = None,
    results: Path = Path("results"),
    root: Path = ROOT,
    moment: float = 0.5,
    pause: Callable[[float], None] = time.sleep,
) -> list[Check]:
    """Every check once, in the order to read them. Takes `moment` seconds, in which it watches who else
    uses the CPUs. cycles_source: what the native core counts cycles with, if it has tried. With
    another root, sockets are still tried on this machine."""
    tree = Tree(root)
    share = cpus.share(tree, moment, pause)
    usable = len(os.sched_getaffinity(0)) if tree.real else None
    return [
        disturbances.governor(tree),
        disturbances.turbo(tree),
        disturbances.frequency(tree),
        disturbances.smt(tree),
        disturbances.processors(tree, usable),
        disturbances.isolated(tree),
        disturbances.load(tree, share),
        disturbances.steal(tree, share),
        disturbances.virtual_machine(tree),
        disturbances.container(tree),
        disturbances.clocksource(tree),
        disturbances.memory(tree),
        capabilities.cycles(tree, cycles_source),
        capabilities.energy(tree),
        capabilities.fips(tree),
        capabilities.afalg(tree),
        capabilities.dev_crypto(tree),
        capabilities.tcrypt(tree),
        capabilities.room(results),
    ]
