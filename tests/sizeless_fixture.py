"""Work that has no size, alone and beside work that has one, and times that are not elapsed time."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from report_fixture import measured, sizes

from benchsuite.model import Case, CaseResult, Failure, Result

NEW = "software:/opt/openssl4/libcrypto.so.4"
DEVICE = "qat"
NOTE = "divided by the CPU time of user mode"
# algorithm, op, seconds of a request with software
WORK = (
    ("rsa-2048", "sign", 6e-4),
    ("rsa-2048", "verify", 2e-5),
    ("ecdsa-nistp256", "sign", 2.5e-5),
    ("ecdsa-nistp256", "verify", 8e-5),
    ("ecdh-x25519", "derive", 4e-5),
    ("ml-kem-768", "keygen", 1e-5),
    ("ml-kem-768", "encaps", 1.25e-5),
)


def keys(factor: float = 1.0) -> Result:
    """Three backends; 1667, 50000, 40000, 12500, 25000, 100000 and 80000 requests/s with software."""
    cases = []
    for backend, share in (("software", 1.0), (NEW, 0.8), (DEVICE, 0.05)):
        for algorithm, op, seconds in WORK:
            case = Case(backend, algorithm, op, request_size=0)
            if backend == DEVICE and not algorithm.startswith("rsa"):
                cases.append(CaseResult(case, [], Failure("unsupported", "the device has no such curve")))
                continue
            taken = seconds * share * factor
            cases.append(measured(case, taken, requests=max(1, int(0.05 / taken)), cycles=taken * 2.8e9))
    return Result("keys", "How fast are keys?", {"cpu_model_name": "Example CPU @ 2.80GHz"}, cases)


def mixed(factor: float = 1.0) -> Result:
    """Some with a size, some without."""
    return replace(keys(), profile="mixed", cases=[*sizes().cases, *keys(factor).cases])


def depths_of_keys() -> Result:
    """Signatures at several depths: the knee is at 8."""
    case = Case(DEVICE, "rsa-2048", "sign", request_size=0)
    cases = [
        measured(replace(case, q_len=q_len), 4e-4 / min(q_len, 8), requests=99)
        for q_len in (1, 2, 4, 8, 16, 32)
    ]
    return Result("depths", "How deep?", {}, cases)


def by_clock(result: Result, clock: str, note: str = NOTE, backend: str = "") -> Result:
    """The same, as if imported with times of that clock; of one backend, or of all."""
    result = deepcopy(result)
    for case in result.cases:
        for run in case.runs:
            if not backend or case.case.backend == backend:
                run.facts |= {"imported_clock": clock} | ({"imported_notes": note} if note else {})
    return result
