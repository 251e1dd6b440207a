"""What the native core is told: a line `key=value` for each field of its model (drivers/sim/model.c)."""

from __future__ import annotations

from typing import Any

from benchsuite.algorithms import Algorithm
from benchsuite.confidence import weakest
from benchsuite.model import DIGEST, BenchsuiteError
from benchsuite.sim.device import Device, Rate
from benchsuite.sim.files import load
from benchsuite.sim.setting import REAL, Setting, parse
from benchsuite.sim.table import CHANCES, DISTRIBUTIONS, SECTIONS, US, field_lines
from benchsuite.units import format_size

_LONG = 50  # times the longest way a request could take; exponential times have long tails
_SHOWN = 6  # algorithms, in a message
_LONGEST = 4e6  # seconds: the virtual clock has room for some of those


class Unsupported(BenchsuiteError):
    """The device does not do this algorithm, operation or size."""


def lines(setting: str, algorithm: Algorithm | None = None, op: str = "", size: int = 0) -> str:
    """The model of a setting's device, for sessions of an algorithm and requests of up to `size` bytes.
    Without an algorithm: only good for saying what the device is. BenchsuiteError for anything wrong."""
    wanted = parse(setting)
    device = load(wanted.device)
    rate = _rate(device, algorithm, op, size) if algorithm else device.rates[0]
    fields = {
        "device": device.name.encode()[:47].decode(errors="ignore"),  # the core has room for 48 bytes
        "title": device.title,
        "confidence": rate.confidence if algorithm else weakest(rate.confidence for rate in device.rates),
        **_of_sections(device),
        **_of_rate(rate),
        **_of_setting(device, wanted),
    }
    return "".join(f"{key}={value}\n" for key, value in fields.items())


def longest(setting: str, algorithm: Algorithm, op: str, size: int, outstanding: int) -> float:
    """Seconds after which a request must have completed, with so many outstanding, or it never will."""
    wanted = parse(setting)
    device = load(wanted.device)
    rate, sessions = _rate(device, algorithm, op, size), max(_sessions(device, wanted), 1)
    limit = device.value("sessions", "limit") or sessions
    slower = 1 + device.value("sessions", "slowdown") * max(0, sessions - limit) / limit
    bus = device.value("bus", "bandwidth_mbps")
    each = rate.setup_us.value + 8 * size / rate.rate_mbps.value + device.value("sessions", "reload_us")
    each = each * slower + device.value("completion", "serial_us")
    each += 8 * size * device.value("bus", "crossings") / bus if bus else 0
    each += sum(device.value("host", field.name) for field in SECTIONS["host"] if field.name != "cpus")
    once = sum(device.value("completion", key) for key in ("time_us", "latency_us", "period_us"))
    once += 2 * device.value("bus", "latency_us")
    return float(min(_LONG * (outstanding * each + once) / 1e6, _LONGEST))


def by_chance(setting: str) -> bool:
    """Whether requests of a setting differ by chance: times that are drawn, faults, or sessions that may be
    gone from their table."""
    wanted = parse(setting)
    device = load(wanted.device)
    faults = _faults(device, wanted)
    chances = any(faults[key] for key in CHANCES)
    evicts = device.value("sessions", "beyond") == "evict"
    beyond = evicts and _sessions(device, wanted) > device.value("sessions", "limit")
    return bool(chances or beyond or device.distribution != DISTRIBUTIONS[0])


def hangs_after(setting: str) -> int:
    """Requests; 0: it does not hang."""
    wanted = parse(setting)
    return int(_faults(load(wanted.device), wanted)["hang"] or 0)


def _rate(device: Device, algorithm: Algorithm, op: str, size: int) -> Rate:
    found = device.rate(algorithm.name, op, size)
    if found:
        return found
    what = algorithm.name if op == DIGEST or not op else f"{algorithm.name} {op}"
    if algorithm.name not in device.algorithms:
        does = device.algorithms
        others = f" and {len(does) - _SHOWN} more" if len(does) > _SHOWN else ""
        raise Unsupported(
            f"{device.name} does not do {algorithm.name}; it does {', '.join(does[:_SHOWN])}{others}"
        )
    raise Unsupported(f"{device.name} does not do {what} with {format_size(size)} bytes, see {device.where}")


def _of_sections(device: Device) -> dict[str, str]:
    found = {}
    for section, fields in SECTIONS.items():
        for field in fields:
            value = device.value(section, field.name)
            if section != "faults" and value is not None:
                key, text = field_lines(section, field.name, value)
                found[key] = text
    if "bus_per_byte" not in found:
        found["crossings"] = "0"
    found.setdefault("depth", "1")  # mode "sync" has no ring
    return found


def _of_rate(rate: Rate) -> dict[str, str]:
    return {"setup": str(round(rate.setup_us.value * US)), "per_byte": repr(8 * US / rate.rate_mbps.value)}


def _faults(device: Device, wanted: Setting) -> dict[str, Any]:
    """The setting's own before the device's."""
    own = {field.name: device.value("faults", field.name) for field in SECTIONS["faults"]}
    return own | dict(wanted.faults)


def _sessions(device: Device, wanted: Setting) -> int:
    """In use, at least; 0: those that are open."""
    overflow, limit = _faults(device, wanted)["overflow"], device.value("sessions", "limit")
    if not overflow:
        return wanted.sessions
    if not limit:
        raise BenchsuiteError(f"sim: overflow: {device.name} has no session table ([sessions] limit)")
    if wanted.sessions:
        raise BenchsuiteError("sim: sessions and overflow both say how many sessions there are: give one")
    return int(limit + overflow)


def _of_setting(device: Device, wanted: Setting) -> dict[str, str]:
    faults = _faults(device, wanted)
    _check_faults(device, wanted, faults)
    found = {
        "sessions": str(_sessions(device, wanted)),
        "seed": str(wanted.seed),
        "exponential": str(DISTRIBUTIONS.index(device.distribution)),
    }
    for name, value in faults.items():
        if value is not None and name != "overflow":
            key, text = field_lines("faults", name, value)
            found[key] = text
    return found


def _check_faults(device: Device, wanted: Setting, faults: dict[str, Any]) -> None:
    if faults["wrong"] and wanted.clock != REAL:
        raise BenchsuiteError(
            "sim: wrong bytes cannot be seen on the virtual clock, which touches none: add clock=real"
        )
    if device.value("completion", "mode") == "sync":
        for key in ("lost", "late", "duplicate", "reorder", "hang", "wrong"):
            if faults[key]:
                raise BenchsuiteError(f"sim: {key}: {device.name} has no completions, the CPU waits for it")
