"""The C core's own tests, built as they are and under the sanitizers this compiler has."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NATIVE, TESTS = ROOT / "benchsuite" / "native", ROOT / "tests" / "native"
CORE = [path for path in sorted(NATIVE.glob("*.c")) if path.stem not in ("_core", "drivers")]
USED_BY_DRIVERS = ("drivers", "eventcount", "cpus", "kernel_wait", "setting")
USED = [NATIVE / f"{part}.c" for part in USED_BY_DRIVERS]
DRIVERS = [*USED, *sorted((NATIVE / "drivers").rglob("*.c"))]
FAKE = [TESTS / "fake.c"]
CROWD = [TESTS / f"crowd{part}.c" for part in ("", "_cipher", "_faults")]
CROWDED = [*CROWD, TESTS / "crowd_traffic.c"]
# The simulated device on the virtual clock alone, without libcrypto.
VIRTUAL = [
    NATIVE / "drivers" / "sim" / f"{part}.c" for part in ["sim", "device", "flow", "faults", "model", "stage"]
]

PROGRAMS = {
    "test_parts": [*CORE, *FAKE],
    "test_engine": [*CORE, *FAKE],
    "test_log": [*CORE, *FAKE],
    "test_arrivals": [NATIVE / "arrivals.c"],
    "test_open_loop": [*CORE, *FAKE],
    "test_open_queue": [*CORE, TESTS / "scripted.c"],
    "test_drivers": [NATIVE / "say.c", *DRIVERS],
    "test_libcrypto": [NATIVE / "say.c", *DRIVERS],
    "test_callers": [*USED[1:], NATIVE / "drivers" / "shared" / "callers.c"],
    "test_trial": [NATIVE / "drivers" / "shared" / "trial.c"],
    "test_count": [],
    "test_kernel_wait": [NATIVE / "say.c"],
    "test_fence": [NATIVE / "fence.c"],
    "test_check": [*CORE, *CROWD, TESTS / "one_fault.c"],
    "test_stress": [*CORE, *CROWDED],
    "test_stress_faults": [*CORE, *CROWDED],
    "test_sessions": [*CORE, *CROWD, *VIRTUAL],
    "test_sim": [*CORE, NATIVE / "drivers.c", *sorted((NATIVE / "drivers").rglob("*.c"))],
}
SANITIZERS = {
    "plain": ["-O2"],
    "asan+ubsan": ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    "tsan": ["-O1", "-fsanitize=thread"],
}
FLAGS = [
    "-std=c11",
    "-D_GNU_SOURCE",
    "-ffp-contract=off",
    "-g",
    "-Wall",
    "-Wextra",
    "-Werror",
    f"-I{NATIVE}",
    f"-I{TESTS}",
]


def compiler() -> str:
    return shutil.which("cc") or pytest.skip("no C compiler on PATH as cc")


@pytest.fixture(scope="module", params=SANITIZERS)
def sanitizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Skips where the compiler cannot build, or the machine cannot run, an empty program with it."""
    folder = tmp_path_factory.mktemp("trial")
    (folder / "trial.c").write_text("int main(void) { return 0; }\n")
    command = [compiler(), *SANITIZERS[request.param], str(folder / "trial.c"), "-o", str(folder / "trial")]
    for step in (command, [str(folder / "trial")]):
        done = subprocess.run(step, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"{request.param} does not work here: {done.stderr.strip().splitlines()[-1:]}")
    return str(request.param)


@pytest.mark.parametrize("program", PROGRAMS)
def test_c(program: str, sanitizer: str, tmp_path: Path) -> None:
    binary = tmp_path / program
    sources = [str(path) for path in [*PROGRAMS[program], TESTS / f"{program}.c"]]
    built = subprocess.run(
        [compiler(), *FLAGS, *SANITIZERS[sanitizer], *sources, "-o", str(binary), "-ldl", "-lm", "-lpthread"],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    done = subprocess.run([str(binary)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
