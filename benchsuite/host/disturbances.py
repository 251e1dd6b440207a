"""What may disturb a measurement: frequency, neighbours, hypervisor, memory."""

from __future__ import annotations

from benchsuite.host import cpus, system
from benchsuite.host.check import NOTE, OK, WARN, Check
from benchsuite.host.files import Tree
from benchsuite.sheet.numbers import percent

BUSY_PER_CPU = 0.5  # load average from which somebody else is in the way
BUSY_SHARE = 0.25  # of all CPUs, while we only look
STEAL_SHARE = 0.005
LITTLE_MEMORY = 256 * 2**20  # bytes


def governor(tree: Tree) -> Check:
    name = cpus.governor(tree)
    if name is None:
        return Check(
            "governor",
            NOTE,
            "no frequency control here",
            "the firmware or the hypervisor chooses the frequency",
        )
    if name == "performance":
        return Check("governor", OK, name)
    return Check(
        "governor",
        WARN,
        name,
        "the frequency follows the load, so the first values are slower than the last",
        "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
    )


def turbo(tree: Tree) -> Check:
    state = cpus.turbo(tree)
    if state is None:
        return Check("turbo", NOTE, "the kernel does not say", "it may come and go unseen")
    if not state.on:
        return Check("turbo", OK, "off")
    return Check(
        "turbo",
        WARN,
        "on",
        "the frequency depends on temperature and on what other cores do",
        f"echo {state.off} | sudo tee {state.off_switch}",
    )


def frequency(tree: Tree) -> Check:
    limits = cpus.frequency_range(tree)
    if limits is None:
        return Check(
            "frequency",
            NOTE,
            "no limits to be seen",
            "compare cycles rather than seconds where they are counted",
        )
    low, high = (khz // 1000 for khz in limits)
    if low == high:
        return Check("frequency", OK, f"fixed at {high} MHz")
    # Writing the minimum is enough: performance then has no lower place to go.
    return Check(
        "frequency",
        NOTE if cpus.governor(tree) == "performance" else WARN,
        f"{low} to {high} MHz",
        "seconds per request follow the frequency; cycles do not",
        f"echo {limits[1]} | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_min_freq",
    )


def smt(tree: Tree) -> Check:
    threads, active = cpus.threads_per_core(tree), cpus.smt_active(tree)
    if active is None and threads is None:
        return Check("smt", NOTE, "the kernel does not say", "two CPUs may be threads of one core")
    if not active and (threads or 1) == 1:
        return Check("smt", OK, "one thread per core")
    return Check(
        "smt",
        WARN,
        f"{threads or 2} threads per core",
        "what runs on the sibling takes a part of the core's speed",
        "echo off | sudo tee /sys/devices/system/cpu/smt/control",
    )


def load(tree: Tree, share: cpus.Share | None) -> Check:
    """Others' work: the doctor itself does next to none."""
    average, count = system.load_average(tree), len(cpus.online(tree)) or 1
    if average is None:
        return Check(
            "load", NOTE, "the machine does not say", "other programs take time from the measurement"
        )
    found = f"{average:.2f} over the last minute on {count} CPU{'s' * (count > 1)}"
    if share is not None:
        found += f", {percent(share.busy, 2)} busy now"
    if average / count <= BUSY_PER_CPU and (share is None or share.busy <= BUSY_SHARE):
        return Check("load", OK, found)
    return Check(
        "load",
        WARN,
        found,
        "other programs take time from the measurement",
        "top -b -n 1 -o %CPU | head -n 17   # then stop what runs, or wait",
    )


def steal(tree: Tree, share: cpus.Share | None) -> Check:
    if share is None:
        return Check("steal", NOTE, "the machine does not say", "a hypervisor may give the CPU to others")
    found = percent(share.steal, 2)
    if share.steal <= STEAL_SHARE:
        return Check("steal", OK, found)
    return Check(
        "steal",
        WARN,
        found,
        "the hypervisor gives our CPUs to other machines: wall time is longer than the work",
        "compare cycles rather than seconds; ask for dedicated CPUs, or measure on bare metal",
    )


def virtual_machine(tree: Tree) -> Check:
    name = system.hypervisor(tree)
    if name is None:
        return Check("virtual machine", OK, "none to be seen")
    return Check(
        "virtual machine",
        NOTE,
        name,
        "neighbours and the host's frequency are out of sight, and figures scatter more",
        "compare runs made minutes apart, several of each, or measure on bare metal",
    )


def container(tree: Tree) -> Check:
    name, quota = system.container(tree), system.cpu_quota(tree)
    found = name or "none to be seen"
    if quota is None:
        return Check("container", OK if name is None else NOTE, found + ", no CPU quota" * (name is not None))
    return Check(
        "container",
        WARN,
        f"{found}, quota of {quota:g} CPUs",
        "the kernel stops the workers whenever the quota is used up",
        "start the container without --cpus or --cpu-quota; use --cpuset-cpus to set CPUs aside",
    )


def processors(tree: Tree, usable: int | None) -> Check:
    online = len(cpus.online(tree))
    if not online:
        return Check("CPUs", NOTE, "the machine does not say")
    found = f"{online} online" if usable in (None, online) else f"{online} online, {usable} usable"
    if min(online, usable or online) > 1:
        return Check("CPUs", OK, found)
    pinned = online > 1
    return Check(
        "CPUs",
        WARN,
        found,
        "dispatcher, callback thread and everything else share one CPU; cases with workers > 1 cannot scale",
        f"taskset -c 0-{online - 1} benchsuite run ..." if pinned else "give the machine a second CPU",
    )


def isolated(tree: Tree) -> Check:
    """CPUs the scheduler keeps free of other work."""
    free = cpus.isolated(tree)
    if free:
        listed = ",".join(map(str, free))
        return Check(
            "isolated CPUs",
            OK,
            listed,
            "the scheduler puts nothing there by itself",
            f"benchsuite run ... --cpus {listed}",
        )
    online = cpus.online(tree)
    if len(online) < 2:
        return Check("isolated CPUs", NOTE, "none", "with a single CPU there is none to set aside")
    # Two where that leaves two: the dispatcher and the callback thread.
    last = ",".join(map(str, online[-2:] if len(online) >= 4 else online[-1:]))
    return Check(
        "isolated CPUs",
        NOTE,
        "none",
        "the scheduler may put other work on the CPUs measured",
        f"boot with isolcpus={last} nohz_full={last} rcu_nocbs={last}, then: "
        f"benchsuite run ... --cpus {last}",
    )


def clocksource(tree: Tree) -> Check:
    name = cpus.clocksource(tree)
    if name is None:
        return Check("clocksource", NOTE, "the kernel does not say")
    if name in ("tsc", "arch_sys_counter", "timebase", "riscv_clocksource"):
        return Check("clocksource", OK, name)
    directory = "sys/devices/system/clocksource/clocksource0"
    offered = (tree.text(f"{directory}/available_clocksource") or "").split()
    return Check(
        "clocksource",
        WARN,
        name,
        "reading the time costs a system call, or varies",
        f"echo tsc | sudo tee /{directory}/current_clocksource"
        if "tsc" in offered
        else "boot with tsc=reliable, if the CPU's time stamp counter is sound",
    )


def memory(tree: Tree) -> Check:
    sizes = system.memory(tree)
    if "MemAvailable" not in sizes:
        return Check("memory", NOTE, "the kernel does not say")
    swapped = sizes.get("SwapTotal", 0) - sizes.get("SwapFree", sizes.get("SwapTotal", 0))
    found = f"{sizes['MemAvailable'] >> 20} MiB available"
    if swapped > 0:
        found += f", {swapped >> 20} MiB in swap"
    if sizes["MemAvailable"] < LITTLE_MEMORY:
        return Check(
            "memory", WARN, found, "workers may be killed for want of memory", "ps aux --sort=-rss | head"
        )
    if swapped > 0:
        return Check(
            "memory",
            NOTE,
            found,
            "pages that come back from swap take their time",
            "sudo swapoff -a && sudo swapon -a",
        )
    return Check("memory", OK, found)
