"""What batch and cbimm, by which requests travel, bring or cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchsuite.findings.figures import Figures, Range, Sample, ratio
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, durations, finding

KIND = "switches"
_FEW = 2  # backends that are told one by one
# A switch, the value that it has where requests take no way round, and what the other is called.
SWITCHES = (("batch", 0, "batch"), ("cbimm", 1, "cbimm 0"))


@dataclass(frozen=True, slots=True)
class _Switched:
    """A sample with a switch thrown beside the same without. cost: seconds of a request more."""

    sample: Sample
    plain: Sample
    cost: Range
    longer: Range

    @property
    def costs(self) -> bool:
        return self.cost.low > 0 and self.longer.more

    @property
    def brings(self) -> bool:
        return self.cost.high < 0 and self.longer.fewer


def find(figures: Figures) -> list[Finding]:
    if not any(key in figures.differing.keys for key, *_ in SWITCHES):
        return []
    backends: dict[str, list[Sample]] = {}
    for each in figures.samples:
        backends.setdefault(each.backend, []).append(each)
    found = [said for name, of in backends.items() if (said := _of(figures, name, of))]
    if len(found) > _FEW:
        together = _of(figures, "", figures.samples)
        return [together] if together else []
    if len(backends) == 1:
        return [said for of in backends.values() if (said := _of(figures, "", of))]
    return sorted(found, key=lambda each: each.cases, reverse=True)


def _of(figures: Figures, backend: str, samples: Sequence[Sample]) -> Finding | None:
    """The finding on a backend; None where its cases throw no switch."""
    parts, numbers, rested = [], Numbers(), []
    for key, plain, name in SWITCHES:
        thrown = any(getattr(each.case, key) != plain for each in samples)
        switched = list(_switched(figures, samples, key, plain)) if thrown else []
        if not switched:
            continue
        parts.append(_said(name, switched))
        numbers[f"{key} least_seconds"] = min(each.cost.value for each in switched)
        numbers[f"{key} most_seconds"] = max(each.cost.value for each in switched)
        rested += [sample for each in switched for sample in (each.sample, each.plain)]
    if not parts:
        return None
    where = f"With {backend}, " if backend else ""
    return finding(KIND, where + "; ".join(parts), numbers, figures, rested)


def _switched(figures: Figures, samples: Sequence[Sample], key: str, plain: int) -> Iterator[_Switched]:
    for members in figures.groups(samples, key):
        without = next((each for each in members if getattr(each.case, key) == plain), None)
        for each in members:
            if without and each is not without and (longer := ratio(each, without)):
                yield _Switched(each, without, each.time.less(without.time), longer)


def _said(name: str, switched: Sequence[_Switched]) -> str:
    costs = [each for each in switched if each.costs]
    brings = [each for each in switched if each.brings]
    names = Names(each.sample.case for each in switched)
    open_ = len(switched) - len(costs) - len(brings)
    if not costs and not brings:
        return f"{name} makes no difference that these values tell"
    parts = []
    for verb, of in (("costs", costs), ("saves", brings)):
        if of:
            most = max(of, key=lambda each: abs(each.cost.value))
            where = "" if len(switched) == 1 else f", most {_where(names, most.sample)}"
            parts.append(f"{verb} a request {durations(abs(each.cost.value) for each in of)}{where}")
    rest = f" (in {open_} of {len(switched)} pairs no difference is told)" if open_ else ""
    return f"{name} {' and '.join(parts)}{rest}"


def _where(names: Names, sample: Sample) -> str:
    """`at batch 1, cbimm 0`; with the backend, where there are several."""
    load = names.load(sample.case)
    with_ = f"with {sample.backend}" if "backend" in names.keys else ""
    return " ".join(filter(None, (with_, f"at {load}" if load else "")))
