"""Results for the tests of the page and the plots."""

from __future__ import annotations

from dataclasses import replace

from report_fixture import measured, sizes

from benchsuite.model import Case, Result
from benchsuite.report.charts.entries import Data
from benchsuite.report.charts.panels import Panel
from benchsuite.report.charts.rates import rates


def along(data: Data, key: str) -> list[Panel]:
    """Panels of rates along a parameter."""
    return [panel for panel in rates(data) if panel.axis.key == key]


DEPTHS = (1, 2, 4, 8, 16, 32)
DEVICE = "sim:hifn7956"


def depths() -> Result:
    """A software line that is flat, a simulated device with its knee at 8, a kernel path still rising."""
    cases = []
    for q_len in DEPTHS:
        for backend, seconds, facts in (
            ("software", 2e-6, {"version": "OpenSSL 3.0.19 27 Jan 2026"}),
            (
                DEVICE,
                4e-6 / min(q_len, 8),
                {"version": "hifn7956 model 1", "simulated": "yes", "confidence": "table"},
            ),
            ("afalg", 9e-6 / q_len, {"version": "AF_ALG"}),
        ):
            case = Case(backend, "aes-128-cbc", q_len=q_len)
            cases.append(measured(case, seconds, facts=facts, cpu=1.0 if backend == "software" else 0.25))
    return Result("depths", "How deep?", {"cpu_model_name": "Example CPU"}, cases)


def workers() -> Result:
    """Two sizes from one worker to sixteen, by libcrypto and a simulated device with a long name."""
    cases = [
        measured(
            Case(backend, "aes-128-gcm", request_size=size, workers=count, aad_size=8),
            seconds * size * (0.1 + 0.9 / count),
            facts={"simulated": "yes"} if backend == DEVICE else {},
        )
        for size in (1488, 16384)
        for count in (1, 2, 4, 8, 16)
        for backend, seconds in (("software", 1e-12), (DEVICE, 1e-9))
    ]
    return Result("smp", "How far does it scale?", {"cpu_model_name": "Example CPU"}, cases)


def one() -> Result:
    return replace(sizes(), cases=sizes().cases[:1])


def many(count: int = 2000) -> Result:
    """So many cases, of eight backends."""
    backends = ("software", "afalg", "cryptodev", "python", DEVICE, "sim:octeon", "sim:talitos", "qat")
    algorithms = ("aes-128-cbc", "aes-256-gcm", "sha256", "chacha20-poly1305", "3des-cbc")
    cases = []
    for number in range(count):
        rest, backend = divmod(number, len(backends))
        rest, algorithm = divmod(rest, len(algorithms))
        q_len, size = divmod(rest, 5)
        case = Case(
            backends[backend],
            algorithms[algorithm],
            "digest" if algorithm == 2 else "encrypt",
            request_size=64 << (2 * size),
            q_len=q_len + 1,
        )
        seconds = 1e-6 * (backend + 1) + case.request_size * 1e-9 * (9 - backend)
        cases.append(measured(case, seconds, values=3, requests=1000))
    return Result("many", "A great many.", {"cpu_model_name": "Example CPU"}, cases)
