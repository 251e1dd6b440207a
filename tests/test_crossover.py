"""From which size on: the arithmetic, and the sentences."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchsuite.crossover import FASTER, SLOWER, UNDECIDED, Point, Span, crossover, rounded, sentence

SIZES = (16, 64, 256, 1024, 4096, 16384)


def line(per_request: float, per_byte: float, sizes=SIZES, doubt: float = 0.01) -> list[Point]:
    """A backend that costs so much per request and per byte, known within `doubt` of it."""
    seconds = [per_request + per_byte * size for size in sizes]
    return [Point(size, s, s * (1 - doubt), s * (1 + doubt)) for size, s in zip(sizes, seconds, strict=True)]


def times(*seconds: float, doubt: float = 0.0) -> list[Point]:
    return [Point(size, s, s - doubt, s + doubt) for size, s in zip(SIZES, seconds, strict=False)]


def said(base: list[Point], challenger: list[Point]) -> str:
    found = crossover(base, challenger)
    assert found is not None
    return sentence(found, "software", "dev")


def test_a_device_with_a_price_per_request_pays_from_some_size_on():
    software, device = line(1e-7, 1e-9), line(3e-6, 1e-10)
    found = crossover(software, device)
    assert found.start == 4096
    assert found.spans == (Span(SLOWER, 16, 1024), Span(FASTER, 4096, 16384))
    assert found.at == pytest.approx(2.9e-6 / 0.9e-9, rel=0.1)  # where the straight lines themselves meet
    assert sentence(found, "software", "dev") == (
        f"dev is faster than software from 4096 B on, interpolated at {found.at / 1024:.1f} KiB"
    )


def test_times_that_are_powers_of_the_size_meet_exactly_where_they_do():
    base, challenger = [
        [Point(size, s, s, s) for size in SIZES for s in (factor * size**power,)]
        for factor, power in ((1e-8, 1.0), (1e-8 * 500**0.75, 0.25))
    ]
    assert crossover(base, challenger).at == pytest.approx(500, rel=1e-9)


@pytest.mark.parametrize(
    ("base", "challenger", "expected"),
    [
        ((1, 2, 3), (4, 5, 6), "dev is never faster than software up to 256 B"),
        ((4, 5, 6), (1, 2, 3), "dev is faster than software at every size measured (16 to 256 B)"),
        ((1, 2, 3), (1, 2, 3), "dev against software: undecided at every size measured (16 to 256 B)"),
        ((1,), (2,), "dev is never faster than software up to 16 B"),
        ((2,), (1,), "dev is faster than software at 16 B, the only size"),
        ((2,), (2,), "dev against software: undecided at 16 B, the only size"),
        ((2, 2, 2), (1, 3, 3), "dev against software: faster at 16 B, slower at 64 to 256 B"),
        ((2, 2, 2), (3, 3, 2), "dev is never faster than software up to 64 B; undecided at 256 B"),
        ((2, 2, 2), (2, 1, 1), "dev is faster than software from 64 B on; undecided at 16 B"),
        ((2, 2, 2), (1, 2, 2), "dev against software: faster at 16 B, undecided at 64 to 256 B"),
        (
            (2, 2, 2),
            (1, 3, 1),
            "dev is faster than software from 256 B on, interpolated at 107 B; also at 16 B",
        ),
        ((2, 2, 2), (2, 3, 3), "dev is never faster than software up to 256 B; undecided at 16 B"),
    ],
)
def test_what_is_said(base, challenger, expected):
    assert said(times(*base), times(*challenger)) == expected


def test_where_the_last_line_fails_is_not_called_never_up_to_there():
    """`never up to` names the largest size at which that is known."""
    text = said(times(2, 2, 2, 2, doubt=0.1), times(3, 3, 2.05, 1.95, doubt=0.1))
    assert text == "dev is never faster than software up to 64 B; undecided at 256 to 1024 B"


def test_an_overlap_next_to_the_crossing_is_said_and_the_lines_still_meet():
    software, device = times(2, 2, 2, 2, doubt=0.1), times(4, 3, 2.1, 1, doubt=0.1)
    found = crossover(software, device)
    assert [span.verdict for span in found.spans] == [SLOWER, UNDECIDED, FASTER]
    assert found.start == 1024 and 256 < found.at < 1024
    assert said(software, device).endswith("; undecided at 256 B")


def test_a_request_without_payload_has_a_verdict_but_no_place_on_the_axis():
    found = crossover(line(1, 1, (0, 64)), line(2, 0.001, (0, 64)))
    assert found.spans == (Span(SLOWER, 0, 0), Span(FASTER, 64, 64))
    assert found.start == 64 and found.at is None


def test_only_sizes_of_both_count():
    assert crossover(line(1, 1, (16, 64)), line(1, 1, (32, 128))) is None
    assert crossover([], line(1, 1)) is None
    found = crossover(line(1, 1, (16, 64, 256)), line(3, 3, (64, 1024)))
    assert found.spans == (Span(SLOWER, 64, 64),)


@pytest.mark.parametrize(
    ("size", "text"), [(310.4, "310 B"), (3174.4, "3.1 KiB"), (1 << 20, "1.0 MiB"), (1023.4, "1023 B")]
)
def test_interpolated_sizes_are_rounded(size, text):
    assert rounded(size) == text


SECONDS = st.floats(1e-9, 1.0)


@st.composite
def curves(draw) -> list[Point]:
    sizes = sorted(draw(st.sets(st.integers(0, 1 << 24), min_size=1, max_size=8)))
    return [_point(draw, size) for size in sizes]


def _point(draw, size: int) -> Point:
    seconds, doubt = draw(SECONDS), draw(st.floats(0, 0.5))
    return Point(size, seconds, seconds * (1 - doubt), seconds * (1 + doubt))


@st.composite
def pairs(draw) -> tuple[list[Point], list[Point]]:
    base = draw(curves())
    return base, [_point(draw, point.size) for point in base]


@given(pairs())
def test_spans_cover_every_size_in_order_and_alternate(pair):
    base, challenger = pair
    found = crossover(base, challenger)
    sizes = [point.size for point in base]
    assert found.spans[0].first == sizes[0] and found.spans[-1].last == sizes[-1]
    for left, right in zip(found.spans, found.spans[1:], strict=False):
        assert left.verdict != right.verdict
        assert sizes.index(left.last) + 1 == sizes.index(right.first)
    for span in found.spans:
        for size in sizes[sizes.index(span.first) : sizes.index(span.last) + 1]:
            a, b = base[sizes.index(size)], challenger[sizes.index(size)]
            assert (span.verdict == FASTER) == (b.high < a.low)
            assert (span.verdict == SLOWER) == (b.low > a.high)


@given(pairs())
def test_start_is_the_smallest_size_from_which_all_are_faster(pair):
    base, challenger = pair
    found = crossover(base, challenger)
    faster = [b.high < a.low for a, b in zip(base, challenger, strict=True)]
    expected = next((a.size for i, a in enumerate(base) if all(faster[i:])), None)
    assert found.start == expected


@given(pairs())
def test_the_lines_meet_below_start_and_above_what_is_slower(pair):
    base, challenger = pair
    found = crossover(base, challenger)
    if found.at is None:
        return
    assert found.start is not None and found.at <= found.start
    slower = [span.last for span in found.spans if span.verdict == SLOWER]
    assert not slower or found.at >= max(slower) * (1 - 1e-9)


@given(pairs())
def test_a_slower_size_before_start_always_has_a_meeting_after_it(pair):
    base, challenger = pair
    found = crossover(base, challenger)
    assume(found.start is not None and any(span.verdict == SLOWER for span in found.spans))
    last = [span for span in found.spans if span.verdict != UNDECIDED and span.last < found.start]
    if last and last[-1].verdict == SLOWER and last[-1].last > 0:
        assert found.at is not None


@given(pairs())
def test_changing_sides_swaps_faster_and_slower(pair):
    base, challenger = pair
    other = {FASTER: SLOWER, SLOWER: FASTER, UNDECIDED: UNDECIDED}
    there, back = crossover(base, challenger), crossover(challenger, base)
    assert [other[span.verdict] for span in there.spans] == [span.verdict for span in back.spans]


@given(pairs(), st.floats(0.001, 1000))
def test_the_unit_of_time_does_not_matter(pair, factor):
    """Of the meeting; a verdict at the last bit of an interval may turn with any factor."""
    base, challenger = pair
    scaled = [[Point(p.size, *(x * factor for x in (p.seconds, p.low, p.high))) for p in c] for c in pair]
    there, also = crossover(base, challenger), crossover(*scaled)
    if there.spans == also.spans and there.at is not None and also.at is not None:
        assert math.isclose(there.at, also.at, rel_tol=1e-6)


@given(pairs())
def test_every_answer_has_a_sentence_of_one_line(pair):
    text = sentence(crossover(*pair), "software", "afalg:x")
    assert "software" in text and "afalg:x" in text and "\n" not in text and "None" not in text
