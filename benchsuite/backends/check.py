"""Known requests performed one after another by the native core (native/check.c), and what came of them."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Any

from benchsuite.backends.errors import MeasureError
from benchsuite.backends.known_requests import Shown, Table
from benchsuite.backends.sentences import size_of, tell_all
from benchsuite.backends.session import SESSION_TIMEOUT_NS
from benchsuite.native import ffi, lib, text_buffer, text_of

MOST_FINDINGS = 64
MOST_SAMPLES = 400  # what wrong requests have in common is looked for in so many


@dataclass(slots=True)
class Checked:
    """What became of a table. performed: requests, in all layouts; refused: indices of those that the driver
    says it does not serve; faults: all; findings: bs_finding, the first of them; samples: bs_sample."""

    performed: int
    refused: list[int]
    faults: int
    findings: list[Any]
    samples: list[Any]
    _alive: Any  # what those lie in


class FoundWrong(MeasureError):
    """Known requests of these tables were performed, and not all were right: the smallest as a sentence.
    layouts: BS_LAY_*, how they lay in memory; why: words behind the sentence; alone: it was one session."""

    def __init__(
        self, checked: Checked, tables: list[Table], layouts: int, why: str = "", alone: bool = True
    ) -> None:
        by_size = sorted(checked.findings, key=lambda one: size_of(one, tables))
        told = tell_all(by_size, checked.samples, tables, 1, alone)[0]
        super().__init__(told.kind, told.sentence + why)
        self.checked, self.tables, self.layouts = checked, tables, layouts


def check(table: Table, layouts: int, seed: int) -> Checked:
    """Performs the requests of a table on a session of its own. layouts: BS_LAY_*, each a pass over all of
    them. MeasureError("unsupported") where there is no such session."""
    count, text = len(table.known), text_buffer()
    shown, performed = Shown([table]), ffi.new("uint64_t *")
    refused = ffi.new("uint8_t[]", count)
    findings, samples = ffi.new("bs_finding[]", MOST_FINDINGS), ffi.new("bs_sample[]", MOST_SAMPLES)
    evidence = ffi.new(
        "bs_evidence *",
        {
            "findings": findings,
            "max_findings": MOST_FINDINGS,
            "samples": samples,
            "max_samples": MOST_SAMPLES,
        },
    )
    status = lib.bs_check(
        table.params.driver.name.encode(),
        shown.c,
        layouts,
        seed,
        SESSION_TIMEOUT_NS,
        refused,
        performed,
        evidence,
        text,
        len(text),
    )
    if status == -errno.EINTR:
        raise KeyboardInterrupt
    if status:
        raise MeasureError("unsupported", text_of(text))
    return Checked(
        performed=performed[0],
        refused=[i for i in range(count) if refused[i]],
        faults=evidence.faults,
        findings=[findings[i] for i in range(min(evidence.faults, MOST_FINDINGS))],
        samples=[samples[i] for i in range(evidence.sample_count)],
        _alive=(findings, samples),
    )
