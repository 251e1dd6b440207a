"""Every key of a profile: what the parser, --set, the error messages and profiles/README.md go by."""

from __future__ import annotations

from dataclasses import dataclass, fields

from benchsuite import keys
from benchsuite.keys import REQUIRED, AlgorithmName, Choice, Duration, Flag, Number, NumberOrFlag, Size, Text
from benchsuite.model import CHAINED, DECRYPT, ENCRYPT, METRICS, PER_REQUEST, Case, Measure
from benchsuite.profile.kinds import BackendName, Table, TimeOrNone, Workers
from benchsuite.profile.rates import Arrival, Backlog, Rate


@dataclass(frozen=True, slots=True)
class Key(keys.Key):
    """Key of a profile: which may sweep."""

    default_text: str = ""  # what decides, in words, where the default is None
    sweeps: bool = True  # a list makes one case of each of its values


_CASE = {field.name: field.default for field in fields(Case)}
_HOW = {field.name: field.default for field in fields(Measure)}


def _by_name(*keys: Key) -> dict[str, Key]:
    return {key.name: key for key in keys}


def _why(doc: str) -> Key:
    return Key("why", Text(), "", doc, "not said", sweeps=False)


FILE = _by_name(
    _why("the question this profile answers; its first sentence is what `benchsuite list profiles` shows"),
    Key("measure", Table(several=False), None, "how each case is measured", "see below", sweeps=False),
    Key("matrix", Table(several=True), REQUIRED, "what is measured", sweeps=False),
)

MEASURE = _by_name(
    Key(
        "processes",
        Number(1, 100),
        _HOW["processes"],
        "fresh worker processes per case: address layout and start-up effects are part of the noise",
        sweeps=False,
    ),
    Key("values", Number(1, 10_000), _HOW["values"], "timed values per process", sweeps=False),
    Key("warmups", Number(0, 1000), _HOW["warmups"], "values per process that are kept apart", sweeps=False),
    Key("min_time", Duration(0.001, 600), "20ms", "a value takes at least this long", sweeps=False),
    Key(
        "log_interval",
        TimeOrNone(0.01, 3600),
        _HOW["log_interval"],
        "a time series of rate, latency, CPU, frequency and temperature is kept, with an entry for each "
        "interval of this length; 0: none. In `run` alone",
        sweeps=False,
    ),
    Key(
        "ramp",
        TimeOrNone(0.001, 3600),
        _HOW["ramp"],
        "each process works for this long before its first value, as fio's ramp_time, in place of "
        "warmups; what it did is kept apart. In `run` alone",
        sweeps=False,
    ),
    Key(
        "decide_on",
        Choice(METRICS),
        _HOW["decide_on"],
        "what verdicts of `compare` and `gate` rest on; cpu and cycles, where one thread does all the work, "
        "leave out what other programs took",
        sweeps=False,
    ),
)

# In the order in which they sweep: the last turns fastest.
MATRIX = _by_name(
    _why("what to learn from these cases"),
    Key("backend", BackendName(), "software", "who does the work; NAME, NAME:SETTING, LABEL=NAME:SETTING"),
    Key("algorithm", AlgorithmName(), REQUIRED, "what is done; `benchsuite list algorithms`"),
    Key(
        "op",
        Choice((ENCRYPT, DECRYPT)),
        ENCRYPT,
        "the direction; hashes and HMACs have none and are one case",
    ),
    Key(
        "request_size",
        Size(1, 16 << 20),
        _CASE["request_size"],
        'payload bytes of a request, or text such as "64KiB"; a multiple of the block in ECB and CBC',
    ),
    Key("q_len", Number(1, 65536), _CASE["q_len"], "requests kept outstanding, per worker"),
    Key(
        "batch",
        NumberOrFlag(65536),
        _CASE["batch"],
        "0: straight to the driver; 1: through the dispatch queue, N: the same with at most N per kick",
    ),
    Key(
        "cbimm",
        NumberOrFlag(1),
        _CASE["cbimm"],
        "1: the callback runs where the completion is found; 0: in the callback thread, by the return queue",
    ),
    Key(
        "workers",
        Workers(1024),
        _CASE["workers"],
        'threads, each with its own session and queues; "all" CPUs this process may use; "1..all": 1, 2, 4 '
        "and so on up to all",
    ),
    Key(
        "iv",
        Choice((PER_REQUEST, CHAINED)),
        PER_REQUEST,
        "chained: each request goes on where the last one ended, as `openssl speed` does; for ECB, CBC, "
        "CTR and encryption with plain GCM, on the direct path (q_len 1, batch 0, cbimm 1), without aad_size",
    ),
    Key(
        "in_place",
        Flag(),
        None,
        "output over input; never for authenticated decryption, which needs its input again",
        "true; false for authenticated decryption",
    ),
    Key(
        "aad_size",
        Size(0, 65536),
        None,
        "additional authenticated bytes, before the payload; nothing where there is no tag",
        "8 for AEAD, else 0",
    ),
    Key(
        "tag_size",
        Size(0, 64),
        0,
        "bytes of a MAC or an AEAD's tag, where it is cut: 12 of HMAC-SHA1 in ESP, 8 or 12 of GCM; nothing "
        "where there is no tag",
        "0: the algorithm's own",
    ),
    Key(
        "request_num",
        Number(1, 1_000_000_000),
        _CASE["request_num"],
        "a value is at least this many requests, per worker",
    ),
    Key(
        "crypto_q_max",
        Number(1, 1_000_000),
        _CASE["crypto_q_max"],
        "a dispatch beyond this many outstanding is dropped, counted and tried again, as in OCF",
    ),
    Key(
        "rate",
        Rate(),
        _CASE["rate"],
        "requests that arrive per second, of all workers together, whether or not the last one is done; "
        '"2Gbps" of payload, or "70%" of the capacity, which is measured first; 0: a closed loop, where '
        "each is sent when one before it is done",
    ),
    Key(
        "arrival",
        Arrival(),
        _CASE["arrival"],
        "with a rate: evenly, by chance (exponential gaps, the same for both sides of a pair), or N at once",
    ),
    Key(
        "backlog",
        Backlog(),
        _CASE["backlog"],
        "with a rate: requests that may wait before the driver, per worker; one more is dropped and counted. "
        "`q_len` is what the driver holds",
        "unlimited",
    ),
    Key(
        "round_size",
        Flag(),
        False,
        "true: request_size is rounded up to what the algorithm takes, as tcrypt does and ESP pads; "
        "false: such a size is an error",
        sweeps=False,
    ),
)

SWEEPING = tuple(key.name for key in MATRIX.values() if key.sweeps)


def settable() -> dict[str, Key]:
    return {name: key for name, key in (MATRIX | MEASURE).items() if name != "why"}
