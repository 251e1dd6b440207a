"""The command that started a program, as a log has it."""

from __future__ import annotations

import pytest
from import_fixture import only, read

from benchsuite.formats.text import command_line


def test_options() -> None:
    assert command_line.options([]) == {}
    assert command_line.options(["-x"]) == {"x": ""}
    assert command_line.options(["-evp", "aes-128-cbc", "-elapsed", "--n=3"]) == {
        "evp": "aes-128-cbc",
        "elapsed": "",
        "n": "3",
    }


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("openssl", "Doing sha256 for 3s on 16 size blocks: 1837204 sha256's in 3.00s"),
        ("bssl", "Did 1000000 SHA-256 (16 bytes) operations in 1000000us (1000000.0 ops/sec): 16.0 MB/s"),
    ],
)
def test_a_command_without_options(program: str, line: str) -> None:
    assert only(read(f"$ {program} speed\n{line}\n")).case.algorithm == "sha256"
