"""What wrong requests have in common and right ones have not: "only above 2048 bytes".

A rule is told where it holds for every wrong request and for no right one, and where that could hardly be by
chance: were the wrong ones any others of as many, one in LUCK would show a rule as simple.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from benchsuite.model import DECRYPT, DIGEST
from benchsuite.units import many

LUCK = 20_000
LUCK_BY_REQUEST = 10  # where each request of a table counts once, however often it was made
MODULI = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)
REMAINDERS = (4096, 1024, 512, 256, 136, 128, 64, 32, 16, 8, 4)  # the most telling first; 136: SHA-3's block
MOST_RANGE = 16  # residues in a row that make a rule
FEWEST = 3  # wrong ones, or right ones, that show a rule of two parts
LINE, PAGE = 64, 4096


class Made(NamedTuple):
    """A request that was made, and whether it came out right. key: the index of its table; vector: which of
    the table's it was; offsets are in a page; number: of its session's requests, from 0."""

    wrong: bool
    key: int
    vector: int
    size: int
    aad_size: int = 0
    src_at: int = 0
    dst_at: int = 0
    iv_at: int = 0
    outstanding: int = 1
    number: int = 0
    in_place: bool = False
    algorithm: str = ""
    op: str = ""
    iv_size: int = 0
    tag_size: int = 0
    piece: int = 0
    chained: bool = False
    fails: bool = False  # it has to: a forgery, or a size that the algorithm does not have
    data: str = ""  # what is special about its text, in words
    iv: str = ""  # and about its IV


class Rule(NamedTuple):
    """What can be said of a request, in words that fit behind "only"."""

    words: str
    holds: Callable[[Made], bool]
    chances: int = 1  # rules of its family that might have been found instead
    by_request: bool = False  # it is about the request, wherever it lies and whenever it is made
    dense: bool = False  # its neighbours are known to be right


def pattern(made: Collection[Made]) -> str:
    """The simplest rule, as words ("only above 2048 bytes"); "" where there is none."""
    alike = list(made)
    fails = {one.fails for one in alike if one.wrong}
    if len(fails) == 1:  # what is wrong with one that has to fail cannot be with another, nor the reverse
        alike = [one for one in alike if one.fails in fails]
    found = _single(alike) or _both(alike)
    return f"only {found.words}" if found else ""


def _single(made: list[Made]) -> Rule | None:
    wrong, right = _parted(made)
    if not wrong or not right:
        return None
    return next((rule for rule in _rules(wrong, right) if _tells(rule, wrong, right)), None)


def _both(made: list[Made]) -> Rule | None:
    """A rule among those of one operation, algorithm or place, to which all wrong ones belong."""
    wrong, right = _parted(made)
    if len(wrong) < FEWEST:
        return None
    for kind in _kinds(wrong):
        among = [one for one in right if kind.holds(one)] if all(map(kind.holds, wrong)) else []
        if len(among) < FEWEST or len(among) == len(right):
            continue
        for rule in _rules(wrong, among):
            if _tells(rule, wrong, among):
                return Rule(f"{kind.words}, and there only {rule.words}", rule.holds)
    return None


def _parted(made: list[Made]) -> tuple[list[Made], list[Made]]:
    return [one for one in made if one.wrong], [one for one in made if not one.wrong]


def _tells(rule: Rule, wrong: Sequence[Made], right: Sequence[Made]) -> bool:
    if not all(map(rule.holds, wrong)) or any(map(rule.holds, right)):
        return False
    if rule.chances * LUCK > math.comb(len(wrong) + len(right), len(wrong)):
        return False
    if not rule.by_request:
        return True
    requests = {(one.key, one.vector) for one in wrong}
    others = {(one.key, one.vector) for one in right} - requests
    if len(requests) == 1 and (rule.dense or all(one.op == DIGEST for one in wrong)):
        return True  # what is special about it can hardly be anything but its size
    return rule.chances * LUCK_BY_REQUEST <= math.comb(len(requests) + len(others), len(requests))


def _rules(wrong: Sequence[Made], right: Sequence[Made]) -> Iterator[Rule]:
    """All that hold for the wrong ones, the simplest first."""
    yield from _kinds(wrong)
    yield from _lengths(_SIZE, wrong, right)
    yield from _lengths(_AAD, wrong, right)
    yield Rule("AAD without text", lambda one: one.size == 0 < one.aad_size, 4, True)
    yield Rule("with more AAD than text", lambda one: one.aad_size > one.size, 4, True)
    yield from _places(wrong)
    yield from _crowds(wrong, right)
    yield from _numbers(wrong, right)
    yield from _residues(wrong, right)


# ---- what a request is ----


def _kinds(wrong: Sequence[Made]) -> Iterator[Rule]:
    first = wrong[0]
    yield Rule(
        "in place" if first.in_place else "out of place", lambda one: one.in_place == first.in_place, 2
    )
    kinds: list[tuple[str, Callable[[Made], object], bool]] = [
        ("decryption" if first.op == DECRYPT else f"{first.op}ion", lambda one: one.op, first.op != DIGEST),
        (first.data, lambda one: one.data, bool(first.data)),
        (first.iv, lambda one: one.iv, bool(first.iv)),
        ("chained sessions", lambda one: one.chained, first.chained),
        ("sessions that are not chained", lambda one: one.chained, not first.chained),
        (f"texts in pieces of {first.piece} bytes", lambda one: one.piece, bool(first.piece)),
        (f"IVs of {first.iv_size} bytes", lambda one: (one.algorithm, one.iv_size), True),
        (f"tags of {first.tag_size} bytes", lambda one: (one.algorithm, one.tag_size), True),
        (first.algorithm, lambda one: one.algorithm, True),
        (f"with key {first.key}", lambda one: one.key, True),
    ]
    for words, what, sensible in kinds:
        if sensible and len({what(one) for one in wrong}) == 1:
            yield Rule(words, _same(what, first), 20)


def _same(what: Callable[[Made], object], first: Made) -> Callable[[Made], bool]:
    value = what(first)
    return lambda one: what(one) == value


# ---- lengths ----


class _Length(NamedTuple):
    """A length that requests have, and how it is spoken of."""

    what: Callable[[Made], int]
    one: str
    more: str
    begin: str
    above: str
    below: str
    none: str

    def __call__(self, number: int) -> str:
        return many(number, self.one, self.more)


_SIZE = _Length(lambda one: one.size, "byte", "bytes", "", "above", "below", "empty texts")
_AAD = _Length(
    lambda one: one.aad_size, "byte of AAD", "bytes of AAD", "with ", "more than", "fewer than", "without AAD"
)


def _lengths(length: _Length, wrong: Sequence[Made], right: Sequence[Made]) -> Iterator[Rule]:
    """One length, every length from or up to one, and a band."""
    what, begin = length.what, length.begin
    least, most = _ends(map(what, wrong))
    others = sorted(set(map(what, right)))
    values = len({*others, *map(what, wrong)})
    below = max((value for value in others if value < least), default=None)
    above = min((value for value in others if value > most), default=None)
    near_below = below is not None and _adjacent(below, least, right)
    near_above = above is not None and _adjacent(most, above, right)
    if least == most and not least:
        yield Rule(length.none, lambda one: what(one) == 0, values, True)
    elif above is None and below is not None:
        words = (
            f"{length.above} {length(below)}"
            if near_below
            else f"{length(least)} or more ({below} are right)"
        )
        yield Rule(begin + words, lambda one: what(one) >= least, 2, True)
    elif below is None and above is not None:
        words = f"{length(most)} or fewer ({above} are right)"
        if near_above:
            words = (
                f"{length.below} {length(above)}"
                if least < most
                else f"{'' if begin else 'at '}{length(most)}"
            )
        yield Rule(begin + words, lambda one: what(one) <= most, 2, True, near_above)
    else:
        words = (
            f"{begin or 'at '}{length(least)}" if least == most else f"{begin}from {least} to {length(most)}"
        )
        if not (near_below and near_above):
            words += f" ({below} and {above} are right)"
        yield Rule(words, lambda one: least <= what(one) <= most, values, True, near_below and near_above)


def _adjacent(below: int, above: int, right: Iterable[Made]) -> bool:
    """Whether there is no length between, for an algorithm whose sizes are multiples of a block."""
    unit = math.gcd(*(one.size for one in right)) or 1
    return above - below <= max(1, unit if unit in (8, 16) else 1)


def _ends(values: Iterable[int]) -> tuple[int, int]:
    found = list(values)
    return min(found), max(found)


def _residues(wrong: Sequence[Made], right: Sequence[Made]) -> Iterator[Rule]:
    """Sizes, or lengths of AAD, of a certain remainder."""
    for what, name in ((_SIZE.what, "sizes"), (_AAD.what, "AAD")):
        least = min(map(what, wrong))
        for modulus in REMAINDERS:
            found = {what(one) % modulus for one in wrong}
            yield from _remainders(what, name, modulus, found, least, right)


def _remainders(
    what: Callable[[Made], int], name: str, modulus: int, found: set[int], least: int, right: Sequence[Made]
) -> Iterator[Rule]:
    first, last = min(found), max(found)
    begins = any(what(one) < least and first <= what(one) % modulus <= last for one in right)
    since = f", from {least} bytes on" if begins else ""

    def holds(one: Made) -> bool:
        return first <= what(one) % modulus <= last and (what(one) >= least or not begins)

    of = f"{name} of " if name != "AAD" else "with AAD of "
    if len(found) == 1:
        words = f"a multiple of {modulus}" if not first else f"{first} mod {modulus}"
        if since == f", from {modulus} bytes on" and not first:
            since = ""  # of course
        yield Rule(f"{of}{words}{since}", holds, 2 * modulus, True)
    elif first > 0 and last == modulus - 1 and all(what(one) % modulus == 0 for one in right):
        yield Rule(f"{of}no multiple of {modulus}", lambda one: what(one) % modulus != 0, 4, True)
    elif last - first < min(MOST_RANGE, modulus // 2):
        yield Rule(f"{of}{first} to {last} mod {modulus}{since}", holds, modulus * modulus, True)


# ---- where it lies ----


def _places(wrong: Sequence[Made]) -> Iterator[Rule]:
    ends: list[tuple[str, Callable[[Made], int], Callable[[Made], int]]] = [
        ("output", lambda one: one.dst_at, lambda one: one.size),
        ("input", lambda one: one.src_at, lambda one: one.size),
        ("IV", lambda one: one.iv_at, lambda one: one.iv_size),
        ("AAD", lambda one: one.src_at - one.aad_size, lambda one: one.aad_size),
    ]
    iv, aad = (_across(at, size) for _, at, size in ends[2:])
    yield Rule("where the IV and the AAD lie across two pages", lambda one: iv(one) and aad(one), 30)
    for name, at, size in ends:
        yield Rule(f"where the {name} lies across two pages", _across(at, size), 30)
        yield Rule(f"where the {name} ends with a page", _to_the_end(at, size), 30)
        least = min(at(one) % PAGE for one in wrong)
        if least >= PAGE - LINE:
            words = f"where the {name} begins in the last {many(PAGE - least, 'byte')} of a page"
            yield Rule(words, _late(at, least), 100)
    for modulus in (4, 8, 16, 64):
        words = f"where input and output are aligned differently, modulo {modulus}"
        yield Rule(words, _off(lambda one: one.src_at - one.dst_at, modulus), 10)
    for name, at, _ in ends:
        for modulus in MODULI:
            yield from _alignments(name, at, modulus, {at(one) % modulus for one in wrong})


def _alignments(name: str, at: Callable[[Made], int], modulus: int, found: set[int]) -> Iterator[Rule]:
    if found == {0}:
        yield Rule(f"where the {name} is on a multiple of {modulus}", _on(at, modulus), 30)
    elif 0 not in found:
        yield Rule(f"where the {name} is not on a multiple of {modulus}", _off(at, modulus), 30)
        if len(found) == 1 and modulus <= LINE:
            (rest,) = found
            yield Rule(f"where the {name} is at {rest} mod {modulus}", _on(at, modulus, rest), 200)


def _on(at: Callable[[Made], int], modulus: int, rest: int = 0) -> Callable[[Made], bool]:
    return lambda one: at(one) % modulus == rest


def _off(at: Callable[[Made], int], modulus: int) -> Callable[[Made], bool]:
    return lambda one: at(one) % modulus != 0


def _late(at: Callable[[Made], int], least: int) -> Callable[[Made], bool]:
    return lambda one: at(one) % PAGE >= least


def _across(at: Callable[[Made], int], size: Callable[[Made], int]) -> Callable[[Made], bool]:
    return lambda one: at(one) % PAGE + size(one) > PAGE


def _to_the_end(at: Callable[[Made], int], size: Callable[[Made], int]) -> Callable[[Made], bool]:
    return lambda one: size(one) > 0 and (at(one) + size(one)) % PAGE == 0


# ---- when it is made ----


def _crowds(wrong: Sequence[Made], right: Sequence[Made]) -> Iterator[Rule]:
    least, most = _ends(one.outstanding for one in wrong)
    if least > max(one.outstanding for one in right):
        yield Rule(f"with more than {least - 1} outstanding", lambda one: one.outstanding >= least, 2)
    elif most < min(one.outstanding for one in right):
        words = "with nothing else outstanding" if most == 1 else f"with at most {most} outstanding"
        yield Rule(words, lambda one: one.outstanding <= most, 2)
    elif least == most:
        yield Rule(f"with {least} outstanding", lambda one: one.outstanding == least, 64)


def _numbers(wrong: Sequence[Made], right: Sequence[Made]) -> Iterator[Rule]:
    """Numbers count from 0, and words from 1."""
    least, most = _ends(one.number for one in wrong)
    if least == most:
        yield Rule(f"a session's {ordinal(least + 1)} request", lambda one: one.number == least, 100)
    if least > max(one.number for one in right):
        yield Rule(f"from a session's {ordinal(least + 1)} request on", lambda one: one.number >= least, 2)
    elif most < min(one.number for one in right):
        yield Rule(f"up to a session's {ordinal(most + 1)} request", lambda one: one.number <= most, 2)
    step = math.gcd(*(one.number - least for one in wrong))
    if step > 1:
        rest = (least + 1) % step
        words = f"every {ordinal(step)} request of a session"
        if rest:
            words += f", from the {ordinal(least + 1)} on"
        yield Rule(words, lambda one: (one.number + 1) % step == rest and one.number >= least, step * 50)


def ordinal(number: int) -> str:
    """1st, 2nd, 4,096th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
