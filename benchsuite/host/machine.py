"""What a result must say about its machine, flat, as pyperf metadata.

What pyperf collects itself keeps pyperf's names, so that its commands understand it; the rest is
called `benchsuite_*`. What cannot be read is left out."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Any

import pyperf  # type: ignore[import-untyped]

import benchsuite
from benchsuite.host import cpus, system
from benchsuite.host.files import ROOT, Tree, decimal
from benchsuite.host.system import output

# pyperf's, but about the process that collects, which is not the one that measures; or a path of the
# machine, which a result that is passed on should not carry.
_OF_THE_COLLECTOR = {"mem_max_rss", "python_config_args", "python_executable", "runnable_threads"}

# Set in the guest of `benchsuite lab`: the machine in a line; what revision() said on the host, where git is
# not slow.
LAB, LAB_REVISION = "BENCHSUITE_LAB", "BENCHSUITE_LAB_REVISION"

Flat = dict[str, str | int | float | bool]


def environment(core_compiler: str | None = None, root: Path = ROOT) -> Flat:
    """Everything known about machine, kernel, Python and benchsuite now. core_compiler: what built
    the native core. With another root, what comes from /proc and /sys is that machine's, but
    pyperf's part, and what only commands tell, is left out."""
    tree = Tree(root)
    facts: dict[str, Any] = {
        "architecture": platform.machine(),
        "kernel_release": platform.release() if tree.real else tree.text("proc/sys/kernel/osrelease"),
        "kernel_parameters": system.kernel_parameters(tree),
        "hypervisor": system.hypervisor(tree),
        "container": system.container(tree),
        "fips": _switch(tree.number("proc/sys/crypto/fips_enabled")),
        "perf_event_paranoid": tree.number("proc/sys/kernel/perf_event_paranoid"),
        "core_compiler": core_compiler,
        **_cpus(tree),
        **_memory(tree),
    }
    if tree.real:
        facts.update(
            cpus_usable=len(os.sched_getaffinity(0)),
            boot_time=time.time() - time.clock_gettime(time.CLOCK_BOOTTIME),
            cc=output(os.environ.get("CC") or "cc", "--version"),
            lab=os.environ.get(LAB),
            version=benchsuite.__version__,
            revision=os.environ.get(LAB_REVISION) or revision(),
        )
    flat = {f"benchsuite_{key}": value for key, value in facts.items()}
    return {**(_pyperf() if tree.real else {}), **_acceptable(flat)}


def load(moment: str = "before", root: Path = ROOT) -> Flat:
    """How busy the machine is, as keys of the environment: call it with "before" and "after"."""
    tree = Tree(root)
    values = {f"benchsuite_load_{moment}": system.load_average(tree), f"benchsuite_mhz_{moment}": _mhz(tree)}
    return _acceptable(values)


def _pyperf() -> Flat:
    collected = pyperf.Run([1.0], collect_metadata=True).get_metadata()
    return {key: value for key, value in collected.items() if key not in _OF_THE_COLLECTOR}


def _cpus(tree: Tree) -> dict[str, Any]:
    turbo = cpus.turbo(tree)
    frequencies = cpus.frequency_range(tree)
    return {
        "cpus_online": len(cpus.online(tree)) or None,
        "cpus_isolated": ",".join(map(str, cpus.isolated(tree))) or None,
        "governor": cpus.governor(tree),
        "scaling_driver": cpus.scaling_driver(tree),
        "turbo": turbo.on if turbo else None,
        "min_khz": frequencies[0] if frequencies else None,
        "max_khz": frequencies[1] if frequencies else None,
        "smt": cpus.smt_active(tree),
        "threads_per_core": cpus.threads_per_core(tree),
        "mitigations": cpus.mitigations(tree),
        "clocksource": cpus.clocksource(tree),
        "microcode": _cpuinfo(tree, "microcode"),
    }


def _memory(tree: Tree) -> dict[str, Any]:
    memory = system.memory(tree)
    return {"memory": memory.get("MemTotal"), "swap": memory.get("SwapTotal")}


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
