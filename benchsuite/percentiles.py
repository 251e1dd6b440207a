"""Percentiles of latency, from histograms of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Latency:
    """Latency of the sampled requests of all workers, in nanoseconds. A percentile is the nearest rank:
    the upper bound of the histogram bucket with the ceil(p * count)-th smallest sample, or the
    exact largest sample where that bound lies beyond it. It is never below the true percentile,
    and above it by at most the width of a bucket."""

    count: int
    p50: int
    p90: int
    p99: int
    p99_9: int
    max: int


def latency(histograms: Iterable[dict[str, Any]]) -> Latency | None:
    """Percentiles of several histograms ({"max": ns, "buckets": [[upper_ns, count], ...]}) taken
    together; None without a sample."""
    buckets: Counter[int] = Counter()
    largest = 0
    for histogram in histograms:
        largest = max(largest, histogram["max"])
        for upper, count in histogram["buckets"]:
            buckets[upper] += count
    total = buckets.total()
    if not total:
        return None
    p50, p90, p99, p99_9 = (_percentile(buckets, total, mille, largest) for mille in (500, 900, 990, 999))
    return Latency(total, p50, p90, p99, p99_9, largest)


def _percentile(buckets: Counter[int], total: int, mille: int, largest: int) -> int:
    rank = -(-total * mille // 1000)  # in thousandths, so that no float decides at a boundary
    seen = 0
    for upper in sorted(buckets):
        seen += buckets[upper]
        if seen >= rank:
            return min(upper, largest)
    raise AssertionError("a rank is at most the number of samples")
