"""Places: how a worker is started in each, and what is said of one that is not there."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import pytest

from benchsuite import __version__, places
from benchsuite.model import BenchsuiteError
from benchsuite.runner.channel import Channel, NoAnswer
from benchsuite.runner.messages import Describe, Described


def hello_of(place: places.Place) -> Channel:
    channel = Channel(place, 30.0)
    assert channel.do(Describe("null"), Described).version == "null driver"
    return channel


def test_here_is_the_benchsuite_that_asks() -> None:
    channel = hello_of(places.find("here"))
    assert channel.hello and channel.hello.version == __version__
    assert set(channel.hello.cpus) == os.sched_getaffinity(0)


@pytest.mark.parametrize("text", ["", "moon", "Here"])
def test_an_unknown_place_is_said_with_those_there_are(text: str) -> None:
    with pytest.raises(BenchsuiteError, match=r"unknown place .*known: here, environment"):
        places.find(text)


def test_variables_and_directory_are_those_of_the_place(tmp_path: object) -> None:
    program = "import os, sys; sys.exit(f'{os.getcwd()} {sorted(os.environ)}')"
    place = places.Place("", (sys.executable, "-I", "-c", program), {"ONLY": "1"}, str(tmp_path))
    with pytest.raises(NoAnswer) as caught:
        Channel(place).do(Describe("null"), Described)
    assert str(tmp_path) in caught.value.reason and "'ONLY'" in caught.value.reason
    assert "'PATH'" not in caught.value.reason


def test_a_place_that_cannot_be_started_is_said() -> None:
    with pytest.raises(BenchsuiteError, match="a worker process cannot be started: No such file"):
        Channel(replace(places.find("here"), command=("/nowhere/python",)))
