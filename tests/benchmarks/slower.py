"""A libcrypto that is slower by a known share, case by case: built, and calibrated by measuring in pairs."""

from __future__ import annotations

import ctypes.util
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import exp, log1p
from pathlib import Path

from benchsuite import algorithms
from benchsuite.compare.evidence import Estimate
from benchsuite.compare.matching import Couple, estimate
from benchsuite.model import DECRYPT, Case, CaseResult
from benchsuite.runner.pair_client import Side
from benchsuite.runner.paired import Lost, Pair

HERE = Path(__file__).parent
SOURCES = HERE / "slower_libcrypto.c", HERE / "libcrypto_stubs.c"
NATIVE = HERE.parents[1] / "benchsuite" / "native"
ROUND_NS = 1.6  # of a multiplication that waits for the one before; a first guess
PASSES, ROUNDS = 3, 16  # of calibrating
PRECISE = 0.0025  # of the time: how far from its share a case may be

Table = dict[Case, int]  # rounds in 1/256


def build(folder: Path, name: str, table: Mapping[Case, int]) -> str:
    """The backend of a library with this table."""
    library, lines = folder / f"lib{name}.so", folder / f"{name}.txt"
    text = [f"{_name(case)} {case.request_size} {rounds}\n" for case, rounds in table.items()]
    lines.write_text("".join(text))
    if not library.exists():
        system = ctypes.util.find_library("crypto")
        assert system, "the system's libcrypto is what is made slower (Debian: apt install openssl)"
        defines = [f'-DTABLE="{lines}"', f'-DLIBCRYPTO="{system}"', f"-I{NATIVE}"]
        flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-Wl,--no-as-needed"]
        command = ["cc", *flags, *defines, "-o", library, *SOURCES, f"-l:{system}", "-ldl"]
        subprocess.run(command, check=True)
    return f"software:{library}"


def _name(case: Case) -> str:
    algorithm = algorithms.find(case.algorithm)
    cipher, digest = algorithm.names("libcrypto")
    if cipher:
        return f"{'d' if case.op == DECRYPT else 'e'}({cipher})"
    return "m(HMAC)" if algorithm.kind == "hmac" else f"h({digest})"


def measure(
    pair: Pair, cases: Sequence[Case], backends: tuple[str, str], rounds: int, metric: str
) -> dict[Case, Estimate]:
    """The change from the first backend to the second."""
    results = {
        case: tuple(CaseResult(replace(case, backend=backend)) for backend in backends) for case in cases
    }
    per_request = {}
    for number in range(rounds):
        for case, (a, b) in results.items():
            outcome = pair.round((a.case, b.case), number, per_request.get(case))
            assert not isinstance(outcome, Lost), outcome
            per_request[case] = outcome.per_request
            a.runs.append(outcome.runs[0])
            b.runs.append(outcome.runs[1])
    return {case: estimate(Couple(a, b, True), metric) for case, (a, b) in results.items()}


def calibrated(
    folder: Path, cases: Sequence[Case], share: float, metric: str, rounds: int, tell: Callable[[str], None]
) -> tuple[Table, dict[Case, Estimate]]:
    """A table that makes every case slower by about this share of its time, and by how much it is: measured
    afterwards, by so many rounds."""
    base = build(folder, "usual", {})
    with Pair(Side(), Side()) as pair:
        times = {}
        for case in cases:
            outcome = pair.round((replace(case, backend=base),) * 2, 0, None)
            assert not isinstance(outcome, Lost), outcome
            times[case] = min(outcome.per_request)
        table = {case: round(share * times[case] * 1e9 / ROUND_NS * 256) for case in cases}
        open_ = list(cases)
        for attempt in range(PASSES):
            slow = build(folder, f"calibrating-{attempt}", table)
            found = measure(pair, open_, (base, slow), ROUNDS, metric)
            for case, change in found.items():
                reached = exp(change.change) - 1
                tell(f"{case.algorithm} {case.op} {case.request_size}: {reached:+.2%}")
                factor = min(4.0, max(0.25, share / max(reached, share / 8)))
                table[case] = max(1, round(table[case] * factor))
            open_ = [case for case in open_ if abs(found[case].change - log1p(share)) > PRECISE]
            if not open_:
                break
    slow = build(folder, "slower", table)
    with Pair(Side(), Side()) as pair:
        return table, measure(pair, cases, (base, slow), rounds, metric)
