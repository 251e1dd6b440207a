"""Many plots drawn by as many processes as there are CPUs."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack

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
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("fork"), _start)
    try:
        futures: list[Future[Drawn]] = [pool.submit(_draw, number) for number in range(len(plans))]
        for future in as_completed(futures):
            yield future.result()
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


def _draw(number: int) -> Drawn:
    plan, kinds = _work[number]
    return number, list(images_within_settings(plan, kinds))
