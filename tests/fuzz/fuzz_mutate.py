"""Damaged and mixed files, made of real ones: what a random byte seldom hits."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from benchsuite.store.reading import decode
from benchsuite.store.writing import encode

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
RESULTS = Path(__file__).resolve().parents[2] / "results" / "reference"

_NUMBERS = [
    "0",
    "-1",
    "1",
    "00",
    "0.0",
    "-0.0",
    "1e308",
    "1e-320",
    "inf",
    "nan",
    "NaN",
    "0x10",
    "9" * 25,
    "9" * 400,
    "-9223372036854775808",
    "18446744073709551616",
    "٣",
    "1.2.3",
    "1,000",
    "",
]
_WORDS = [
    "AES-128-CBC",
    "cbc(aes)",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\x1b[31m",
    "\u202e",
    "%s%n",
    "a" * 300,
    "((((((",
    "))))))",
    " ",
    ":",
    "|",
    ",",
    "/",
    "=",
    "testing speed of",
    "encryption",
    "MiB/s",
    "OCF: testing software/x/encrypt/request_size=1",
    "{",
    "&#39;",
    "&nbsp;",
    "=E2=80=99",
    "\u2019",
    "\u00a0",
    "<td>",
    "</td><td>",
    "`",
    "   |   ",
    "=\n",
    '"MESSAGE"',
    "\ufeff",
    "\u2028",
    "\ud800",
]
_PREFIXES = ["[    5.029002] ", "<6>[    5.029002] ", "Nov 21 13:09:00 host kernel: ", "> ", "6,1,5,-;", "\t"]
_PREFIXES += [
    "1. ",
    "2: ",
    "web_1  | ",
    "node-1: ",
    "j\ts\t2026-11-21T13:09:00Z ",
    "#1 1.234 ",
    "| ",
    "- ",
    "+",
    "-",
]
_PREFIXES += ["Before:\n", "## A\n", "root@a:~# x\n", "@@ -1 +1 @@\n", "compiler: gcc\n", "x   |   "]
_VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**63,
    2**64,
    10**400,
    0.5,
    -0.0,
    1e308,
    1e-320,
    "",
    "x",
    "NaN",
    [],
    {},
    [[]],
    {"": {}},
    "<img src=x onerror=alert(1)>",
    "\ud800",
    "\x00",
    [0] * 50,
]


def logs() -> list[bytes]:
    return [
        path.read_bytes() for path in sorted(SAMPLES.rglob("*")) if path.suffix in (".txt", ".log", ".csv")
    ] + [
        b"[  582.1] OCF: testing ...\n[  583.128741] OCF: 45133 requests of 1488 bytes in 251 jiffies "
        b"(535.122 Mbps)\n",
        *(json.dumps(document).encode() for document in documents()),
    ]


def documents() -> list[Any]:
    """What is imported from JSON, of each program."""
    call = {"description": "AES-128-GCM (16 bytes) seal", "numCalls": 9000, "microseconds": 1000020}
    botan = {"algo": "AES-128/GCM(16)", "op": "encrypt", "events": 10240, "cycles": 7000, "bps": 10240}
    return [
        pytest_benchmark(),
        [{**call, "bytesPerCall": 16}, call, {**call, "description": "RSA 2048 signing"}],
        [{"arch": "x86_64", "version": "3.5.0"}, {**botan, "buf_size": 1024, "nanos": 10**9}],
    ]


def pytest_benchmark() -> dict[str, Any]:
    stats = {"min": 1e-6, "median": 2e-6, "data": [1e-6, 2e-6, 3e-6], "iterations": 5, "rounds": 3}
    entry = {"name": "test_x", "fullname": "t.py::test_x", "params": {"request_size": 64}, "stats": stats}
    own = {"case": {"backend": "software", "algorithm": "aes-128-cbc"}, "facts": {"version": "x"}}
    return {
        "machine_info": {"cpu": {"brand_raw": "CPU"}, "system": "Linux", "release": "6.1"},
        "benchmarks": [entry, {**entry, "extra_info": {"benchsuite": own}}],
    }


def log(chance: Random, seeds: list[bytes]) -> bytes:
    """A few lines of real logs, mixed and damaged."""
    if chance.random() < 0.1:
        return result(chance, documents())
    rows: list[str] = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        lines = chance.choice(seeds).decode("utf-8", "replace").splitlines()
        start = chance.randrange(len(lines))
        rows += lines[start : start + chance.randint(1, 25)]
    for _ in range(chance.randint(0, 6)):
        at = chance.randrange(len(rows))
        rows[at : at + 1] = _damaged(chance, rows[at], rows)
        if not rows:
            rows = [""]
    text = chance.choice(("\n", "\n", "\r\n")).join(rows).encode("utf-8", "surrogatepass")
    if chance.random() < 0.1:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + bytes(chance.randrange(256) for _ in range(chance.randint(0, 8))) + text[at + 3 :]
    return text[: chance.randrange(len(text) + 1)] if chance.random() < 0.1 else text


def _damaged(chance: Random, row: str, rows: list[str]) -> list[str]:
    kind = chance.randrange(8)
    if kind == 0:
        return []
    if kind == 1:
        return [row, chance.choice(rows)]
    if kind == 2:
        return [row[: chance.randrange(len(row) + 1)]]
    if kind == 3:
        return [re.sub(r"\d+(?:\.\d+)?", lambda found: _number(chance, found[0]), row)]
    if kind == 4:
        at = chance.randrange(len(row) + 1)
        return [row[:at] + chance.choice(_WORDS) + row[at:]]
    if kind == 5:
        return [chance.choice(_PREFIXES) + row]
    if kind == 6:
        words = row.split(" ")
        chance.shuffle(words)
        return [" ".join(words)]
    at = chance.randrange(len(row) + 1)
    return [row[:at], row[at:]]


def _number(chance: Random, printed: str) -> str:
    if chance.random() < 0.5:
        return printed
    return chance.choice(_NUMBERS) if chance.random() < 0.5 else str(chance.randrange(10 ** len(printed)))


def results() -> list[Any]:
    """The kept results, cut into files of a benchmark or two: small ones are quick to read."""
    parts = []
    for path in sorted(RESULTS.glob("*.json")):
        data = json.loads(path.read_text())
        for count, at in ((1, 0), (2, 1), (1, 5), (0, 0)):
            part = {**data, "benchmarks": data["benchmarks"][at : at + count]}
            kept = {entry["metadata"]["name"] for entry in part["benchmarks"]}
            cases = [entry for entry in data["benchsuite"]["cases"] if entry.get("benchmark") in kept]
            unmeasured = [entry for entry in data["benchsuite"]["cases"] if "benchmark" not in entry]
            part["benchsuite"] = {**data["benchsuite"], "cases": cases + unmeasured[:1]}
            for entry in part["benchmarks"]:
                del entry["runs"][2:]
            parts += [part, json.loads(encode(decode(part, path.name)))]  # as it is, and as it is written now
    return parts


def result(chance: Random, seeds: list[Any]) -> bytes:
    """A result file, or other JSON, with a few values, keys or bytes changed."""
    data = copy.deepcopy(chance.choice(seeds))
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        _change(chance, data)
    text = json.dumps(data).encode("utf-8", "surrogatepass")
    if chance.random() < 0.2:
        at = chance.randrange(len(text) + 1)
        bad = chance.choice((b"", b"NaN", b"[" * 2000, b"9" * 5000, b"}", b"\xff", b"\x00"))
        text = text[:at] + bad + text[at + 1 :]
    return text[: chance.randrange(len(text) + 1)] if chance.random() < 0.1 else text


def _change(chance: Random, data: Any) -> None:
    """Goes down to somewhere and changes what is there."""
    while True:
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(data[key], dict | list) and data[key] and chance.random() < 0.85:
            data = data[key]
            continue
        if chance.random() < 0.2:
            del data[key]
        elif isinstance(data, dict) and chance.random() < 0.1:
            data[chance.choice(["", "x", "\x1b[0m", "requests", "a" * 300])] = data.pop(key)
        else:
            data[key] = copy.deepcopy(chance.choice(_VALUES))
        return


def inputs(target: str, seed: int) -> Iterator[bytes]:
    """Without end; the same for the same seed."""
    chance = Random(seed)
    texts, files = logs(), results()
    while True:
        yield log(chance, texts) if target == "import" else result(chance, files)
