"""A result as profile `paths` gives it: several ways to the same work."""

from __future__ import annotations

from report_fixture import BOOT, measured

from benchsuite.model import Case, CaseResult, Failure, Result

SIZES = (16, 64, 256, 1024, 4096, 16384)
ACCELERATOR = "afalg:virtio_crypto_aes_cbc"
# backend -> (seconds per request, per byte, what it says of itself), a device's at a depth of 16
WAYS: dict[str, tuple[float, float, dict[str, str]]] = {
    "software": (2.1e-7, 2.4e-9, {"version": "OpenSSL 3.0.19 27 Jan 2026"}),
    "afalg": (3.1e-5, 2.6e-9, {"version": "AF_ALG", "kernel_driver": "cbc-aes-aesni"}),
    "tcrypt": (1.9e-6, 2.5e-9, {"version": "tcrypt", "kernel_driver": "cbc-aes-aesni"}),
    ACCELERATOR: (9.0e-6, 2.0e-10, {"version": "AF_ALG", "kernel_driver": "virtio_crypto_aes_cbc"}),
}


def way(backend: str, algorithm: str, size: int, q_len: int, factor: float = 1.0) -> CaseResult:
    per_request, per_byte, facts = WAYS[backend]
    seconds = (per_request + per_byte * size) * factor
    op = "digest" if algorithm == "sha256" else "encrypt"
    case = Case(backend, algorithm, op, request_size=size, q_len=q_len)
    values = 1 if backend == "tcrypt" else 5
    return measured(
        case,
        seconds,
        workers=1 if backend == "tcrypt" else 3,
        values=values,
        cycles=None,
        requests=max(1, int(0.025 / seconds)),
        facts=facts | {"path": "direct"},
    )


def paths() -> Result:
    cases = []
    no_device = Failure("unavailable", "there is no /dev/crypto: sudo modprobe cryptodev")
    no_depth = Failure("unsupported", "tcrypt keeps one request outstanding")
    for q_len in (1, 16):
        for backend in ("software", "afalg", "cryptodev", "tcrypt", ACCELERATOR):
            for size in SIZES:
                case = Case(backend, "aes-128-cbc", request_size=size, q_len=q_len)
                if backend == "cryptodev":
                    cases.append(CaseResult(case, [], no_device))
                elif backend == "tcrypt" and q_len > 1:
                    cases.append(CaseResult(case, [], no_depth))
                elif backend != "tcrypt" or size <= 4096:
                    factor = 10.0 if backend == ACCELERATOR and q_len == 1 else 1.0
                    cases.append(way(backend, "aes-128-cbc", size, q_len, factor))
    cases += [way(backend, "sha256", size, 1) for backend in ("software", "afalg") for size in SIZES]
    environment = {
        "cpu_model_name": "Example CPU @ 2.80GHz",
        "benchsuite_kernel_release": "6.1.0-28-amd64",
        "benchsuite_boot_time": BOOT,
        "benchsuite_fips": True,
    }
    return Result("paths", "What does each way to the same work cost? More.", environment, cases)
