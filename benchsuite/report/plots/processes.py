"""Many plots drawn by as many processes as there are CPUs.

What they have drawn comes through files: a process that is killed while it writes into the pipe of all
leaves a part there, for whose rest this one would wait for good. A number is written at once, or not at all.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchsuite.model import BenchsuiteError
from benchsuite.report.plots.images import images_within_settings, settings
from benchsuite.report.plots.plan import Plan

FEW = 8  # plots that are not worth a process
Drawn = tuple[int, list[tuple[str, bytes]]]  # the number of a plan, and its files by kind


class Stopped(BenchsuiteError):
    """A process that draws was killed, from outside or for want of memory."""

    exit_status = 3


def drawn(plans: Sequence[Plan], kinds: Sequence[Sequence[str]], cpus: int | None = None) -> Iterator[Drawn]:
    """The files of each plan, in the order in which they are ready. kinds: those of each plan. Raises
    Stopped. Where the caller stops early, no process goes on."""
    count = cpus or len(os.sched_getaffinity(0))
    if count < 2 or len(plans) <= FEW:
        with settings():
            for number, (plan, wanted) in enumerate(zip(plans, kinds, strict=True)):
                yield number, list(images_within_settings(plan, wanted))
        return
    global _work
    _work = list(zip(plans, kinds, strict=True))  # the processes have it as they are forked
    with TemporaryDirectory(prefix="benchsuite-") as name:
        folder = Path(name)
        pool = ProcessPoolExecutor(count, multiprocessing.get_context("fork"), _start)
        try:
            futures: list[Future[int]] = [pool.submit(_draw, number, folder) for number in range(len(plans))]
            for future in as_completed(futures):
                number = future.result()
                yield number, [(kind, _taken(folder, number, kind)) for kind in kinds[number]]
        except BrokenProcessPool:
            raise Stopped("a process that draws plots was killed") from None
        finally:
            pool.shutdown(cancel_futures=True)
            _work = []


_work: list[tuple[Plan, Sequence[str]]] = []
_for_good = ExitStack()  # of a process that draws


def _start() -> None:
    """Begin a process that draws. Its parent ends it: Ctrl-C, which both are told of, does not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # the result, which is large, stays as it is
    gc.set_threshold(100_000)  # plots make many circles, and all at once is cheaper
    _for_good.enter_context(settings())


def _draw(number: int, folder: Path) -> int:
    for kind, image in images_within_settings(*_work[number]):
        _file(folder, number, kind).write_bytes(image)
    return number


def _taken(folder: Path, number: int, kind: str) -> bytes:
    file = _file(folder, number, kind)
    image = file.read_bytes()
    file.unlink()
    return image


def _file(folder: Path, number: int, kind: str) -> Path:
    return folder / f"{number}.{kind}"
