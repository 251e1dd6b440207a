"""What a longer key of the same cipher and mode costs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchsuite.crossover import shown
from benchsuite.findings.figures import Figures, Range, Sample, ratio
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Numbers, finding, number
from benchsuite.units import listed

KIND = "key lengths"
_AES = re.compile(r"(.*aes-)(128|192|256)(-.*)")
_SAME = ("algorithm", "aad_size", "tag_size")


def find(figures: Figures) -> list[Finding]:
    """By mode the shortest and the longest key, at the largest size, in the first direction there is."""
    pairs: dict[str, tuple[Sample, Sample]] = {}
    rested: list[Sample] = []
    keyed = [each for each in figures.working if _AES.fullmatch(each.case.algorithm)]
    for members in figures.groups(keyed, *_SAME):
        for name, of in _by_mode(members).items():
            short, long = of[min(of)], of[max(of)]
            if short is long:
                continue
            rested += [short, long]
            if name not in pairs or pairs[name][0].case.request_size < short.case.request_size:
                pairs[name] = short, long
    ratios = {name: found for name, (short, long) in pairs.items() if (found := ratio(long, short))}
    return [_said(figures, pairs, ratios, rested)] if ratios else []


def _by_mode(members: Sequence[Sample]) -> dict[str, dict[int, Sample]]:
    """Samples by mode, then by the bits of the key."""
    found: dict[str, dict[int, Sample]] = {}
    for each in members:
        parts = _AES.fullmatch(each.case.algorithm)
        assert parts
        found.setdefault(parts[1] + parts[3].lstrip("-"), {})[int(parts[2])] = each
    return found


def _said(
    figures: Figures,
    pairs: dict[str, tuple[Sample, Sample]],
    ratios: dict[str, Range],
    rested: Sequence[Sample],
) -> Finding:
    more = sorted((name for name in ratios if ratios[name].more), key=lambda name: -ratios[name].value)
    rest = [name for name in ratios if name not in more]
    sizes = {pairs[name][0].case.request_size for name in ratios}
    where = f"at {shown(sizes.pop())}" if len(sizes) == 1 else "at the largest size"
    if not more:
        text = f"A longer key costs nothing {where} that these values tell"
    else:
        said = [f"{number(ratios[name].value)} times in {name}" for name in more]
        text = f"{where[0].upper()}{where[1:]} the longest key takes longer than the shortest: {listed(said)}"
        text += f"; {listed(rest)} {'are' if len(rest) > 1 else 'is'} not told apart" if rest else ""
    numbers: Numbers = {name: found.value for name, found in ratios.items()}
    return finding(KIND, text, numbers, figures, rested)
