"""`benchsuite list devices --for ALGORITHM`: the answer, then a table, then how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from benchsuite.cli.options import terminal_width
from benchsuite.cli.tables import table
from benchsuite.confidence import simulated, words
from benchsuite.model import LOAD
from benchsuite.sheet.numbers import percent, percent_cell, significant
from benchsuite.sheet.printable import clean, wrap
from benchsuite.units import many, several

if TYPE_CHECKING:
    from benchsuite.serving import Answer, Candidate

USUAL_SIZE = 1420  # of an IPsec packet on Ethernet
_COLUMNS = (
    *("device", "algorithm", "serves", "confidence", "mbps", *LOAD),
    *("latency_p50_seconds", "latency_p99_seconds", "cpu_fraction", "limit"),
    *("highest_mbps", "highest_q_len", "simulated", "title"),
)


def show(
    wanted: str, size: int | None, mbps: float | None, op: str | None, own: Sequence[str], format_name: str
) -> None:
    """Prints the answer. BenchsuiteError for an algorithm, an operation, a size or a device that is none."""
    from benchsuite import serving, sim
    from benchsuite.sheet import as_csv, as_json

    asked = serving.names(wanted)
    bytes_of = serving.size_for(asked[0], size or USUAL_SIZE, rounded=size is None)
    found = serving.answer(asked, serving.op_for(asked[0], op), bytes_of, mbps, own or sim.names())
    if format_name == "json":
        click.echo(as_json.write(_plain(found)), nl=False)
    elif format_name == "csv":
        rows = [[record[key] for key in _COLUMNS] for record in map(_record, found.candidates)]
        click.echo(as_csv.write([list(_COLUMNS), *rows]), nl=False)
    else:
        _print(found)


def _print(found: Answer) -> None:
    width = terminal_width()
    click.echo("\n".join(wrap(" ".join(_sentences(found)), width)))
    if found.candidates:
        click.echo()
        headers = ["DEVICE", "SERVES", "HIGHEST", "LIMIT", "Q_LEN", "P99 µs", "CPU %", "HOW SURE"]
        align = ("left", "left", "right", "left", "right", "right", "right", "left")
        table([_row(each, found) for each in found.candidates], headers, align=align)
        click.echo()
        for paragraph in _legend(found):
            click.echo("\n".join(wrap(paragraph, width, 2)))


def _sentences(found: Answer) -> Iterator[str]:
    """The answer."""
    from benchsuite.serving import CLAIMED, GUESSED, SHORT, SURELY

    work = f"{found.algorithm} {found.op} of {found.size} B"
    if not found.candidates:
        yield f"No simulated device does {work}."
        yield from _others(found)
        return
    short, best = found.of(SHORT), found.candidates[0]
    total = len(found.candidates) - len(short)
    ways = {"by known figures": SURELY, "if what is claimed of it holds": CLAIMED, "by a guess": GUESSED}
    how = ", ".join(f"{len(found.of(kind))} {said}" for said, kind in ways.items() if found.of(kind))
    if total and found.mbps:
        devices, verb = many(total, "simulated device"), "serves" if total == 1 else "serve"
        yield f"{devices} {verb} {work} with {_asked(found.mbps)} Mbps: {how}."
    elif total:
        yield f"{many(total, 'simulated device')} {_do(total)} {work}: {how}."
    elif found.mbps:
        yield f"No simulated device reaches {_asked(found.mbps)} Mbps of {work}."
    place, mark = "First" if total else "Nearest", simulated([best.confidence])
    enough = f", and enough from q_len {best.at.load.q_len} on" if total and found.mbps else ""
    yield f"{place} is {best.device}: up to {significant(best.best.mbps)} Mbps{enough} ({mark})."
    if short and total:
        yield f"{many(len(short), 'device')} {_do(len(short))} not reach it."


def _asked(mbps: float) -> str:
    """The rate as it was written: 2000, 0.5, 2500000."""
    return f"{mbps:.15g}" if mbps < 1e15 else f"{mbps:g}"


def _do(count: int) -> str:
    return "does" if count == 1 else "do"


def _others(found: Answer) -> Iterator[str]:
    """What does not do the algorithm, and what it does instead."""
    if not found.others:
        return
    near: dict[str, list[str]] = {}
    for device, names in found.others.items():
        for name in names[:1]:
            near.setdefault(name, []).append(device)
    listed = sorted(near.items(), key=lambda each: -len(each[1]))[:4]
    said = "; ".join(f"{name} ({several(devices)})" for name, devices in listed)
    count = len(found.others)
    text = f"{many(count, 'device')} {_do(count)} not do it"
    yield f"{text}; the nearest that they do: {said}." if said else f"{text}."


def _row(each: Candidate, found: Answer) -> list[str]:
    from benchsuite.serving import SHORT

    at, serves = each.at, "yes" if found.mbps else "-"
    if each.serves == SHORT and found.mbps:
        serves = f"{percent(min(1 - each.best.mbps / found.mbps, 0.99), 2)} short"
    return [
        clean(each.device) + "*" * (each.algorithm != found.algorithm),
        serves,
        significant(each.best.mbps),
        each.best.limit,
        str(at.load.q_len) + "b" * bool(at.load.batch),
        significant(at.p99 * 1e6, 3),
        percent_cell(at.cpu, 0),
        words(each.confidence),
    ]


def _legend(found: Answer) -> Iterator[str]:
    what = "reaches that rate" if found.mbps else "gives that rate"
    yield (
        "All figures are simulated: no device was measured. HIGHEST: Mbps of one worker with up to 128 "
        "requests outstanding, and LIMIT what is always busy then (`waiting`: nothing is). "
        f"Q_LEN: the least that {what}, with its latency and CPU time (of the host in the model; 100 is "
        "one CPU)."
    )
    names = sorted({each.algorithm for each in found.candidates if each.algorithm != found.algorithm})
    if names:
        esp = ", the algorithm inside IPsec's ESP" * all(name.startswith("rfc4106-") for name in names)
        yield f"* does {', '.join(names)}{esp}."
    if any(each.at.load.batch for each in found.candidates):
        yield "b: with batch 1, so that requests are handed over several at a time."
    yield from _others(found)
    op = "" if found.op in ("digest", "encrypt") else f" -s op={found.op}"
    command = f"benchsuite run sizes -b software -s algorithm={found.algorithm}{op}"
    yield f"This machine's own software: `{command} -s request_size={found.size}` measures it."


def _record(each: Candidate) -> dict[str, Any]:
    at = each.at
    return {
        "device": each.device,
        "algorithm": each.algorithm,
        "serves": each.serves,
        "confidence": each.confidence,
        "mbps": at.mbps,
        **{key: getattr(at.load, key) for key in LOAD},
        "latency_p50_seconds": at.p50,
        "latency_p99_seconds": at.p99,
        "cpu_fraction": at.cpu,
        "limit": each.best.limit,
        "highest_mbps": each.best.mbps,
        "highest_q_len": each.best.load.q_len,
        "simulated": True,
        "title": each.title,
    }


def _plain(found: Answer) -> dict[str, Any]:
    """Keys are only added; `benchsuite_devices_for` is raised when one means something else."""
    return {
        "benchsuite_devices_for": 1,
        "algorithm": found.algorithm,
        "op": found.op,
        "request_size": found.size,
        "mbps": found.mbps,
        "answer": " ".join(_sentences(found)),
        "candidates": [_record(each) for each in found.candidates],
        "others": {device: list(names) for device, names in found.others.items()},
    }
