"""The keys of a device's file: one table, with kind, unit, default and meaning of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from benchsuite.algorithms import ALGORITHMS, find
from benchsuite.confidence import CONFIDENCES
from benchsuite.keys import (
    REQUIRED,
    AlgorithmName,
    Choice,
    Flag,
    Key,
    Number,
    Real,
    Size,
    Text,
    refused,
    show,
)
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT

US = 1e6  # picoseconds
LARGEST = 16 << 20  # request, in bytes
MOST_US = 1e7  # ten seconds
MOST_MBPS = 1e7
MODES = ("interrupt", "poll", "sync")
BEYOND = ("refuse", "evict", "slow")
PROBABILITY = Real(0, 1)
DISTRIBUTIONS = ("constant", "exponential")


@dataclass(frozen=True)
class Names:
    what = 'the name of an algorithm, a pattern such as "aes-*-cbc", or a list of them'

    def accept(self, value: Any) -> frozenset[str]:
        """The names that are meant."""
        patterns = [value] if isinstance(value, str) else value
        if not isinstance(patterns, list) or not patterns or not all(isinstance(p, str) for p in patterns):
            raise refused(value, self)
        return frozenset().union(*(self._like(pattern) for pattern in patterns))

    @staticmethod
    def _like(pattern: str) -> set[str]:
        if "*" not in pattern:
            return {find(pattern).name}
        found = {name for name in ALGORITHMS if fnmatchcase(name, pattern)}
        if not found:
            raise ValueError(f"no algorithm is like {show(pattern)}")
        return found


@dataclass(frozen=True)
class Sources:
    what = "a table, [sources]: a word for each source, and a sentence that says what it is"

    def accept(self, value: Any) -> Mapping[str, str]:
        if not isinstance(value, dict):
            raise refused(value, self)
        return {key: Text().accept(sentence) for key, sentence in value.items()}


@dataclass(frozen=True, slots=True)
class Field(Key):
    """Key of a section, and how the native core calls it (drivers/sim/model.c)."""

    field: str = ""  # "": only Python reads it


def _time(name: str, field: str, doc: str) -> Field:
    return Field(name, Real(0, MOST_US), 0, doc, field)


def _chance(name: str, doc: str) -> Field:
    return Field(name, PROBABILITY, 0, doc, name)


HOST = (
    Field("cpus", Number(1, 1024), 1, "CPUs that share the work below", "cpus"),
    _time("dispatch_us", "dispatch", "crypto_dispatch, per request"),
    _time("submit_us", "submit", "the driver's process function, per request: mapping, descriptors"),
    _time("doorbell_us", "doorbell", "telling the device, per kick: with HINT_MORE only the last of a batch"),
    _time("interrupt_us", "interrupt", "entry and exit, per interrupt; per look, if the device is polled"),
    _time("completion_us", "completion", "per request that is collected"),
    _time("callback_us", "callback", "the consumer's own, per request"),
    _time("wake_dispatcher_us", "wake_dispatcher", "from its wake-up until the dispatcher runs (batch on)"),
    _time("wake_callback_us", "wake_callback", "from its wake-up until the callback thread runs (cbimm off)"),
)
RING = (
    Field("count", Number(1, 1024), 1, "rings; sessions are spread over them", "rings"),
    Field("depth", Number(1, 65536), None, "requests a ring holds, from submission until collected", "depth"),
)
UNITS = (
    Field("count", Number(1, 65536), 1, "engines that work side by side", "units"),
    Field("cpus", Flag(), False, "they are CPUs of the host, beside host.cpus (pcrypt, cryptd)", "unit_cpus"),
)
BUS = (
    Field("bandwidth_mbps", Real(0.001, MOST_MBPS), None, "10^6 bits a second", "bus_per_byte"),
    Field("crossings", Real(0.01, 64), 2, "of a payload byte: half of them before the unit", "crossings"),
    _time("latency_us", "bus_latency", "each way, beside the bytes; it occupies nothing"),
    Field("full_duplex", Flag(), False, "each direction has the bandwidth for itself", "full_duplex"),
)
COMPLETION = (
    Field("mode", Choice(MODES), "interrupt", "how the host hears of it; sync: the CPU works itself", "mode"),
    Field("count", Number(1, 65536), 1, "finished requests before an interrupt", "coalesce"),
    _time("time_us", "coalesce_time", "or so long after the first of them"),
    _time("latency_us", "interrupt_latency", "from the device's interrupt until the host's handler begins"),
    _time("period_us", "period", "poll: the host looks so often"),
    Field("in_order", Flag(), False, "requests are given back in the order of submission", "in_order"),
    _time("serial_us", "serial", "every request passes a stage that takes one at a time (pcrypt)"),
)
SESSIONS = (
    Field("limit", Number(1, 1_000_000_000), None, "entries of the session table", "session_limit"),
    Field("beyond", Choice(BEYOND), "refuse", "what happens when more are in use", "beyond"),
    _time("reload_us", "reload", "evict: of the unit's time, for a request whose session is not there"),
    Field("slowdown", Real(0, 1e6), 0, "slow: more unit time, by (sessions - limit) / limit", "slowdown"),
)
FAULTS = (
    _chance("busy", "chance that an offer, and the nine after it, are refused"),
    _chance("error", "chance that a request fails (-EIO)"),
    _chance("wrong", "chance that a byte of the output is wrong; clock=real only"),
    _chance("lost", "chance that a request never completes"),
    _chance("late", "chance that it completes late_us later"),
    Field("late_us", Real(0, 1e8), 1000, "how late", "late_by"),
    _chance("duplicate", "chance that it completes twice"),
    _chance("reorder", "chance that the next one overtakes it"),
    Field("hang", Number(1, 10**12), None, "the device hangs after so many requests", "hang_after"),
    Field("overflow", Number(1, 10**6), None, "so many sessions more are in use than its table holds"),
)
CHANCES = tuple(field.name for field in FAULTS if field.kind is PROBABILITY)
SECTIONS = {
    "host": HOST,
    "ring": RING,
    "units": UNITS,
    "bus": BUS,
    "completion": COMPLETION,
    "sessions": SESSIONS,
    "faults": FAULTS,
}


_OPS = Choice((ENCRYPT, DECRYPT))
_MBPS = Real(0.001, MOST_MBPS)
FILE = (
    Field("title", Text(), REQUIRED, "what the device is, in at most 90 bytes; a result says it"),
    Field("about", Text(), "", "what one should know of it, and of its figures"),
    Field("confidence", Choice(tuple(CONFIDENCES)), "", "of figures that have none themselves"),
    Field(
        "distribution",
        Choice(DISTRIBUTIONS),
        "constant",
        "of the times in units, bus and serial stage; exponential is for checks against queueing theory",
    ),
    Field("sources", Sources(), {}, "where figures are from; a figure's `source` is one of its keys"),
)
ALGORITHM = (
    Field("name", Names(), REQUIRED, "what this entry is about"),
    Field("op", _OPS, "", "one direction only"),
    Field("from_size", Size(1, LARGEST), 1, "smallest request it holds for, in bytes"),
    Field("to_size", Size(1, LARGEST), LARGEST, "largest request"),
    Field("setup_us", Real(0, MOST_US), REQUIRED, "of a request in a unit, whatever its size", "setup"),
    Field("rate_mbps", _MBPS, REQUIRED, "of one unit, beside the set-up", "per_byte"),
)
POINT = (
    Field("algorithm", AlgorithmName(), REQUIRED, "as in a profile, like the keys below"),
    Field("op", Choice((ENCRYPT, DECRYPT, DIGEST)), "", "digests and HMACs: digest"),
    Field("request_size", Size(1, LARGEST), REQUIRED, "bytes"),
    Field("q_len", Number(1, 65536), 1, "requests outstanding, per worker"),
    Field("batch", Number(0, 65536), 0, "0 off, 1 on, N at most so many per kick"),
    Field("cbimm", Number(0, 1), 1, "0: callbacks in a thread of their own"),
    Field("workers", Number(1, 1024), 1, "threads, each with a session and q_len requests"),
    Field("mbps", _MBPS, REQUIRED, "what was published"),
)
# Like those of the sections, their values may be { value, confidence, source }.
FIGURES = ("setup_us", "rate_mbps", "mbps")


def field_lines(section: str, name: str, value: Any) -> tuple[str, str]:
    """`field=value` as the native core reads it: times in picoseconds, bandwidth as time per byte."""
    field = next(f for f in SECTIONS[section] if f.name == name)
    if name.endswith("_us"):
        return field.field, str(round(value * US))
    if name.endswith("_mbps"):
        return field.field, repr(8 * US / value)
    if isinstance(field.kind, Choice):
        return field.field, str(field.kind.words.index(value))
    return field.field, repr(value) if isinstance(value, float) else str(int(value))
