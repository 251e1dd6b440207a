"""The zoo's devices: the table has what the C files have, and the device without a bug is accused of nothing.

That every bug is found is tested with those of the libcryptos, in test_zoo.py.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from zoo.devices import SOUND, backend_of, environment_of
from zoo.variant import DEVICE

TABLE = DEVICE.parent / "devices.toml"


def test_every_bug_of_the_device_is_in_the_table() -> None:
    rows = [name for kind in tomllib.loads(TABLE.read_text()).values() for name in kind]
    bugs = [
        name for path in DEVICE.glob("bugs_*.c") for name in re.findall(r'\.name = "(.+?)"', path.read_text())
    ]
    assert sorted(name for name in rows if not name.startswith("simulated-")) == sorted(bugs)
    assert len(bugs) == len(set(bugs)) >= 60


def under_load(name: str, folder: Path, *algorithms: str) -> list[dict[str, object]]:
    chosen = [argument for algorithm in algorithms for argument in ("-a", algorithm)]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchsuite",
            "verify",
            "--stress",
            "-b",
            backend_of(name),
            *chosen,
            "-f",
            "json",
        ],
        env=environment_of(name, folder),
        cwd=folder,
        capture_output=True,
        text=True,
    )
    results: list[dict[str, object]] = json.loads(done.stdout)["results"]
    return results


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("devices")


def test_the_device_without_a_bug_stands_it(folder: Path) -> None:
    for line in under_load(SOUND, folder, "aes-128-cbc", "aes-128-gcm", "hmac-sha1"):
        assert line["verdict"] == "ok", line


def test_a_device_with_one_does_not(folder: Path) -> None:
    (line,) = under_load("six-key-slots", folder, "aes-128-cbc")
    assert line["verdict"] == "WRONG", line
