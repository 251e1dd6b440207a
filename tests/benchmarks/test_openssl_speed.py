"""The direct path against `openssl speed`, and against plain loops over the same libcrypto.

`openssl speed` runs for whole seconds, in which a shared machine drifts by more than the distance
looked for. So there are two comparisons: with the program itself, one second each in mirrored order, and,
sharper, with a C loop in our own process that calls what `openssl speed` calls, in slices of 4 ms.
What is called per operation (OpenSSL 3.0.19):

    aes-128-cbc      EVP_EncryptUpdate; ours, chained: the same
    sha256           EVP_Digest, with a new context each; ours keeps the context (loop digest_kept)
    aes-128-gcm      key and IV anew, Update, Final, no tag; ours keeps the key and fetches the tag (loop
                     gcm_kept); chained, ours is Update only (update)
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from support import HERE, Figure, Row, Summary

from benchsuite.model import CHAINED, PER_REQUEST, Case, Failure, Measure
from benchsuite.runner.calls import measure

SIZES = (16, 64, 256, 1024, 8192)
PROCESSES, BLOCKS = 7, 16  # of the plain loops
MIRRORS = 6  # times ours, theirs, theirs, ours for a second each

CBC = ("aes-128-cbc", CHAINED, 0)
SHA = ("sha256", PER_REQUEST, 0)
GCM = ("aes-128-gcm", PER_REQUEST, 0)
GCM_AAD = ("aes-128-gcm", PER_REQUEST, 13)
GCM_CHAINED = ("aes-128-gcm", CHAINED, 0)
LOOPS = (  # the last: whether openssl speed does this, and the target is for it
    (CBC, "update", True),
    (SHA, "digest", True),
    (SHA, "digest_kept", False),
    (GCM, "gcm", True),
    (GCM, "gcm_kept", False),
    (GCM_CHAINED, "update", False),
)


def least(size: int) -> float:
    """The target: this fraction of their rate."""
    return 0.99 if size >= 256 else 0.95


def case_of(kind: tuple[str, str, int], size: int) -> Case:
    algorithm, iv, aad_size = kind
    op = "digest" if kind is SHA else "encrypt"
    return Case("software", algorithm, op, request_size=size, iv=iv, aad_size=aad_size)


def one_process(library: Path, loop: str, case: Case) -> float:
    """The median ratio of a fresh process."""
    job = {"library": str(library), "loop": loop, "case": asdict(case), "blocks": BLOCKS}
    command = [sys.executable, HERE / "pairs.py", json.dumps(job)]
    return median(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("kind", "loop", "theirs"), LOOPS, ids=str)
def test_plain_loop(
    benchmark: Any,
    summary: Summary,
    plain_loop: Path,
    kind: tuple[str, str, int],
    loop: str,
    theirs: bool,
    size: int,
) -> None:
    case = case_of(kind, size)

    def ratios() -> list[float]:
        return [one_process(plain_loop, loop, case) for _ in range(PROCESSES)]

    figure = Figure(tuple(benchmark.pedantic(ratios, rounds=1)))
    name = f"{kind[0]} {kind[1]} {size} B / plain loop {loop}"
    summary.add(Row(name, figure, 3, least=least(size) if theirs else None, more_is_better=True), benchmark)


def their_rate(kind: tuple[str, str, int], size: int) -> float:
    """Operations per second. By the count and the alarm's one second: the time it prints is of
    whole ticks of 10 ms."""
    aead = " -aead" if kind[2] else ""
    command = f"openssl speed -mr -elapsed -seconds 1 -bytes {size}{aead} -evp {kind[0]}"
    done = subprocess.run(command.split(), check=True, capture_output=True, text=True)
    found = re.search(r"^\+R:([0-9]+):", done.stderr, re.MULTILINE)
    assert found, done.stderr
    return int(found[1]) / 1.0


def our_rate(case: Case) -> float:
    """Over a second of values of a fresh worker process: their mean, as theirs is one."""
    run = measure(case, Measure(values=44, min_time=0.02), 0, None, None)
    assert not isinstance(run, Failure), run
    return sum(value.requests for value in run.values) / sum(value.wall for value in run.values)


def mirrored(kind: tuple[str, str, int], size: int) -> list[float]:
    case, ratios = case_of(kind, size), []
    for _ in range(MIRRORS):
        ours, theirs = our_rate(case), their_rate(kind, size)
        ratios.append(ours / theirs)
        theirs = their_rate(kind, size)
        ratios.append(our_rate(case) / theirs)
    return ratios


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [CBC, SHA, GCM, GCM_AAD], ids=str)
def test_openssl_speed(benchmark: Any, summary: Summary, kind: tuple[str, str, int], size: int) -> None:
    ratios = benchmark.pedantic(lambda: mirrored(kind, size), rounds=1)
    name = f"{kind[0]} {kind[1]}{' aad 13' if kind[2] else ''} {size} B / openssl speed"
    summary.add(Row(name, Figure(tuple(ratios)), 3, least=least(size), more_is_better=True), benchmark)
