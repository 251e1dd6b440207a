"""What is around the CPUs: virtual machine, container, kernel settings, memory."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import PurePosixPath

from benchsuite.host import cpus
from benchsuite.host.files import Tree, decimal

# Kernel parameters that change what a measurement gives. The rest of the command line stays private.
_PARAMETERS = (
    "isolcpus",
    "nohz_full",
    "rcu_nocbs",
    "irqaffinity",
    "mitigations",
    "nosmt",
    "maxcpus",
    "nr_cpus",
    "mem",
    "idle",
    "processor.max_cstate",
    "intel_idle.max_cstate",
    "cpuidle.governor",
    "intel_pstate",
    "amd_pstate",
    "cpufreq.default_governor",
    "clocksource",
    "tsc",
    "preempt",
    "threadirqs",
    "iommu",
    "intel_iommu",
    "amd_iommu",
    "transparent_hugepage",
    "pti",
    "spectre_v2",
    "retbleed",
    "fips",
)


def output(*command: str, cwd: str | None = None) -> str | None:
    """The first line a command prints; None if it is not there, fails, prints nothing or takes long."""
    if shutil.which(command[0]) is None:
        return None
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().partition("\n")[0] or None


def hypervisor(tree: Tree) -> str | None:
    """`kvm (QEMU Standard PC)`, `yes`, ...; None on bare metal, as far as the machine tells."""
    name = tree.text("sys/hypervisor/type")
    if name is None and tree.real:
        name = output("systemd-detect-virt", "--vm")  # fails, and is None, where there is none
    product = " ".join(
        filter(None, (tree.text(f"sys/class/dmi/id/{key}") for key in ("sys_vendor", "product_name")))
    )
    known = re.search(
        r"QEMU|KVM|VMware|VirtualBox|Virtual Machine|Xen|Amazon EC2|Google|OpenStack|Bochs", product
    )
    device_tree = tree.exists("proc/device-tree/hypervisor")
    if name is None and not known and not device_tree and "hypervisor" not in cpus.flags(tree):
        return None
    return f"{name or 'yes'} ({product})" if product else name or "yes"


def container(tree: Tree) -> str | None:
    """`docker`, `podman`, ...; None outside of one, as far as is to be seen."""
    if (name := tree.text("run/systemd/container")) is not None:
        return name
    if tree.exists(".dockerenv"):
        return "docker"
    if tree.exists("run/.containerenv"):
        return "podman"
    match = re.search(r"kubepods|docker|lxc|libpod", tree.text("proc/1/cgroup") or "")
    return match[0] if match else None


def kernel_parameters(tree: Tree) -> str | None:
    words = (tree.text("proc/cmdline") or "").split()
    return " ".join(word for word in words if word.partition("=")[0] in _PARAMETERS) or None


def memory(tree: Tree) -> dict[str, int]:
    """Bytes, by the names of /proc/meminfo."""
    lines = re.findall(r"^(\w+):\s+([0-9]{1,15}) kB$", tree.text("proc/meminfo") or "", re.MULTILINE)
    return {name: int(kilobytes) * 1024 for name, kilobytes in lines}


def load_average(tree: Tree) -> float | None:
    """Threads that ran or wanted to, on average over the last minute."""
    return decimal((tree.text("proc/loadavg") or "").partition(" ")[0])


def cpu_quota(tree: Tree) -> float | None:
    """CPUs that the control group may use; None without a limit. The tightest, from our group upwards."""
    quotas = []
    for line in (tree.text("proc/self/cgroup") or "0::/").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        path = PurePosixPath(group.lstrip("/"))
        for place in (path, *path.parents):
            if not controllers:
                quotas.append(_quota_v2(tree, f"sys/fs/cgroup/{place}"))
            elif "cpu" in controllers.split(","):
                quotas.append(_quota_v1(tree, f"sys/fs/cgroup/{controllers}/{place}"))
                quotas.append(_quota_v1(tree, f"sys/fs/cgroup/cpu/{place}"))
    return min((quota for quota in quotas if quota is not None), default=None)


def _quota_v2(tree: Tree, group: str) -> float | None:
    match = re.fullmatch(r"([0-9]{1,15}) ([0-9]{1,15})", tree.text(f"{group}/cpu.max") or "")
    return int(match[1]) / int(match[2]) if match and int(match[2]) else None


def _quota_v1(tree: Tree, group: str) -> float | None:
    quota, period = (tree.number(f"{group}/cpu.cfs_{key}_us") for key in ("quota", "period"))
    return quota / period if quota and period and quota > 0 else None
