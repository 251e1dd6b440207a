"""The same, led by coverage: atheris (libFuzzer) looks for bytes that go new ways through the code.

    python tests/fuzz/by_coverage.py import -atheris_runs=100000
    python tests/fuzz/by_coverage.py result -runs=100000 CORPUS

What follows the target is libFuzzer's. Without a corpus it begins with the real samples.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))

with atheris.instrument_imports(include=["benchsuite"]):
    import fuzz_mutate
    from fuzz_check import TARGETS


def main() -> None:
    target, *arguments = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        if not any(not argument.startswith("-") for argument in arguments):
            seeds = fuzz_mutate.logs() if target == "import" else small_results()
            for number, data in enumerate(seeds):
                Path(folder, str(number)).write_bytes(data[:2048] if target == "import" else data)
            arguments.append(folder)
        atheris.Setup([sys.argv[0], *arguments], lambda data: bool(TARGETS[target](data)) and None)
        atheris.Fuzz()


def small_results() -> list[bytes]:
    from random import Random

    return [fuzz_mutate.result(Random(number), fuzz_mutate.results()) for number in range(20)]


if __name__ == "__main__":
    main()
