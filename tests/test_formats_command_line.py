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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("$ bssl speed -timeout 1", ["-timeout", "1"]),
        ("/opt/bin/bssl speed", []),
        ("bssl speed >log", []),
        ("bssl speed of a new version", None),
        ("mybssl speed -timeout 1", None),
        ("bssl speedy -timeout 1", None),
    ],
)
def test_a_command_is_not_prose_about_its_program(line: str, words: list[str] | None) -> None:
    assert command_line.arguments(line, command_line.program("bssl +speed", first="-")) == words
