"""What a result must say about its machine, flat, as pyperf metadata.

What pyperf collects itself keeps pyperf's names, so that its commands understand it; the rest is
called `benchsuite_*`. What cannot be read is left out."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Any

import benchsuite
from benchsuite.facts import Environment
from benchsuite.host import cpus as processors
from benchsuite.host import energy, placement, system
from benchsuite.host.files import ROOT, Tree, decimal
from benchsuite.host.system import output
from benchsuite.version import __version__

# pyperf's, but about the process that collects, which is not the one that measures; or a path of the
# machine, which a result that is passed on should not carry.
_OF_THE_COLLECTOR = {"mem_max_rss", "python_config_args", "python_executable", "runnable_threads"}

# Set in the guest of `benchsuite lab`: the machine in a line; what revision() said on the host, where git is
# not slow.
LAB, LAB_REVISION = "BENCHSUITE_LAB", "BENCHSUITE_LAB_REVISION"

Flat = dict[str, str | int | float | bool]


def environment(
    core_compiler: str | None = None, root: Path = ROOT, cpus: placement.Cpus | None = None
) -> Flat:
    """Everything known about machine, kernel, Python and benchsuite now. core_compiler: what built
    the native core. cpus: that the user chose for the workers. With another root, what comes from /proc and
    /sys is that machine's, but pyperf's part, and what only commands tell, is left out."""
    tree = Tree(root)
    facts: dict[str, Any] = {
        Environment.ARCHITECTURE: platform.machine(),
        Environment.KERNEL_RELEASE: platform.release()
        if tree.real
        else tree.text("proc/sys/kernel/osrelease"),
        Environment.KERNEL_PARAMETERS: system.kernel_parameters(tree),
        Environment.HYPERVISOR: system.hypervisor(tree),
        Environment.CONTAINER: system.container(tree),
        Environment.FIPS: _switch(tree.number("proc/sys/crypto/fips_enabled")),
        Environment.PERF_EVENT_PARANOID: tree.number("proc/sys/kernel/perf_event_paranoid"),
        Environment.CORE_COMPILER: core_compiler,
        **_cpus(tree),
        **_memory(tree),
    }
    if tree.real:
        facts |= {
            Environment.CPUS_USABLE: len(os.sched_getaffinity(0)),
            Environment.BOOT_TIME: time.time() - time.clock_gettime(time.CLOCK_BOOTTIME),
            Environment.CC: output(os.environ.get("CC") or "cc", "--version"),
            Environment.LAB: os.environ.get(LAB),
            Environment.VERSION: __version__,
            Environment.REVISION: os.environ.get(LAB_REVISION) or revision(),
        }
    facts |= placement.environment(cpus, tree) if cpus else {}
    return {**(_pyperf() if tree.real else {}), **_acceptable(facts)}


def load(moment: str = "before", root: Path = ROOT) -> Flat:
    """How busy the machine is, as keys of the environment: call it with "before" and "after"."""
    tree = Tree(root)
    before = moment == "before"
    load = Environment.LOAD_BEFORE if before else Environment.LOAD_AFTER
    watts = energy.idle_watts(tree) if before else None
    mhz = Environment.MHZ_BEFORE if before else Environment.MHZ_AFTER
    return _acceptable({load: system.load_average(tree), mhz: _mhz(tree), Environment.IDLE_WATTS: watts})


def _pyperf() -> Flat:
    import pyperf  # type: ignore[import-untyped] # workers, whose start is waited for, have no need of it

    collected = pyperf.Run([1.0], collect_metadata=True).get_metadata()
    return {key: value for key, value in collected.items() if key not in _OF_THE_COLLECTOR}


def _cpus(tree: Tree) -> dict[str, Any]:
    turbo = processors.turbo(tree)
    frequencies = processors.frequency_range(tree)
    return {
        Environment.CPUS_ONLINE: len(processors.online(tree)) or None,
        Environment.CPUS_ISOLATED: ",".join(map(str, processors.isolated(tree))) or None,
        Environment.GOVERNOR: processors.governor(tree),
        Environment.SCALING_DRIVER: processors.scaling_driver(tree),
        Environment.TURBO: turbo.on if turbo else None,
        Environment.MIN_KHZ: frequencies[0] if frequencies else None,
        Environment.MAX_KHZ: frequencies[1] if frequencies else None,
        Environment.SMT: processors.smt_active(tree),
        Environment.THREADS_PER_CORE: processors.threads_per_core(tree),
        Environment.MITIGATIONS: processors.mitigations(tree),
        Environment.CLOCKSOURCE: processors.clocksource(tree),
        Environment.MICROCODE: _cpuinfo(tree, "microcode"),
    }


def _memory(tree: Tree) -> dict[str, Any]:
    memory = system.memory(tree)
    return {Environment.MEMORY: memory.get("MemTotal"), Environment.SWAP: memory.get("SwapTotal")}


def _cpuinfo(tree: Tree, key: str) -> str | None:
    """The first CPU's."""
    for line in (tree.text("proc/cpuinfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip() or None
    return None


def _mhz(tree: Tree) -> float | None:
    return decimal(_cpuinfo(tree, "cpu MHz") or "")


def _switch(value: int | None) -> bool | None:
    return None if value is None else value != 0


def revision() -> str | None:
    """`9fceb02d0ae5` or `9fceb02d0ae5+dirty`, where benchsuite runs from its checkout."""
    return _revision(Path(benchsuite.__file__).resolve().parents[1])


def _revision(checkout: Path) -> str | None:
    if not (checkout / ".git").exists():
        return None
    head = output("git", "rev-parse", "--short=12", "HEAD", cwd=str(checkout))
    # With -z all is one line, and with --branch there is one: nothing means that git did not say.
    status = ("git", "status", "--porcelain", "-z", "--branch", "--untracked-files=no")
    said = output(*status, cwd=str(checkout))
    if not head or not said:
        return None
    return f"{head}+dirty" if "\0" in said.strip("\0") else head


def _acceptable(facts: dict[str, Any]) -> Flat:
    """pyperf takes neither None, nor empty text, nor a newline."""
    flat: Flat = {}
    for key, value in facts.items():
        if isinstance(value, str):
            value = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        if value is not None and value != "":
            flat[key] = value
    return flat
