"""A case opened on tcrypt."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

from benchsuite import algorithms, files
from benchsuite.backends import proc_crypto
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.tcrypt import module, parameters
from benchsuite.backends.tcrypt.parameters import Options, Parameters
from benchsuite.facts import Fact
from benchsuite.formats.tcrypt import log as tcrypt
from benchsuite.formats.tcrypt.log import Log, Record
from benchsuite.model import Case, Measure, Value
from benchsuite.native import lib

_NO_TESTS = Path("/sys/module/cryptomgr/parameters/notests")  # not there: built without self-tests
_COUNTER_HZ_MS = 50  # long enough for five digits
_PASSES_OVER = "passes-over-alg"
_TOOK = "benchsuite: that took {:.3f} s"  # the last line of a log on the shelf


class Shelf:
    """Folder where the workers of a run leave kernel logs for those that come after: one load answers every
    case of its mode. Without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def log(self, arguments: list[str], key: str, load: bool = True) -> str | None:
        """Log of a load with these arguments. key: what sets equal arguments apart. None: there is none yet,
        and none was to be made."""
        name = hashlib.sha256(f"{arguments} {key}".encode()).hexdigest()[:24] + ".kmsg"
        path = self._folder / name if self._folder else None
        if path and path.exists():
            return path.read_text(encoding="utf-8")
        if not load:
            return None
        begin = time.monotonic()
        text = f"{module.load(arguments)}\n{_TOOK.format(time.monotonic() - begin)}\n"
        if path:
            files.replace(path, text.encode())
        return text

    def passes_over_alg(self) -> bool:
        """Whether this kernel's tcrypt was found to time a whole mode all the same."""
        return self._folder is not None and (self._folder / _PASSES_OVER).exists()

    def note_passes_over_alg(self) -> None:
        if self._folder:
            (self._folder / _PASSES_OVER).touch()


class TcryptEngine:
    """Backend interface: see backends.SelfTimed."""

    def __init__(self, options: Options, case: Case, version: str) -> None:
        self.case, self.options, self.version = case, options, version
        self.algorithm = algorithms.find(case.algorithm)
        parameters.check(case, self.algorithm, options)
        self._wanted = parameters.wanted(case, self.algorithm, options)
        self._shelf, self._round, self._sec = Shelf(None), 0, 1
        self._way: Parameters | None = None
        self._records: list[Record] = []
        self._hz = self._counter_hz() if options.cycles else 0.0

    @staticmethod
    def _counter_hz() -> float:
        hz = float(lib.bs_cycle_counter_hz(_COUNTER_HZ_MS))
        if hz <= 0:
            raise MeasureError(
                "unsupported",
                f"the rate of the kernel's cycle counter is not known on {os.uname().machine}, "
                "so cycles are no seconds here: leave `cycles` out",
            )
        return hz

    def prepare(self, round_number: int, measure: Measure, folder: Path | None) -> tuple[float, str]:
        """Finds what to load, by loading it once with the cycle counter, which takes a moment."""
        self._shelf, self._round = Shelf(folder), round_number
        self._sec = 0 if self.options.cycles else int(measure.min_time)
        self._way, log, loading = self._first_that_takes()
        parameters.pick(log, self._wanted)
        if self._shelf.log(self._arguments, self._key, load=False):
            return 0.0, "reading what tcrypt has found"
        seconds = len(log.records) * self._sec
        what = f"tcrypt {' '.join(self._arguments)} measures in the kernel"
        if seconds:
            what += f", where nothing can stop it before its {seconds} s are over"
        return seconds + loading, what

    def _first_that_takes(self) -> tuple[Parameters, Log, float]:
        """The first way that this kernel takes, what one load finds, and the seconds it took beside the
        measuring."""
        for way in parameters.ways(self.case, self.algorithm, self.options):
            if way.mode == parameters.MULTIBUFFER and way.narrowed and self._shelf.passes_over_alg():
                continue
            text = self._shelf.log(way.arguments(0), "to see what it times") or ""
            log = tcrypt.parse(text.splitlines())
            if parameters.took(log, way):
                return way, log, float(text.split()[-2])
            self._shelf.note_passes_over_alg()
        raise MeasureError(
            "unsupported",
            f"tcrypt of Linux {os.uname().release} times no cipher by name: Linux "
            f"{'.'.join(map(str, parameters.NARROWS_FROM))} and later do; leave `driver=` out",
        )

    @property
    def _arguments(self) -> list[str]:
        assert self._way, "prepare() comes first"
        return self._way.arguments(self._sec)

    @property
    def _key(self) -> str:
        """Key of the next value: each is loaded for itself, once for all cases."""
        return f"round {self._round}, value {len(self._records)}"

    def run(self, requests: int) -> Value:
        """A value; how many requests it has is tcrypt's to say."""
        text = self._shelf.log(self._arguments, self._key) or ""
        record = parameters.pick(tcrypt.parse(text.splitlines()), self._wanted)
        self._records.append(record)
        if not record.operations or record.cycles == 0:
            raise MeasureError(
                "error",
                f"tcrypt in the kernel says: {record.line}: "
                + ("its cycle counter stands still" if record.cycles == 0 else "raise min_time"),
            )
        wall = float(record.seconds) if record.seconds else (record.cycles or 0) / self._hz
        return Value(record.operations, wall, None, None, record.cycles)

    def verify(self) -> int:
        return 0

    def verify_after(self) -> int:
        return 0

    def counters(self) -> dict[str, int]:
        """An operation that fails ends tcrypt's loop without a figure."""
        done = sum(record.operations for record in self._records)
        return {"submitted": done, "completed": done, "failed": 0}

    def forget_latency(self) -> None:
        """There is none."""

    def latency(self) -> dict[str, dict[str, Any]]:
        return {}

    def facts(self) -> dict[str, str]:
        record, way = self._records[-1], self._way
        assert way
        source = "cntvct" if os.uname().machine == "aarch64" else "tsc"  # get_cycles of the kernel
        cycles = {Fact.CYCLES_SOURCE: source, Fact.CYCLE_COUNTER_HZ: f"{self._hz:.0f}, measured over 50 ms"}
        return {
            Fact.VERSION: self.version,
            Fact.PATH: "in the kernel, tcrypt",
            Fact.WAY: "barrier" if self.case.q_len > 1 else "sync",
            Fact.BUFFERS: "out of place" if self.algorithm.kind == "aead" else "in place",
            Fact.TCRYPT_PARAMETERS: " ".join(self._arguments),
            Fact.TCRYPT_MODE: str(way.mode),
            Fact.TCRYPT_SEC: str(self._sec),
            **({Fact.TCRYPT_NUM_MB: str(way.num_mb)} if way.num_mb else {}),
            Fact.TCRYPT_ALGORITHM: record.algorithm,
            Fact.TCRYPT_FORM: record.form or "aead",
            Fact.TCRYPT_LINE: "; ".join(each.line for each in self._records),
            **self._driver_facts(record.driver),
            **(cycles if self.options.cycles else {Fact.CYCLES_SOURCE: "none"}),
        }

    @staticmethod
    def _driver_facts(name: str) -> dict[str, str]:
        """Facts of the driver that served, from /proc/crypto, where it stays listed."""
        facts = {Fact.KERNEL_DRIVER: name} if name else {}
        for driver in proc_crypto.read():
            if driver.driver == name:
                facts[Fact.KERNEL_PRIORITY] = str(driver.priority)
                facts[Fact.KERNEL_ASYNC] = "yes" if driver.asynchronous else "no"
                if driver.tested and _self_tests_run():
                    facts[Fact.VERIFIED] = "by the kernel's self-test, which the driver has passed"
        return facts

    def close(self) -> None:
        """Nothing is held: the module did not stay."""


def _self_tests_run() -> bool:
    """Without them every driver counts as tested."""
    try:
        return _NO_TESTS.read_text().strip() == "N"
    except OSError:
        return False
