"""What the keys of a device's file mean together: all that could not be simulated, or not as it is meant."""

from __future__ import annotations

from itertools import combinations

from benchsuite.model import BenchsuiteError
from benchsuite.sim.device import Device

MOST_ENTRIES = 1 << 22


def check(device: Device) -> None:
    """BenchsuiteError with what does not go together, and what to do."""
    for checking in (_rates, _completion, _ring, _bus, _sessions, _sync):
        problem = checking(device)
        if problem:
            raise BenchsuiteError(f"{device.where}: {problem}")


def _rates(device: Device) -> str:
    if not device.rates:
        return "it does nothing: add an [[algorithm]] with name, setup_us and rate_mbps"
    for one, other in combinations(enumerate(device.rates, start=1), 2):
        (first, a), (second, b) = one, other
        both = a.algorithms & b.algorithms
        ops = not a.op or not b.op or a.op == b.op
        if both and ops and a.from_size <= b.to_size and b.from_size <= a.to_size:
            return (
                f"algorithm {first} and {second} both have {min(both)} at the same sizes: keep them apart by "
                "op, from_size and to_size"
            )
    return ""


def _completion(device: Device) -> str:
    mode, period = device.value("completion", "mode"), device.value("completion", "period_us")
    if mode == "poll":
        if not period:
            return '[completion] mode = "poll" needs period_us, above 0'
        if period <= device.value("host", "interrupt_us"):
            return "[completion] period_us must be above [host] interrupt_us, which is what a look takes"
        for key in ("count", "time_us", "latency_us"):
            if device.given("completion", key):
                return f'[completion] {key} is for interrupts, and mode is "poll": leave it out'
    elif device.given("completion", "period_us"):
        return f'[completion] period_us is for mode = "poll", and mode is "{mode}"'
    if device.value("completion", "count") > 1 and not device.value("completion", "time_us"):
        return (
            "[completion] count above 1 needs time_us: without it nobody would hear of the last requests of "
            "a burst"
        )
    return ""


def _ring(device: Device) -> str:
    if device.value("completion", "mode") == "sync":
        return ""
    depth = device.value("ring", "depth")
    if depth is None:
        return "[ring] depth is missing: how many requests a ring holds"
    if depth * device.value("ring", "count") > MOST_ENTRIES:
        return f"[ring] count times depth is above {MOST_ENTRIES}"
    return ""


def _bus(device: Device) -> str:
    if device.given("bus", "bandwidth_mbps"):
        return ""
    for key in ("crossings", "full_duplex"):
        if device.given("bus", key):
            return f"[bus] {key} without bandwidth_mbps: give the bandwidth, or leave both out"
    return ""


def _sessions(device: Device) -> str:
    if "sessions" not in device.quantities:
        if device.given("faults", "overflow"):
            return "[faults] overflow: there is no session table: add [sessions] limit, or leave it out"
        return ""
    if device.value("sessions", "limit") is None:
        return "[sessions] limit is missing: the entries of the session table"
    beyond = device.value("sessions", "beyond")
    for key, of in (("reload_us", "evict"), ("slowdown", "slow")):
        if device.given("sessions", key) and beyond != of:
            return f'[sessions] {key} is for beyond = "{of}", and it is "{beyond}"'
        if beyond == of and not device.value("sessions", key):
            return f'[sessions] beyond = "{of}" needs {key}, above 0'
    return ""


def _sync(device: Device) -> str:
    """The CPU that submits does the work, or waits for it: nothing else can be on the way."""
    if device.value("completion", "mode") != "sync":
        return ""
    for section in ("ring", "bus"):
        if section in device.quantities:
            return f'[completion] mode = "sync" means that the CPU does it: leave [{section}] out'
    if device.value("units", "cpus"):
        return '[units] cpus: with mode = "sync" the CPU that submits does the work: leave it out'
    for key in ("count", "time_us", "latency_us", "in_order", "serial_us"):
        if device.given("completion", key):
            return f'[completion] {key}: with mode = "sync" nothing completes later: leave it out'
    for key in ("lost", "late", "duplicate", "reorder", "hang"):
        if device.given("faults", key):
            return f'[faults] {key}: with mode = "sync" nothing completes later: leave it out'
    return ""
