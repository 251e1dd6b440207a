"""Expansion of a profile to a plan: overrides applied, every matrix multiplied out, every case checked.

Cases come in the order of the matrices; in a matrix the keys sweep in the order of the table, the last
one fastest. A case that comes up twice is measured once, as its first matrix says.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from benchsuite import algorithms
from benchsuite.keys import check_names, from_text
from benchsuite.model import DIGEST, BenchsuiteError, Case, CaseResult, Measure, Plan, driver_of
from benchsuite.profile.cases import make_case
from benchsuite.profile.labels import check, named
from benchsuite.profile.parsing import Matrix, Profile, Values, accept_values
from benchsuite.profile.table import MATRIX, MEASURE, SWEEPING, settable
from benchsuite.units import nearest, shown

MAX_CASES = 20_000

Wanted = Callable[[CaseResult], bool]  # a filter, of a case with its label


def expand(
    profile: Profile,
    overrides: Iterable[str] = (),
    backends: Iterable[str] = (),
    known_backends: Iterable[str] | None = None,
    wanted: Wanted | None = None,
    *,
    cpus: int,
) -> Plan:
    """Expand a profile to a plan. overrides: `key=v[,v...]`, in place of that key in every matrix. backends:
    in place of every matrix's. known_backends: names to hold backends against and to suggest from; None: not
    checked. wanted: which cases, None: all; what cannot be is an error only of those. cpus: those that may be
    used where the plan is measured, which is what `all` workers are."""
    replaced = _replaced(overrides, list(backends))
    known = None if known_backends is None else list(known_backends)
    matrices = [_Filled(profile, matrix, replaced, known, cpus) for matrix in profile.matrices]
    count = sum(matrix.count() for matrix in matrices)
    if count > MAX_CASES:
        raise BenchsuiteError(
            f"{profile.where}: a matrix of {count} cases, and {MAX_CASES} is the limit: "
            "narrow it with --set, or give its keys fewer values"
        )
    labels, cases = _labels(matrices), dict[Case, Measure]()
    for matrix in matrices:
        for case in matrix.cases(wanted, labels):
            cases.setdefault(case, matrix.measure)
    return Plan(profile.name, profile.why, tuple(cases), tuple(cases.values()), labels)


def _labels(matrices: Iterable[_Filled]) -> dict[str, str]:
    """Labels of all matrices, by backend."""
    labels: dict[str, str] = {}
    for matrix in matrices:
        for backend, label in matrix.labels.items():
            check(label, backend, labels, matrix.origin("backend"))
            labels[backend] = label
    return labels


@dataclass(frozen=True)
class _Replaced:
    values: Values
    origin: str


def _replaced(overrides: Iterable[str], backends: list[str]) -> dict[str, _Replaced]:
    """What --set and --backend put in place of a matrix's own."""
    keys, replaced = settable(), {}
    for override in overrides:
        name, equals, text = override.partition("=")
        name = name.strip()
        if not equals:
            raise BenchsuiteError(f"--set {shown(override)}: write key=value, or key=value,value to sweep")
        check_names([name], keys, "--set")
        if name in replaced:
            raise BenchsuiteError(f"--set {name}: given twice; one --set {name}=v,v takes several values")
        values = [from_text(part.strip()) for part in text.split(",")]
        if len(values) > 1 and not keys[name].sweeps:
            raise BenchsuiteError(f"--set {name}: takes one value, not {len(values)}")
        if "" in values:
            raise BenchsuiteError(f"--set {name}: a value is missing in {shown(override)}")
        replaced[name] = _Replaced(accept_values(keys[name], values, f"--set {name}"), f"--set {name}")
    if backends:
        if "backend" in replaced:
            raise BenchsuiteError("--backend and --set backend: give one of them")
        replaced["backend"] = _Replaced(
            accept_values(keys["backend"], list(backends), "--backend"), "--backend"
        )
    return replaced


class _Filled:
    """A matrix with its overrides and defaults: what is left is to multiply it out."""

    def __init__(
        self,
        profile: Profile,
        matrix: Matrix,
        replaced: dict[str, _Replaced],
        known: list[str] | None,
        cpus: int,
    ) -> None:
        """Fill a matrix. known: names of backends, None: not checked."""
        self._where, self._replaced, self._cpus = matrix.where, replaced, cpus
        given = profile.measure | matrix.values | {name: each.values for name, each in replaced.items()}
        self._check_arrivals(given)
        self.measure = Measure(**{name: given[name][0] for name in MEASURE if name in given})
        self._round_size = given.get("round_size", (False,))[0]
        texts = [str(text) for text in self._values("backend", given)]
        backends, self.labels = named(texts, known or (), self.origin("backend"))
        if known is not None:
            self._check_backends(backends, known)
        self._sweeps = [self._values(name, given | {"backend": tuple(backends)}) for name in SWEEPING]

    def _values(self, name: str, given: dict[str, Values]) -> Values:
        """Values of a key; None stands for a default that the case decides."""
        values = given.get(name, (MATRIX[name].default,))
        if name == "workers":
            kind: Any = MATRIX[name].kind
            return tuple(dict.fromkeys(n for value in values for n in kind.resolve(value, self._cpus)))
        return values

    def origin(self, name: str) -> str:
        """Who is to blame for the values of a key."""
        replaced = self._replaced.get(name)
        return f"{replaced.origin}, in {self._where}" if replaced else f"{self._where}: {name}"

    def _check_arrivals(self, given: dict[str, Values]) -> None:
        """BenchsuiteError for how requests arrive where none does by a clock."""
        for name in ("arrival", "backlog"):
            if name in given and "rate" not in given:
                raise BenchsuiteError(
                    f"{self.origin(name)}: nothing arrives by a clock without a rate: "
                    f"give rate, too, or leave {name} out"
                )

    def _check_backends(self, backends: list[str], known: list[str]) -> None:
        replaced = self._replaced.get("backend")
        where = replaced.origin if replaced else self.origin("backend")
        for backend in backends:
            name = driver_of(backend)
            if name not in known:
                near = nearest(name, known)
                hint = f"did you mean {near!r}?" if near else f"known: {', '.join(known)}."
                raise BenchsuiteError(
                    f"{where}: unknown backend {shown(name)}: {hint} "
                    "`benchsuite list backends` shows what each is"
                )

    def count(self) -> int:
        return math.prod(len(values) for values in self._sweeps)

    def cases(self, wanted: Wanted | None, labels: dict[str, str]) -> Iterator[Case]:
        for point in itertools.product(*self._sweeps):
            given = dict(zip(SWEEPING, point, strict=True))
            algorithm = algorithms.find(given["algorithm"])
            label = labels.get(given["backend"], "")
            try:
                case = make_case(algorithm, given, self._round_size, self.origin)
            except BenchsuiteError:
                if wanted is None or wanted(CaseResult(_roughly(algorithm, given), label=label)):
                    raise
            else:
                if wanted is None or wanted(CaseResult(case, label=label)):
                    yield case


def _roughly(algorithm: algorithms.Algorithm, given: dict[str, Any]) -> Case:
    """A point that is no case, as far as it is one, for a filter to look at."""
    point = {key: value for key, value in given.items() if value is not None and key != "rate"}
    return Case(**point | ({"op": DIGEST} if DIGEST in algorithm.ops else {}))
