"""The journal of a run: what was measured so far, on disk before the next worker starts (what was only
simulated, within half a second: it is sooner simulated again than each case is synced).

JSON lines in RESULT.journal. The first line is the header, with all that --resume needs; then one
line per event:

    {"benchsuite_journal": 1, "boot": ID, "plan": {...}, "environment": {...}, "tags": {...}, "note": TEXT,
     "command": TEXT, "anonymous": true}             the last four where there are such
    {"decided": {...}, "case": case} what `auto` has chosen for it, as facts
    {"start": [case, round]}         a worker is about to run; no simulated case has one
    {"series": {...}, "case": case, "round": round}  its time series goes on with this, while it measures
    {"run": {...}, "case": case}     it measured this
    {"fail": {...}, "case": case}    the case has no figure
    {"stop": true}                   the run ended in good order with a worker under way (Ctrl-C)
    {"resume": ID, "note": TEXT, "command": TEXT}
                                     opened again, in this boot of the machine; by this command

A line without its newline never happened. Cases are numbered as in the plan, rounds from 0. A `start`
with no end to it means that the process died there, and the worker is measured again; unless the machine
has been booted since: then the case took the machine down, for all we know, and is not tried again."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchsuite import records
from benchsuite.files import sync_directory
from benchsuite.host.files import boot_id
from benchsuite.model import BenchsuiteError, CaseResult, Failure, Plan, WorkerRun
from benchsuite.records import BadRecord
from benchsuite.remarks import NO_REMARKS, Remarks
from benchsuite.series import Series
from benchsuite.store.history import FORMAT, read
from benchsuite.store.paths import journal_path
from benchsuite.store.plans import plan_to

__all__ = ["Journal", "JournalFull", "Resumed", "journal_path", "resume"]

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}  # no place for it, and not the user's mistake
SYNC_EVERY = 0.5  # seconds, of what need not be on disk at once


class JournalFull(BenchsuiteError):
    """The disk is full (or failing). The journal holds every record but the last."""


class Journal:
    """Open for appending, and locked: one process at a time. Made by create() and resume()."""

    def __init__(self, path: Path, fd: int, under_way: set[tuple[int, int]]) -> None:
        self.path = path
        self._fd = fd
        self._under_way = under_way
        self._synced, self._behind = time.monotonic(), False

    @classmethod
    def create(
        cls,
        result: str | os.PathLike[str],
        plan: Plan,
        environment: dict[str, Any],
        boot: str | None = None,
        remarks: Remarks = NO_REMARKS,
    ) -> Journal:
        """A new journal beside the result file. Raises BenchsuiteError if there is one already."""
        path = journal_path(result)
        header = {
            "benchsuite_journal": FORMAT,
            "boot": boot_id() if boot is None else boot,
            "plan": plan_to(plan),
            "environment": environment,
            **remarks.to_dict(),
        }
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
        except FileExistsError:
            _not_in_use(path)
            raise BenchsuiteError(
                f"{path}: is left from a run that was cut short; go on with --resume, or delete it"
            ) from None
        except OSError as error:
            raise BenchsuiteError(
                f"{path}: cannot be written ({error.strerror}); choose another -o"
            ) from None
        journal = cls(path, fd, set())
        try:
            _lock(fd, path)
            journal._append(header)
            sync_directory(path.parent)
        except BaseException:
            journal.remove()
            raise
        return journal

    def decided(self, case: int, facts: dict[str, str]) -> None:
        """Holds for every round, and after --resume."""
        self._append({"decided": facts, "case": case})

    def start(self, case: int, round: int) -> None:
        """Before a worker is started."""
        self._append({"start": [case, round]})
        self._under_way.add((case, round))

    def run(self, case: int, run: WorkerRun, at_once: bool = True) -> None:
        """A worker has measured. A second run of the same round replaces the first. at_once: it is on disk
        when this returns; else soon."""
        record = records.run_to(run)
        self._sound(records.run_from, record)
        self._append({"run": record, "case": case}, at_once)
        self._under_way.discard((case, run.round))

    def logged(self, case: int, round: int, part: Series) -> None:
        """A worker that measures has so much more of its time series: on disk soon."""
        record = records.record_to(part)
        self._sound(records.series_from, record)
        self._append({"series": record, "case": case, "round": round}, at_once=False)

    def fail(self, case: int, failure: Failure, at_once: bool = True) -> None:
        record = asdict(failure)
        self._sound(records.failure_from, record)
        self._append({"fail": record, "case": case}, at_once)
        self._under_way.discard((case, failure.round))

    def close(self) -> None:
        """The journal stays, for --resume. Notes that the run stopped in good order, so that a reboot
        before the next --resume is not blamed on the worker that was under way."""
        if self._fd < 0:
            return
        try:
            if self._under_way:
                self._append({"stop": True})
            elif self._behind:
                os.fsync(self._fd)
        except (JournalFull, OSError):
            pass  # without the note, nothing measured is missing
        finally:
            fd, self._fd = self._fd, -1
            os.close(fd)  # and with it the lock

    def remove(self) -> None:
        """After the result file has been saved."""
        try:
            self.path.unlink(missing_ok=True)
            sync_directory(self.path.parent)
        except OSError as error:
            raise BenchsuiteError(f"{self.path}: cannot be removed ({error.strerror}); delete it") from None
        finally:
            self._under_way.clear()
            self.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _sound(self, check: Any, record: dict[str, Any]) -> None:
        """What a resume would refuse must not get in."""
        try:
            check(record, "the record")
        except BadRecord as error:
            raise BenchsuiteError(f"{self.path}: refused, which is a defect of benchsuite: {error}") from None

    def _append(self, record: dict[str, Any], at_once: bool = True) -> None:
        line = memoryview(records.dumps(record).encode("ascii") + b"\n")
        before = os.fstat(self._fd).st_size
        rest = line
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            self._behind = not at_once and time.monotonic() < self._synced + SYNC_EVERY
            if not self._behind:
                os.fsync(self._fd)
                self._synced = time.monotonic()
        except OSError as error:
            self._cut(before)
            kind = JournalFull if error.errno in FULL else BenchsuiteError
            raise kind(
                f"{self.path}: cannot be written ({error.strerror}); what it holds is intact. "
                "Make room and run again with --resume"
            ) from None
        except BaseException:  # Ctrl-C: a line that is whole may stay
            if os.fstat(self._fd).st_size < before + len(line):
                self._cut(before)
            raise

    def _cut(self, size: int) -> None:
        os.ftruncate(self._fd, size)
        os.fsync(self._fd)


@dataclass(slots=True)
class Resumed:
    """A run to go on with. `cases` are as far as they were measured, in the plan's order; `dropped` is
    how many bytes of an unfinished record were cut off the end; `decided` what `auto` chose, by case;
    `remarks` what the result says of itself, with the first command and this one."""

    journal: Journal
    plan: Plan
    environment: dict[str, Any]
    cases: list[CaseResult]
    dropped: int
    decided: dict[int, dict[str, str]]
    remarks: Remarks


def resume(
    result: str | os.PathLike[str],
    plan: Plan | None = None,
    boot: str | None = None,
    remarks: Remarks = NO_REMARKS,
) -> Resumed:
    """Opens the journal of a result file again. With a plan, it must be the journal's (but for its `why`).
    remarks: of this attempt; tags, if any, must be the journal's, a note replaces the journal's. Raises
    BenchsuiteError: no journal, one that another process has open, damage, another plan, other tags."""
    path = journal_path(result)
    try:
        fd = os.open(path, os.O_RDWR | os.O_APPEND)
    except FileNotFoundError:
        raise BenchsuiteError(
            f"{path}: no such journal, so nothing to resume; run without --resume"
        ) from None
    except OSError as error:
        raise BenchsuiteError(f"{path}: cannot be opened ({error.strerror})") from None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise BenchsuiteError(f"{path}: is no regular file; choose another -o")
        _lock(fd, path)
        return _reopen(path, fd, plan, boot_id() if boot is None else boot, remarks)
    except BaseException:
        os.close(fd)
        raise


def _not_in_use(path: Path) -> None:
    """BenchsuiteError if its run is under way. An empty one is left alone: it may not be locked yet."""
    with suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if os.fstat(fd).st_size:
                _lock(fd, path)
        finally:
            os.close(fd)


def _lock(fd: int, path: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BenchsuiteError(
            f"{path}: another benchsuite is using it; wait until it has ended, or choose another -o"
        ) from None
    except OSError as error:
        raise BenchsuiteError(
            f"{path}: this file system has no locks ({error.strerror}); choose a local -o"
        ) from None
    if os.fstat(fd).st_nlink == 0:
        raise BenchsuiteError(
            f"{path}: its run has just been finished by another benchsuite; nothing to resume"
        )


def _reopen(path: Path, fd: int, plan: Plan | None, boot: str, remarks: Remarks) -> Resumed:
    history, keep, dropped = read(path, fd)
    difference = plan and _difference(history.plan, plan)
    if difference := difference or _other_tags(history.remarks, remarks):
        raise BenchsuiteError(
            f"{path}: the run was begun with other options: {difference}\n"
            "resume it with those, or begin another with -o"
        )
    if dropped:
        os.ftruncate(fd, keep)
    history.goes_on(boot)
    journal = Journal(path, fd, set())
    again = replace(remarks, tags={})
    journal._append({"resume": boot, **again.to_dict()})
    history.said(again)
    return Resumed(
        journal, history.plan, history.environment, history.results, dropped, history.decided, history.remarks
    )


def _difference(ours: Plan, theirs: Plan) -> str | None:
    """The first key in which the journal's plan differs from the one asked for."""
    old, new = dict(_keys(ours)), dict(_keys(theirs))
    for key in [*old, *new]:
        if old.get(key) != new.get(key):
            return f"{key} was {old.get(key)!r} then, is {new.get(key)!r} now"
    return None


def _other_tags(ours: Remarks, theirs: Remarks) -> str | None:
    """The first tag asked for that the journal has not; without any, the journal's are kept."""
    for key, tag in theirs.tags.items():
        if (then := ours.tags.get(key)) != tag:
            return f"tag {key} was {'not given' if then is None else repr(then)} then, is {tag!r} now"
    return None


def _keys(plan: Plan) -> Iterator[tuple[str, Any]]:
    yield "profile", plan.profile
    yield "number of cases", len(plan.cases)
    yield from ((f"label of {backend}", label) for backend, label in plan.labels.items())
    for i, (case, measure) in enumerate(zip(plan.cases, plan.measures, strict=True)):
        both = {**case.to_dict(), **asdict(measure)}
        yield from ((f"{key} of case {i + 1}", value) for key, value in both.items())
