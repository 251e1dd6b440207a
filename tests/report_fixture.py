"""A result with something of everything a report has to print."""

from __future__ import annotations

from benchsuite.model import FAILURES, Case, CaseResult, Failure, Result, Value, WorkerRun

BOOT = 1_700_000_000.0
ESP = "aes-cbc-192+hmac-sha1"


def worker(
    round: int,
    per_request: float,
    *,
    values: int = 5,
    requests: int = 20_000,
    cycles: float | None = 2500.0,
    cpu: float = 1.0,
    wobble: float = 0.002,
    facts: dict[str, str] | None = None,
    counters: dict[str, int] | None = None,
    busy: float = 0.0,
) -> WorkerRun:
    """A worker whose values lie around `per_request` seconds, `wobble` of it apart."""
    timed = []
    for index in range(values):
        seconds = per_request * requests * (1 + wobble * (index - values // 2))
        timed.append(
            Value(
                requests=requests,
                wall=seconds,
                user=seconds * cpu * 0.9,
                system=seconds * cpu * 0.1,
                cycles=None if cycles is None else round_cycles(cycles * requests, wobble * index),
                timestamps=seconds * 0.002,
            )
        )
    nanos = int(per_request * 1e9)
    total = sum(value.wall for value in timed)
    started = BOOT + 583 + round
    return WorkerRun(
        round=round,
        values=timed,
        counters={
            "submitted": values * requests,
            "completed": values * requests,
            "failed": 0,
            "busy": 0,
            "drops": 0,
            "empty_polls": 0,
            "wakeups": 0,
            "high_water": 1,
            "sampled": 1000,
            "first_error": 0,
            "direct": 1,
        }
        | (counters or {}),
        latency={
            stage: {"max": nanos * 3, "buckets": [[nanos, 900], [nanos * 2, 95], [nanos * 4, 5]]}
            for stage in ("slat", "clat", "lat")
        },
        facts={
            "version": "OpenSSL 3.0.19 27 Jan 2026",
            "cycles_source": "perf" if cycles else "none",
            "path": "direct",
            "clock": "tsc",
        }
        | (facts or {}),
        started=started,
        ended=started + total + 0.128741,
        machine_busy=total * cpu + busy,
    )


def round_cycles(total: float, wobble: float) -> int:
    return int(total * (1 + wobble))


def measured(case: Case, per_request: float, workers: int = 3, **how: object) -> CaseResult:
    return CaseResult(case, [worker(i, per_request, **how) for i in range(workers)])  # type: ignore[arg-type]


def everything() -> Result:
    """Several backends, every kind of failure, missing cycles, doubtful figures, a simulated
    backend, and hostile text wherever a result carries text."""
    python = {"version": "cryptography 50.0.2 (OpenSSL 4.0.1)"}
    evil = "<img src=x onerror=alert(1)> | `code` @team #1\n\x1b[31mred\u202e =1+1 http://x.example"
    cases = [
        measured(
            Case("null", ESP, q_len=40),
            6.4e-9,
            requests=4_000_000,
            cycles=17.0,
            facts={"version": "null driver"},
        ),
        measured(Case("software", ESP, request_size=64, q_len=40), 6.31e-7, requests=50_000),
        measured(Case("software", ESP, q_len=40), 2.224e-5, requests=1000, cycles=61_000.0),
        measured(
            Case("software", ESP, "decrypt", q_len=40, workers=2),
            4.31e-6,
            requests=10_000,
            cycles=11_900.0,
            cpu=1.98,
            wobble=0.08,
        ),
        measured(
            Case("software", "sha256", "digest", request_size=16384, q_len=40),
            9.876e-6,
            requests=4000,
            cycles=None,
        ),
        measured(
            Case("software:/opt/münchen/libcrypto.so.4", "aes-gcm-128", request_size=16, q_len=40),
            1.234e-7,
            requests=400_000,
            facts={"version": "OpenSSL 4.0.1 1 Oct 2026"},
            busy=1.0,
        ),
        measured(
            Case("python", "chacha20-poly1305", request_size=1420, q_len=40),
            3.2109e-6,
            workers=1,
            values=3,
            requests=2000,
            facts={**python, "cycles_source": "tsc"},
        ),
        measured(
            Case("sim:hifn7956", ESP, q_len=40, batch=1, cbimm=0),
            2.8e-4,
            requests=1000,
            cycles=None,
            facts={
                "version": "hifn7956 model 1",
                "simulated": "yes",
                "confidence": "table",
                "driver": "asynchronous",
            },
            counters={
                "direct": 0,
                "high_water": 32,
                "drops": 7,
                "worker_ns": 1_400_000_000,
                "poll_ns": 700_000_000,
                "poll_cpu_ns": 98_000_000,
            },
        ),
        CaseResult(Case("software", "des-cbc", request_size=8, q_len=40)),
    ]
    for index, kind in enumerate(FAILURES):
        case = Case("software", "3des-cbc+hmac-md5", request_size=16 * (index + 1), q_len=40)
        reason = "signal 11 (segmentation fault)" if kind == "crash" else FAILURES[kind]
        runs = [worker(0, 1e-6)] if kind == "crash" else []
        cases.append(CaseResult(case, runs, Failure(kind, reason)))
    cases.append(CaseResult(Case("software:=cmd|x", ESP, q_len=40), [], Failure("unavailable", evil)))
    environment = {
        "cpu_model_name": "Example CPU @ 2.80GHz",
        "benchsuite_kernel_release": "6.1.0-28-amd64",
        "benchsuite_boot_time": BOOT,
        "hostname": "bench",
    }
    why = "one of everything,\nto see how it looks"
    return Result("everything", why, environment, cases, complete=False)


def sizes() -> Result:
    """What a user sees on a good day: two backends over sizes."""
    cases = []
    for backend, base, version in (
        ("software", 2.1e-7, "OpenSSL 3.0.19 27 Jan 2026"),
        ("python", 1.4e-6, "cryptography 50.0.2 (OpenSSL 4.0.1)"),
    ):
        for size in (16, 256, 1024, 4096, 16384):
            case = Case(backend, "aes-cbc-128", request_size=size)
            seconds = base + size * 0.71e-9
            requests = int(0.025 / seconds)
            cases.append(
                measured(case, seconds, requests=requests, cycles=seconds * 2.8e9, facts={"version": version})
            )
    environment = {
        "cpu_model_name": "Example CPU @ 2.80GHz",
        "benchsuite_kernel_release": "6.1.0-28-amd64",
        "benchsuite_boot_time": BOOT,
    }
    return Result("sizes", "from which size does a backend pay", environment, cases)
