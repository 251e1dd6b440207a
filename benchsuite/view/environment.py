"""What a result knows of where it was measured, for people: names, units, and yes and no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from benchsuite.compare.kept import KEY as VERDICTS
from benchsuite.compare.tagged import differing
from benchsuite.facts import CALLED, Environment, called
from benchsuite.model import CaseResult, Result
from benchsuite.remarks import in_words
from benchsuite.sheet.numbers import NONE, brief
from benchsuite.sheet.printable import clean
from benchsuite.units import many

MOST = 8  # parts of a list that are said
_ELSEWHERE = {VERDICTS}  # has a section of its own
_AGAIN = {"boot_time": Environment.BOOT_TIME, "load_avg_1min": Environment.LOAD_BEFORE}  # pyperf's: ours
_LOST = {"lines_not_understood": "not understood", "lines_without_figure": "without a figure"}
_UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def environments(result: Result) -> list[tuple[str, dict[str, Any]]]:
    """The environments of a result, and what tells them apart: several of one that was merged, by the tags in
    which its cases differ, else by numbers; "" of a single one."""
    cases = {id(case.environment): case for case in result.cases}
    found: list[tuple[CaseResult, dict[str, Any]]] = []
    for case in cases.values():
        whole = result.environment | case.environment
        if whole not in [each for _, each in found]:
            found.append((case, whole))
    if len(found) < 2:
        return [("", found[0][1] if found else result.environment)]
    keys = differing(case for case, _ in found)
    names = [in_words({key: case.tags[key] for key in keys if key in case.tags}) for case, _ in found]
    unique = all(names) and len(set(names)) == len(names)
    return [
        (name if unique else f"({number})", whole)
        for number, (name, (_, whole)) in enumerate(zip(names, found, strict=True), 1)
    ]


def described(environments: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What is known of each machine, by name: "-" where it is not told. In the order of importance; what has
    no name here comes last, by its own."""
    listed = list(environments)
    keys = {key for each in listed for key in each} - _ELSEWHERE
    keys -= {key for key, ours in _AGAIN.items() if ours in keys}
    named = [key for key in CALLED if key in keys]
    found: dict[str, list[str]] = {}
    for key in [*named, *sorted(keys.difference(named), key=lambda key: (called(key), key))]:
        name = clean(called(key))
        while name in found:  # no two facts are one line
            name += " (2)"
        found[name] = [said(each.get(key), key) for each in listed]
    return found


def said(value: Any, key: str = "") -> str:
    """A fact in words. key: of the environment, whose unit is known then."""
    if value is None or value == "":
        return NONE
    if key in _SAID:
        try:
            return _SAID[key](value) or NONE
        except (TypeError, ValueError, OverflowError):  # damaged: as it stands
            pass
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and isfinite(value):
        return f"{value:.10g}"
    if isinstance(value, Mapping):
        parts = [f"{clean(str(key)).replace('_', ' ')} {said(each)}" for key, each in value.items()]
        return _several(parts, ", ")
    if isinstance(value, list | tuple | set):
        return _several([said(each) for each in value], "; ")
    return clean(str(value)) or NONE


def _several(parts: list[str], between: str) -> str:
    more = [f"and {len(parts) - MOST} more"] if len(parts) > MOST else []
    return between.join(parts[:MOST] + more) or NONE


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return clean(value)


def _bytes(value: Any) -> str:
    size = int(value)
    factor, unit = next(((factor, unit) for factor, unit in _UNITS if size >= factor), (1, "bytes"))
    return f"{brief(size / factor, 3)} {unit}" if size else "none"


def _moment(value: Any) -> str:
    return datetime.fromtimestamp(float(value), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _date(value: Any) -> str:
    return _text(value).partition(".")[0]  # without microseconds


def _since(value: Any) -> str:
    minutes = int(float(value)) // 60
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def _mhz(value: Any) -> str:
    return f"{float(value):.0f} MHz"


def _khz(value: Any) -> str:
    return f"{float(value) / 1000:.0f} MHz"


def _watts(value: Any) -> str:
    return f"{brief(float(value), 3)} W"


def _switch(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else _plain(value)


def _mitigations(value: Any) -> str:
    return _text(value).replace(" | ", "; ")


def _file(of: Any) -> str:
    """A file that figures were read from."""
    if not (isinstance(of, Mapping) and isinstance(of.get("figures"), Mapping)):
        return said(of)
    counted = [f"{many(int(count), 'figure')} of {said(program)}" for program, count in of["figures"].items()]
    lost = [f"{int(of[key])} {words}" for key, words in _LOST.items() if of.get(key)]
    lines = [", ".join([many(int(of["lines"]), "line"), *lost])] if "lines" in of else []
    digest = [f"SHA-256 {_text(of['sha256'])[:12]}…"] if of.get("sha256") else []
    return f"{said(of.get('file'))}: {'; '.join(counted + lines + digest)}"


def _files(value: Any) -> str:
    return _several([_file(each) for each in value], "; ") if isinstance(value, list) else _plain(value)


_SAID: dict[str, Callable[[Any], str]] = {
    Environment.MEMORY: _bytes,
    Environment.SWAP: _bytes,
    Environment.DATE: _date,
    Environment.BOOT_TIME: _moment,
    "uptime": _since,
    Environment.MHZ_BEFORE: _mhz,
    Environment.MHZ_AFTER: _mhz,
    Environment.MIN_KHZ: _khz,
    Environment.MAX_KHZ: _khz,
    Environment.IDLE_WATTS: _watts,
    Environment.TURBO: _switch,
    Environment.SMT: _switch,
    Environment.FIPS: _switch,
    Environment.MITIGATIONS: _mitigations,
    Environment.IMPORTED: _files,
}
