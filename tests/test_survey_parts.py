"""The parts of a survey that decide what is asked of a slow driver, and how what it refused is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends import survey_pace
from benchsuite.backends.findings import Wanted
from benchsuite.backends.relatives import relatives
from benchsuite.backends.survey_notes import Notes, ranges, sizes
from benchsuite.backends.survey_pace import Pace
from benchsuite.backends.survey_plan import Plan, Sheet
from benchsuite.model import DECRYPT


def sheets() -> list[Sheet]:
    return list(Plan(ALGORITHMS["aes-128-gcm"], DECRYPT, Wanted([1000])).sheets())


def performed(pace: Pace, sheet: Sheet, seconds: float, monkeypatch: pytest.MonkeyPatch) -> Sheet:
    """What is asked of a driver that takes so many seconds for each request."""
    asked = pace.thinned(sheet)
    clock = iter((0.0, seconds * len(asked.known) * asked.layouts.bit_count()))
    monkeypatch.setattr(survey_pace, "_seconds", lambda: next(clock))
    with pace.timing(asked):
        pass
    return asked


def test_a_fast_driver_is_asked_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    every = sheets()
    pace = Pace(every)
    for sheet in every:
        if not sheet.most:
            assert performed(pace, sheet, 1e-6, monkeypatch) is sheet
    assert pace.notes("encrypt") == []


def test_a_slow_driver_is_asked_some_of_everything_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    every, seconds = [sheet for sheet in sheets() if not sheet.most], 2e-3
    pace = Pace(every)
    asked = [performed(pace, sheet, seconds, monkeypatch) for sheet in every]
    assert all(sheet.known for sheet in asked)
    assert sum(len(sheet.known) * sheet.layouts.bit_count() for sheet in asked) * seconds < 10
    kept, wanted = (sum(len(sheet.known) for sheet in group) for group in (asked, every))
    assert kept < wanted / 2
    assert pace.notes("decrypt") == [f"all of decrypt: {kept} of {wanted} requests, because it is slow"]
    for sheet in asked:
        assert sheet.unit == 1 or len(sheet.known) % sheet.unit == 0
        failing = [i for i, known in enumerate(sheet.known) if known.status]
        assert sheet.unit == 1 or all(sheet.known[i + 1].status == 0 for i in failing)


def test_a_long_life_is_as_long_as_there_is_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    every = sheets()
    pace = Pace(every)
    lives = []
    for sheet in every:
        asked = performed(pace, sheet, 1e-4, monkeypatch)
        if sheet.most:
            lives.append((len(asked.known), len(sheet.known)))
    assert sum(kept for kept, _ in lives) < sum(wanted for _, wanted in lives) / 2
    assert lives[0][0] > 1000


def test_a_chain_is_cut_and_not_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    every = list(Plan(ALGORITHMS["aes-128-cbc"], DECRYPT, Wanted([64])).sheets())
    pace = Pace(every)
    for sheet in every:
        asked = performed(pace, sheet, 1e-2, monkeypatch)
        if sheet.chained:
            assert 2 <= len(asked.known) <= len(sheet.known)
            assert asked.known == sheet.known[: len(asked.known)]


@pytest.mark.parametrize(
    ("values", "said"), [([], []), ([5], ["5"]), ([1, 2, 3, 7, 9, 8], ["1-3", "7-9"]), ([4, 4, 5], ["4-5"])]
)
def test_ranges(values: list[int], said: list[str]) -> None:
    assert ranges(values) == said


@pytest.mark.parametrize(
    ("refused", "served", "said"),
    [
        ([17, 31, 100], [16, 32], "sizes that are no multiple of 16"),
        ([20, 28], [8, 16, 24], "sizes that are no multiple of 8"),
        ([9000, 65536], [1, 17, 4096], "9000 bytes and more"),
        ([1, 2, 3, 9], [17, 4096], "1-3, 9 bytes"),
        ([1, 3, 5, 7, 9, 11], [17, 4096], "1, 3, 5 bytes and 6 sizes in all"),
    ],
)
def test_refused_sizes_are_said_by_what_they_have_in_common(
    refused: list[int], served: list[int], said: str
) -> None:
    assert sizes(refused, served) == said


def test_one_reason_is_said_once() -> None:
    notes = Notes()
    for op in ("encrypt", "decrypt"):
        for length in (0, 1, 12, 20, 65):
            notes.refused(op, "with AAD of {} bytes", length, f"it takes 8 bytes, not {length}")
    notes.refused("encrypt", "chained", 0, "no chains here")
    assert notes.sentences() == [
        "encrypt and decrypt with AAD of 0-1, 12, 20, 65 bytes: it takes 8 bytes, not 0",
        "encrypt chained: no chains here",
    ]


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_relatives_are_others(name: str) -> None:
    found = relatives(ALGORITHMS[name])
    assert found and ALGORITHMS[name] not in found and len(set(found)) == len(found)


def test_a_sheet_knows_what_its_session_must_hold() -> None:
    for sheet in sheets():
        assert sheet.max_size == max(len(known.source) for known in sheet.known)
        assert sheet.aad_size == max(len(known.aad) for known in sheet.known)
        assert replace(sheet, known=sheet.known[:1]).max_size <= sheet.max_size
