"""The file of a fitted device."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields

from benchsuite.fit.bounds import Fit
from benchsuite.fit.robust import weighed
from benchsuite.fit.sweep import LITTLE, Sweep, kept
from benchsuite.fit.warnings import far, units_told
from benchsuite.model import DIGEST, PARAMETERS
from benchsuite.sheet.numbers import percent
from benchsuite.sim.device import Point

_POINT = [each.name for each in fields(Point) if each.name in PARAMETERS and PARAMETERS[each.name].number]
_MOST_TITLE = 90  # bytes
_MOST_COUNT = 65536
_FIT, _GUESS = "fit", "guess"
_FAR_POINT = ("# far from the model, and given little weight",)


def device_file(fit: Fit, sweep: Sweep, result: str, off: float | None = None) -> str:
    """TOML, which `sim:./FILE` reads. result: the name of the result file. off: what the device is off when
    it is simulated (RMS), once that is known."""
    case = sweep.case
    fitted = _Figures(sweep.simulated)
    sweep = weighed(sweep, fit.weights)
    lines = [f"# {said}" for said in (far(fit, sweep), fit.contradicted) if said]
    lines += [
        f"title = {_text(_title(sweep))}",
        f"about = {_text(_about(fit, sweep, fit.rms if off is None else off))}",
        "",
        "[sources]",
    ]
    lines.append(f"{_FIT} = {_text(_source(fit, sweep, result))}")
    lines.append(f"{_GUESS} = " + _text("assumed: the sweep does not tell"))
    for section, keys in _sections(fit, sweep, fitted):
        lines += ["", f"[{section}]", *(f"{key} = {figure}" for key, figure in keys.items())]
    lines += ["", "[[algorithm]]", f"name = {_text(case.algorithm)}"]
    if case.op != DIGEST:
        lines.append(f"op = {_text(case.op)}")
    for key, size in (("from_size", sweep.least_size), ("to_size", sweep.most_size)):
        lines += [f"{key} = {size}"] if size else []
    lines.append(f"setup_us = {fitted(_setup(fit))}")
    lines.append(f"rate_mbps = {fitted(fit.rate_mbps)}")
    for point in sweep.points:
        lines += [
            "",
            *_FAR_POINT[: point.weight < LITTLE],
            "[[point]]",
            f"algorithm = {_text(case.algorithm)}",
            f"op = {_text(case.op)}",
        ]
        lines += [f"{key} = {getattr(point.case, key)}" for key in _POINT]
        lines.append(f"mbps = {fitted(point.mbps)}")
    return "\n".join(lines) + "\n"


class _Figures:
    """A figure as the file has it. What is fitted to a simulation was not measured on anything."""

    def __init__(self, simulated: bool) -> None:
        self.known = "assumption" if simulated else "measured"

    def __call__(self, value: object, assumed: bool = False) -> str:
        confidence, source = ("assumption", _GUESS) if assumed else (self.known, _FIT)
        shown = f"{value:.6g}" if isinstance(value, float) else json.dumps(value)
        return f'{{ value = {shown}, confidence = "{confidence}", source = "{source}" }}'


def _sections(fit: Fit, sweep: Sweep, figure: _Figures) -> Iterator[tuple[str, dict[str, str]]]:
    if fit.synchronous:
        yield "host", {"cpus": figure(max(1, sweep.case.workers), assumed=True)}
        yield "units", {"count": figure(max(1, sweep.case.workers), assumed=True)}
        yield "completion", {"mode": figure("sync")}
        return
    submit, completion, serial, latency = _way(fit)
    yield (
        "host",
        {
            "cpus": figure(fit.cpus, assumed=not fit.host_us),
            "submit_us": figure(submit, assumed=not submit),
            "completion_us": figure(completion, assumed=True),
        },
    )
    depth = fit.depth or max(sweep.depths[-1], 1)
    yield "ring", {"depth": figure(depth, assumed=fit.depth is None)}
    guessed = not units_told(fit, sweep)
    yield "units", {"count": figure(fit.units, assumed=guessed)}
    bus = {"latency_us": figure(latency / 2, assumed=guessed)}
    if fit.outside_us * sweep.sizes[-1] > 1e-5:  # 10 ps are nothing
        bus = {
            "bandwidth_mbps": figure(16 / fit.outside_us),
            "crossings": figure(2, assumed=True),
            "full_duplex": figure(True, assumed=True),
        } | bus
    yield "bus", bus
    completion_keys = {"mode": figure("interrupt", assumed=True)}
    if fit.waiting_us:  # until others are finished, and those who wait are never so many
        count = fit.shape.enough if fit.coalesced_us else min(depth + 1, _MOST_COUNT)
        completion_keys |= {"count": figure(count, assumed=True), "time_us": figure(fit.waiting_us)}
    yield "completion", completion_keys | ({"serial_us": figure(serial)} if serial else {})


def _way(fit: Fit) -> tuple[float, float, float, float]:
    """Parts of the latency: submission, completion, the serial stage, and what is left."""
    latency = (1 - fit.shape.waiting) * fit.latency_us
    if fit.serial_us and fit.host_us >= fit.serial_us:  # the host is what takes one at a time
        return fit.host_us, 0.0, 0.0, max(0.0, latency - fit.host_us)
    host = min(fit.host_us, max(0.0, latency - fit.serial_us))
    return host / 2, host / 2, fit.serial_us, max(0.0, latency - host - fit.serial_us)


def _setup(fit: Fit) -> float:
    """Without what the serial stage takes of it, where the two are not told apart."""
    if fit.synchronous or fit.host_us >= fit.serial_us:
        return fit.setup_us
    return max(0.0, fit.setup_us - max(0.0, fit.serial_us - fit.latency_us))


_BESIDE_THE_UNITS = (
    "What a request needs outside the units is here as latency of the bus, where it occupies nothing, "
    "and as CPU time of the host, of which the least that was measured is taken, one half for submission "
    "and one for completion."
)


def _title(sweep: Sweep) -> str:
    title = f"fitted to {'simulated ' * sweep.simulated}{sweep.case.backend}, {sweep.case.algorithm}"
    return title.encode()[:_MOST_TITLE].decode(errors="ignore")


def _about(fit: Fit, sweep: Sweep, off: float) -> str:
    points = f"{len(sweep.points)} points, {sweep.sizes[0]} to {sweep.sizes[-1]} bytes and "
    points += f"{sweep.depths[0]} to {sweep.depths[-1]} outstanding"
    way = "The CPU waits for every request." if fit.synchronous else _BESIDE_THE_UNITS
    count = len(kept(sweep.points))
    which = "them (RMS)" if count == len(sweep.points) else f"{count} of them (RMS), and far off the rest"
    return f"Fitted by `benchsuite fit` to {points}; it is {percent(off, 2)} off {which}. {way}"


def _source(fit: Fit, sweep: Sweep, result: str) -> str:
    what = "simulated figures of" if sweep.simulated else "measurements of"
    version = f" ({sweep.version})" if sweep.version else ""
    return f"benchsuite fit: {what} {sweep.case.backend}{version}, {result}"


def _text(text: str) -> str:
    """A string of TOML, on one line."""
    text = "".join(char if char.isprintable() else " " for char in text)
    return json.dumps(text, ensure_ascii=False)
