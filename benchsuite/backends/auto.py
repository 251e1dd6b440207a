"""The `auto` backend: for each case the best way this machine has, by the order in candidates.py.

Candidates are the kernel drivers that /proc/crypto lists for the algorithm, /dev/crypto, and libcrypto. Each
is asked by its driver's own probe; of those that would do, the first whose session opens is chosen. A
run asks once, in a worker process, and hands the decision to every worker that measures: see
runs.auto. No instance of a kernel template is made by asking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from benchsuite import algorithms
from benchsuite.algorithms import Algorithm
from benchsuite.backends import proc_crypto, survey_sizes
from benchsuite.backends.backend import Backend, Engine, Phase
from benchsuite.backends.candidates import (
    BACKENDS,
    OPTIONS,
    USER_SPACE,
    Candidate,
    Wish,
    in_order,
    matches,
    parse_wish,
    reasons,
    to_text,
)
from benchsuite.backends.driver import DriverBackend, driver_backend
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import Survey, Wanted
from benchsuite.backends.proc_crypto import KernelDriver, serving
from benchsuite.backends.session import Params, Session
from benchsuite.facts import Fact
from benchsuite.model import CHAINED, Case, driver_of, setting_of
from benchsuite.native import lib

ASKING = "asking "  # before the candidate, and what about, in what a worker says it is at

_FIPS = Path("/proc/sys/crypto/fips_enabled")
_KINDS = {
    lib.BS_PREFER_HARDWARE: "hardware",
    lib.BS_PREFER_ACCELERATED: "accelerated",
    lib.BS_PREFER_SOFTWARE: "kernel",
}

Listed = Callable[[], list[KernelDriver]]


def kernel_fips() -> str:
    """The kernel's FIPS mode: `on`, `off`, or `none` where it was built without."""
    with suppress(OSError):
        return "off" if _FIPS.read_text().strip() == "0" else "on"
    return "none"


def _not_here(backend: str) -> str:
    """Why a backend cannot run at all, or ""."""
    found = driver_backend(backend)
    if found is None:
        return "its driver is not in this build"
    try:
        found.version()
    except MeasureError as error:
        return str(error)
    return ""


def _candidate(backend: str) -> DriverBackend:
    found = driver_backend(backend)
    assert found is not None, backend
    return found


class Decider:
    """Asks the candidates, and remembers what is the same for every case."""

    def __init__(
        self, wish: Wish, phase: Phase, dead: Mapping[str, str], listed: Listed = proc_crypto.read
    ) -> None:
        """dead: what an asking process was at (see ASKING) when it died, and how; it is not asked again.
        listed: reads /proc/crypto."""
        self.wish, self.phase, self.dead, self._listed = wish, phase, dead, listed
        self._not_here: dict[str, str] = {}  # by backend that was asked

    def decide(self, case: Case) -> dict[str, str]:
        """What goes into the facts of a result: `chosen` (a backend), `chosen_class`, `candidates` (see
        candidates.to_text: best first) and `kernel_fips`. MeasureError("unavailable") with every candidate's
        reason where none will do."""
        algorithm = algorithms.find(case.algorithm)
        asked = [self._ask(each, algorithm, case) for each in self._candidates(algorithm, case)]
        ordered = in_order(asked, self.wish)
        for index, candidate in enumerate(ordered):
            if candidate.refused:
                continue
            if why := self._cannot_open(candidate, algorithm, case):
                ordered[index] = candidate.refuses(why)
                continue
            return {
                Fact.CHOSEN: candidate.backend,
                Fact.CHOSEN_CLASS: candidate.kind,
                Fact.CANDIDATES: to_text(in_order(ordered, self.wish)),
                Fact.KERNEL_FIPS: kernel_fips(),
            }
        raise MeasureError(
            "unavailable", f"no candidate would do {algorithm.name} {case.op}: {'; '.join(reasons(ordered))}"
        )

    def _candidates(self, algorithm: Algorithm, case: Case) -> list[Candidate]:
        """Candidates to ask, some of which are refused at once."""
        listed = self._listed()
        found = [Candidate("afalg", refused=self._closed("afalg") or self._no_name(algorithm, listed))]
        if not found[0].refused:
            if not serving(algorithm.name_in("afalg") or "", listed):
                self._ask(found[0], algorithm, case)  # loads the module, where there is one
                listed = self._listed()
            found = [
                self._afalg(driver) for driver in serving(algorithm.name_in("afalg") or "", listed)
            ] or found
        found += [self._cryptodev(algorithm, listed), Candidate(USER_SPACE)]
        prefer = self.wish.prefer
        if driver_of(prefer) in BACKENDS and not any(matches(prefer, each) for each in found):
            found.append(self._named(prefer, algorithm, listed))
        return found

    def _afalg(self, driver: KernelDriver) -> Candidate:
        candidate = Candidate(f"afalg:{driver.driver}", priority=driver.priority)
        if driver.internal:
            return candidate.refuses("is a part of other kernel drivers, for them alone")
        return candidate if driver.tested else candidate.refuses("has not passed the kernel's self-test")

    def _no_name(self, algorithm: Algorithm, listed: list[KernelDriver]) -> str:
        """Why AF_ALG is not to be asked, or ""."""
        name = algorithm.name_in("afalg")
        if name is None:
            return f"the kernel has no {algorithm.name}"
        return _would_make([name], listed)

    def _cryptodev(self, algorithm: Algorithm, listed: list[KernelDriver]) -> Candidate:
        """A cipher and a MAC are two sessions there, so the pair's own template is not needed."""
        parts = algorithm.name.split("+")
        names = [algorithms.find(part).name_in("afalg") for part in parts if part != "null"]
        if algorithm.names("cryptodev") is None or None in names:
            return Candidate("cryptodev", refused=f"/dev/crypto has no {algorithm.name}")
        return Candidate("cryptodev", refused=_would_make([name for name in names if name], listed))

    def _named(self, backend: str, algorithm: Algorithm, listed: list[KernelDriver]) -> Candidate:
        """A preferred one that is not among the others."""
        if driver_of(backend) == "afalg":
            why = f"/proc/crypto lists no driver {setting_of(backend)} of {algorithm.name_in('afalg')}"
            return Candidate(backend, refused=why)
        refused = self._cryptodev(algorithm, listed).refused if driver_of(backend) == "cryptodev" else ""
        return Candidate(backend, refused=refused)

    def _ask(self, candidate: Candidate, algorithm: Algorithm, case: Case) -> Candidate:
        backend = candidate.backend
        way = "afalg" if backend.startswith("afalg:") else backend
        # That the whole way is closed says more than what would be at its end.
        refused = self._closed(way) or candidate.refused or self._closed(backend)
        if refused := refused or self._about(backend, algorithm):
            return candidate.refuses(refused)
        try:
            preference = _params(backend, algorithm, case).check()
        except MeasureError as error:
            return candidate.refuses(str(error))
        kind = USER_SPACE if driver_of(backend) == USER_SPACE else _KINDS[preference]
        return replace(candidate, kind=kind)

    def _closed(self, backend: str) -> str:
        """Why a backend cannot run at all, or ""."""
        if backend not in self._not_here:
            self.phase(ASKING + backend)
            self._not_here[backend] = self.dead.get(backend) or _not_here(backend)
        return self._not_here[backend]

    def _about(self, backend: str, algorithm: Algorithm) -> str:
        """Before what may be the end of this process: how it ended an earlier one, or ""."""
        question = f"{backend} about {algorithm.name}"
        self.phase(ASKING + question)
        return self.dead.get(question, "")

    def _cannot_open(self, candidate: Candidate, algorithm: Algorithm, case: Case) -> str:
        self._about(candidate.backend, algorithm)
        try:
            Session(_params(candidate.backend, algorithm, case)).close()
        except MeasureError as error:
            return f"no session can be opened: {error}"
        return ""


def _would_make(names: Iterable[str], listed: list[KernelDriver]) -> str:
    """Why the kernel must not be asked for these algorithms, or ""."""
    there = {driver.name for driver in listed}
    missing = [name for name in names if "(" in name and name not in there]
    if not missing:
        return ""
    return (
        f"/proc/crypto has no {missing[0]}, and to ask for it would make one from its template, for the "
        "whole system; name the backend itself to have that"
    )


def _params(backend: str, algorithm: Algorithm, case: Case) -> Params:
    return Params(
        _candidate(backend),
        algorithm,
        case.op,
        case.aad_size,
        case.request_size,
        case.iv == CHAINED,
        tag_size=case.tag_size or None,
    )


class AutoBackend(Backend):
    """The backend that takes what is best for a case. Cases of a run are opened on what was chosen for them
    at its beginning; a case by itself comes here."""

    name = "auto"
    about = "the best of hardware, accelerated kernel drivers, plain kernel code and libcrypto, in this order"
    options = OPTIONS
    chooses = True

    def asked(self) -> Wish:
        return parse_wish(self.setting)

    def decider(self, phase: Phase, dead: Mapping[str, str]) -> Decider:
        """MeasureError for a setting that makes no sense."""
        self.check_setting()
        return Decider(self.asked(), phase, dead)

    def version(self) -> str:
        """What it would choose among here. MeasureError where there is nothing, or for a wrong setting."""
        self.check_setting()
        refused = {name: _not_here(name) for name in BACKENDS}
        there = [name for name, reason in refused.items() if not reason]
        if not there:
            raise MeasureError("unavailable", "; ".join(f"{name}: {why}" for name, why in refused.items()))
        return f"the best of {', '.join(there)} (FIPS mode of the kernel: {kernel_fips()})"

    def open_case(self, case: Case) -> Engine:
        chosen = self.decider(lambda phase: None, {}).decide(case)["chosen"]
        return _candidate(chosen).open_case(case.on(chosen))

    def survey(self, algorithm: Algorithm, wanted: Wanted, phase: Phase) -> Survey:
        """The survey of what would be chosen for the largest size; where the two operations have a choice
        each, of both."""
        self.version()
        largest = survey_sizes.usable(algorithm, wanted.sizes or survey_sizes.SIZES)[-1]
        decider = self.decider(phase, {})
        cases = [
            Case(str(self), algorithm.name, op, largest, aad_size=algorithm.aad_size) for op in algorithm.ops
        ]
        chosen = dict.fromkeys(decider.decide(case)["chosen"] for case in cases)
        found = [_candidate(backend).survey(algorithm, wanted, phase) for backend in chosen]
        return Survey(
            requests=sum(each.requests for each in found),
            vectors=max(each.vectors for each in found),
            refused=[why for each in found for why in each.refused],
            chosen=" and ".join(chosen),
        )
