"""Decryption beside encryption of the same: CBC's is parallel where its encryption is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.crossover import shown
from benchsuite.findings.figures import Figures, Range, Sample, of_one_clock
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, finding, span_of_times
from benchsuite.model import DECRYPT, ENCRYPT
from benchsuite.units import listed

KIND = "directions"


@dataclass(frozen=True, slots=True)
class _Both:
    """faster: how many times as fast as encryption decryption is."""

    encryption: Sample
    decryption: Sample
    faster: Range


def find(figures: Figures) -> list[Finding]:
    largest: dict[tuple[str, str], tuple[Sample, Sample]] = {}
    rested: list[Sample] = []
    for members in figures.groups(figures.working, "op", "in_place"):
        by_op = {each.case.op: each for each in members}
        there, back = by_op.get(ENCRYPT), by_op.get(DECRYPT)
        if there is None or back is None or not of_one_clock(there, back):
            continue
        rested += [there, back]
        name = there.backend, there.case.algorithm
        if name not in largest or largest[name][0].case.request_size < there.case.request_size:
            largest[name] = there, back
    if not largest:
        return []
    both = [_Both(there, back, there.time.over(back.time)) for there, back in largest.values()]
    return [_said(figures, both, rested)]


def _said(figures: Figures, both: Sequence[_Both], rested: Sequence[Sample]) -> Finding:
    faster = sorted((each for each in both if each.faster.more), key=lambda each: -each.faster.value)
    slower = sorted((each for each in both if each.faster.fewer), key=lambda each: each.faster.value)
    sizes = {each.encryption.case.request_size for each in both}
    names = Names((each.encryption.case for each in both), "request_size", "aad_size", "tag_size")
    where = f"At {shown(sizes.pop())} " if len(sizes) == 1 and 0 not in sizes else "At the largest size "
    parts = []
    if faster:
        ratios = span_of_times(each.faster.value for each in faster)
        parts.append(f"is {ratios} as fast as encryption for {_names(names, faster)}")
    if slower:
        ratios = span_of_times(1 / each.faster.value for each in slower)
        parts.append(f"takes {ratios} as long as encryption for {_names(names, slower)}")
    rest = len(both) - len(faster) - len(slower)
    if not parts:
        text = f"{where}decryption is not told apart from encryption"
    else:
        text = f"{where}decryption {'; it '.join(parts)}"
        text += f"; for {rest} of {len(both)} algorithms the two are not told apart" if rest else ""
    numbers: Numbers = {each.encryption.case.words(op=False): each.faster.value for each in faster + slower}
    return finding(KIND, text, numbers, figures, rested)


def _names(names: Names, of: Sequence[_Both]) -> str:
    return listed([names.of(each.encryption.case) for each in of])
