"""The setting of the backend: `DEVICE[,clock=real][,KEY=VALUE...]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchsuite.keys import Choice, Kind, Number, accept, from_text, unknown
from benchsuite.model import BenchsuiteError
from benchsuite.sim.table import FAULTS
from benchsuite.units import shown

VIRTUAL, REAL = "virtual", "real"
_FAULTS = {field.name: field for field in FAULTS}
_OTHERS: dict[str, Kind] = {
    "clock": Choice((VIRTUAL, REAL)),
    "seed": Number(0, 10**15),
    "sessions": Number(1, 10**9),
}


@dataclass(frozen=True, slots=True)
class Setting:
    device: str  # a name, or a path
    clock: str
    seed: int
    sessions: int  # that share the requests; 0: those that are open
    faults: Mapping[str, Any]  # as [faults] of a file, and before those


def _split(setting: str) -> list[str]:
    """A comma in a path is none of ours unless a key follows."""
    return re.split(r",(?=[a-z_]+=)", setting)


def clock_of(setting: str) -> str:
    """Without looking at the rest, which may be wrong."""
    return REAL if f"clock={REAL}" in _split(setting)[1:] else VIRTUAL


def parse(setting: str) -> Setting:
    """BenchsuiteError for anything that is not understood, or given twice."""
    device, *options = _split(setting)
    if not device or "=" in device:
        raise BenchsuiteError(
            "sim: which device? Write sim:DEVICE, with a name of `benchsuite list devices` or the path of "
            "a TOML file"
        )
    given: dict[str, Any] = {}
    for option in options:
        key, _, text = option.partition("=")
        if key in given:
            raise BenchsuiteError(f"sim: {key} is given twice, in {shown(setting)}")
        given[key] = _value(key, text)
    faults = {key: value for key, value in given.items() if key in _FAULTS}
    clock, seed, sessions = given.get("clock", VIRTUAL), given.get("seed", 1), given.get("sessions", 0)
    return Setting(device, clock, seed, sessions, faults)


def _value(key: str, text: str) -> Any:
    known = _OTHERS | {name: field.kind for name, field in _FAULTS.items()}
    if key not in known:
        raise unknown(key, known, "sim", "option")
    return accept(known[key], from_text(text), f"sim: {key}={shown(text)[1:-1]}")
