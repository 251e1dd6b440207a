"""What the benchmarks share: C programs built here, figures with their spread, targets and verdicts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import comb
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
NATIVE = HERE.parents[1] / "benchsuite" / "native"
# As the core is built:
CFLAGS = ["-std=c11", "-O2", "-g", "-D_GNU_SOURCE", "-fvisibility=hidden", "-Wall", "-Wextra"]


def compile_c(target: Path, *sources: Path, flags: Sequence[str] = ()) -> Path:
    command = ["cc", *CFLAGS, *flags, f"-I{NATIVE}", "-o", target, *sources, "-ldl", "-lm", "-lpthread"]
    subprocess.run(command, check=True)
    return target


def core_sources() -> list[Path]:
    """Everything of the native core but what cffi generated."""
    return [path for path in sorted(NATIVE.rglob("*.c")) if path.stem != "_core"]


def program() -> list[str]:
    """The command `benchsuite` of this environment."""
    script = Path(sys.executable).with_name("benchsuite")
    return [str(script)] if script.exists() else [sys.executable, "-m", "benchsuite"]


@dataclass(frozen=True)
class Figure:
    """Several measurements of one thing, as a median with its 95% interval."""

    all: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.all)

    @property
    def interval(self) -> tuple[float, float]:
        """Of the median, by order statistics (no distribution assumed). Of fewer than six measurements
        it is their whole range."""
        ordered, n = sorted(self.all), len(self.all)
        outside, rank = 0.0, 0
        while rank < n // 2 and (outside := outside + comb(n, rank) / 2**n) <= 0.025:
            rank += 1
        rank = max(rank, 1)
        return ordered[rank - 1], ordered[n - rank]


@dataclass
class Row:
    """A line of the summary. A target that only the interval reaches is neither met nor missed."""

    what: str
    figure: Figure
    digits: int
    unit: str = ""
    least: float | None = None
    most: float | None = None
    remark: str = ""
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        low, high = self.figure.interval
        if self.least is not None and self.figure.median < self.least:
            by = self.least - self.figure.median
            return "undecided" if high >= self.least else f"missed by {by:.{self.digits}f}"
        if self.most is not None and self.figure.median > self.most:
            by = self.figure.median - self.most
            return "undecided" if low <= self.most else f"missed by {by:.{self.digits}f}"
        return "" if self.least is None and self.most is None else "met"

    @property
    def best(self) -> float:
        return max(self.figure.all) if self.more_is_better else min(self.figure.all)

    @property
    def target(self) -> str:
        if self.least is not None:
            return f">= {self.least:g}"
        return "" if self.most is None else f"<= {self.most:g}"

    def cells(self) -> list[str]:
        numbers = (self.figure.median, *self.figure.interval, self.best)
        middle, low, high, best = (f"{number:.{self.digits}f}" for number in numbers)
        middle = f"{middle} {self.unit}".strip()
        return [self.what, middle, f"{low}..{high}", best, self.target, self.verdict, self.remark]


@dataclass
class Summary:
    """Every row of the session; printed at its end."""

    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row, benchmark: object) -> None:
        """Puts the row into the summary and into the benchmark's extra_info, and fails where a target
        was missed."""
        self.rows.append(row)
        low, high = row.figure.interval
        getattr(benchmark, "extra_info")[row.what] = {  # noqa: B009 - pytest-benchmark has no types
            "median": row.figure.median,
            "low": low,
            "high": high,
            "best": row.best,
            "unit": row.unit,
            "verdict": row.verdict,
            "measurements": list(row.figure.all),
        }
        assert not row.verdict.startswith("missed"), f"{row.what}: {' '.join(row.cells()[1:6])}"
