"""What is wrong with one of several sessions that are open at once is told as everywhere: the buffer, where
it lies, and how many sessions there were."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from zoo.library import build_faulty

from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends.buffers import Text
from benchsuite.backends.check import FoundWrong
from benchsuite.backends.driver import driver_backend
from benchsuite.backends.survey_together import Together
from benchsuite.native import ffi

CROWDED = 5  # sessions that this bug has room for


def test_the_sessions_that_were_open_are_counted(tmp_path: Path) -> None:
    backend = driver_backend(f"software:{build_faulty(tmp_path, 'crowded')}")
    with pytest.raises(FoundWrong) as found:
        Together(backend, ALGORITHMS["aes-128-cbc"], "encrypt").sessions()
    sentence = str(found.value)
    assert int(re.search(r"; (\d+) sessions were open$", sentence)[1]) > CROWDED
    at = [int(offset) for offset in re.search(r"page offset (\d+) to (\d+)", sentence).groups()]
    assert any(at), "buffers do not both begin with a page"


@pytest.mark.parametrize(
    "bug, name, says",
    [
        ("beyond", "aes-128-ctr", r"byte 1 behind the output was overwritten: it is .., should be a7"),
        (
            "counts-up-the-callers-iv",
            "aes-128-ctr",
            r"byte 15 of the IV was overwritten: it is .., should be ..",
        ),
    ],
)
def test_what_was_overwritten_is_said_as_of_one_session(
    tmp_path: Path, bug: str, name: str, says: str
) -> None:
    backend = driver_backend(f"software:{build_faulty(tmp_path, bug)}")
    with pytest.raises(FoundWrong, match=says):
        Together(backend, ALGORITHMS[name], "encrypt").sessions()


def test_what_spilled_is_where_it_is() -> None:
    text = Text(b"aad", b"payload", b"tag")
    assert text.spilled() is None and not text.beside("input")
    memory = ffi.buffer(text.memory)
    memory[63:64] = b"x"
    assert text.spilled()[0] == -3 - 64 and text.beside("input") == "byte 1 before the input was overwritten"
    text.tag[3] = 0  # the first one behind it, which is told first
    assert text.spilled()[0] == len(b"payloadtag") and text.beside("input").startswith("byte 1 behind")
