"""Findings say what was planted in the figures, and nothing where nothing was."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from math import sqrt
from pathlib import Path

import planted as planted_pairs
import pytest
from by_backend_fixture import paths
from findings_fixture import DEPTHS, SIZES, failed, over, planted, result
from hypothesis import given, settings
from hypothesis import strategies as st
from report_fixture import everything, sizes

from benchsuite import api, stats, store
from benchsuite.compare.crossovers import meetings
from benchsuite.compare.labels import shown
from benchsuite.findings import Finding, findings
from benchsuite.findings.figures import Figures
from benchsuite.findings.registry import KINDS, MOST
from benchsuite.findings.words import Names
from benchsuite.kernel_cost import kernel_costs
from benchsuite.model import Case, CaseResult, Result
from benchsuite.report import render
from benchsuite.report.charts.entries import collect
from benchsuite.report.html import page as html

SEEDS = range(30)
REFERENCE = sorted((Path(__file__).parents[1] / "results" / "reference").glob("*.json"))
CBC = Case("software", "aes-128-cbc")
OTHER = replace(CBC, backend="other")
ALL_KINDS = {
    "scaling", "switches", "ways", "crossover", "kernel", "depth", "prices", "algorithms", "directions",
    "key lengths", "instrument", "single", "verdicts",
}  # fmt: skip


def every(of: Result) -> list[Finding]:
    """What all kinds find, also beyond what is told."""
    figures = Figures(of)
    return [each for find in KINDS for each in find(figures)]


def of_kind(kind: str, of: Result) -> list[Finding]:
    return [each for each in every(of) if each.kind == kind]


def one(kind: str, cases: Sequence[CaseResult], **environment: object) -> Finding:
    (found,) = of_kind(kind, result(cases, **environment))
    return found


def number(found: Finding, key: str) -> float:
    value = found.figures[key]
    assert isinstance(value, float | int)
    return value


# Scaling.


@settings(max_examples=25, deadline=None)
@given(workers=st.integers(2, 32), share=st.floats(0.3, 1.0), seed=st.integers(0, 999))
def test_scaling_is_found(workers: int, share: float, seed: int) -> None:
    truth = workers * share
    if abs(truth - 1) < 0.1:
        return
    cases = over("workers", (1, workers), CBC, lambda n: 1e-6 / (1 if n == 1 else truth), seed=seed)
    found = one("scaling", cases)
    assert number(found, "low_ratio") <= truth <= number(found, "high_ratio")
    assert number(found, "workers") == workers
    assert found.text.startswith(f"{workers} CPUs carry {'less ' if truth < 1 else ''}")
    assert number(found, "ideal_fraction") == pytest.approx(share, rel=0.05)


@pytest.mark.parametrize("noise", [0.001, 0.01, 0.05])
def test_workers_that_bring_nothing_are_not_said_to(noise: float) -> None:
    for seed in SEEDS:
        found = one("scaling", over("workers", (1, 2, 4), CBC, lambda n: 1e-6, noise=noise, seed=seed))
        assert re.match(
            r"4 CPUs carry no more|Whether 4 CPUs carry more .* these values do not tell", found.text
        )


def test_workers_that_may_bring_something_are_said_to_be_unsure() -> None:
    """An interval from below 1 to far above it is no proof that more CPUs carry no more."""
    cases = [planted(CBC, 1.1e-6, noise=0.3, seed=3), planted(replace(CBC, workers=2), 1e-6, noise=0.3)]
    found = one("scaling", cases)
    assert number(found, "low_ratio") < 1 < 1.1 < number(found, "high_ratio")
    assert found.text.startswith(
        "Whether 2 CPUs carry more aes-128-cbc than one alone, these values do not tell"
    )


def test_what_scales_worse_is_named_and_the_engine_is_the_floor() -> None:
    gcm, null = replace(CBC, algorithm="aes-128-gcm"), replace(CBC, backend="null")
    workers = (1, 2, 4, 8)
    cases = over("workers", workers, CBC, lambda n: 1e-6 / n**0.98)
    cases += over("workers", workers, gcm, lambda n: 5e-7 / sqrt(n))
    cases += over("workers", workers, null, lambda n: 1e-8 / n)
    work, floor = of_kind("scaling", result(cases))
    assert re.match(r"8 CPUs carry 7\.\d+ times the aes-128-cbc of one alone, 9\d% of the ideal;", work.text)
    assert re.search(r"; aes-128-gcm scales worse, 2\.\d+ times\.$", work.text)
    assert "it is not what limits" in floor.text


def test_workers_beyond_the_cpus_are_no_cpus_and_what_is_lost_is_said() -> None:
    cases = [*over("workers", (1, 4), CBC, lambda n: 1e-6 / n), failed(replace(CBC, workers=8), "hang")]
    found = one("scaling", cases, benchsuite_cpus_usable=2)
    assert found.text.startswith("4 workers carry") and "no figure at workers 8 (hang)" in found.text


# Crossover, ways, kernel.


@settings(max_examples=25, deadline=None)
@given(at=st.floats(100, 30000), seed=st.integers(0, 999))
def test_a_crossover_is_found(at: float, seed: int) -> None:
    """software: 100 ns and 2 ns a byte; the other has a quarter of that a byte, and meets it at `at`."""
    cases = over("request_size", SIZES, CBC, lambda n: 1e-7 + 2e-9 * n, noise=0.003, seed=seed)
    request = 1e-7 + 1.5e-9 * at
    cases += over("request_size", SIZES, OTHER, lambda n: request + 5e-10 * n, noise=0.003, seed=seed)
    found = one("crossover", cases)
    start = number(found, "start_bytes")
    assert start == min(size for size in SIZES if size > at * 0.97) or start == min(
        s for s in SIZES if s > at * 1.1
    )
    assert re.fullmatch(r"other is faster than software from [\d.]+ (B|KiB) on\.", found.text)


def test_crossovers_at_several_depths_are_one_sentence() -> None:
    cases = over("request_size", SIZES, CBC, lambda n: 1e-7 + 2e-9 * n)
    cases += over("request_size", SIZES, OTHER, lambda n: 1e-3 + 1e-9 * n)
    deep, other = replace(CBC, q_len=16), replace(OTHER, q_len=16)
    cases += over("request_size", SIZES, deep, lambda n: 1e-7 + 2e-9 * n)
    cases += over("request_size", SIZES, other, lambda n: 1e-5 + 1e-10 * n)
    text = one("crossover", cases).text
    assert re.fullmatch(
        r"other is faster than software from 5\.\d KiB on at q_len 16, never up to 65536 B at q_len 1\.", text
    )


@pytest.mark.parametrize("noise", [0.001, 0.01, 0.05])
def test_backends_that_are_the_same_are_not_told_apart(noise: float) -> None:
    for seed in SEEDS:
        cases = [
            case
            for base in (CBC, OTHER)
            for case in over("request_size", SIZES, base, lambda n: 1e-7 + 2e-9 * n, noise=noise, seed=seed)
        ]
        assert of_kind("crossover", result(cases)) == []
        assert one("ways", cases).text == "other is not told apart from software in any of 7 cases."


def test_the_cheapest_way_and_what_is_not_here() -> None:
    found = of_kind("ways", paths())
    assert "the cheapest way is software in all 12 cases" in found[0].text
    assert "no figure of cryptodev (unavailable)" in found[0].text
    assert "afalg:virtio_crypto_aes_cbc at 16384 B" in found[1].text


def test_the_kernels_price_is_the_tables() -> None:
    of = paths()
    measured = [case for case in of.cases if case.measured]
    costs = kernel_costs((case, stats.summary(case)) for case in measured)
    seconds = [each.seconds for each in costs if each and each.seconds is not None]
    (found,) = of_kind("kernel", of)
    assert number(found, "afalg least_seconds") == pytest.approx(min(seconds))
    assert number(found, "afalg most_seconds") == pytest.approx(max(seconds))


# Depth, prices, switches.


@settings(max_examples=25, deadline=None)
@given(full=st.sampled_from(DEPTHS[1:-1]), seed=st.integers(0, 999))
def test_the_depth_that_fills_a_backend_is_found(full: int, seed: int) -> None:
    cases = [
        planted(
            replace(CBC, q_len=q),
            1e-5 / min(q, full),
            noise=0.005,
            seed=seed,
            latency=1e-5 * max(1, q / full),
        )
        for q in DEPTHS
    ]
    found = one("depth", cases)
    assert number(found, "q_len") == full
    assert found.text.startswith(f"From q_len {full} on software has its full rate, ")
    assert "a request takes 10.0 µs there (p50), " in found.text and "at q_len 128" in found.text


@pytest.mark.parametrize("noise", [0.001, 0.01, 0.05])
def test_depth_that_brings_nothing_is_not_said_to(noise: float) -> None:
    for seed in SEEDS:
        found = one("depth", over("q_len", DEPTHS, CBC, lambda q: 1e-6, noise=noise, seed=seed))
        assert "gains software nothing" in found.text and "even" not in found.text


def test_a_rate_that_still_rises_has_no_depth_that_is_enough() -> None:
    found = one("depth", over("q_len", DEPTHS, CBC, lambda q: 1e-5 / q))
    assert "still rises at q_len 128" in found.text


def test_depths_of_many_workloads_are_of_workloads_and_do_not_repeat_what_all_have() -> None:
    cases = []
    for size in (64, 512, 1024, 4096):
        for most in (8,) if size == 64 else (16,):
            base = replace(CBC, request_size=size)
            cases += over("q_len", DEPTHS, base, lambda q, most=most: max(1e-5 / q, 1e-5 / most))
    found = one("depth", cases)
    assert found.text.startswith(
        "4 of 4 workloads reach the full rate at q_len 8 to 16, 512 B, 1024 B and 4096 B last"
    )


def test_prices_are_within_their_range() -> None:
    hits = 0
    for seed in SEEDS:
        cases = over("request_size", SIZES, CBC, lambda n: 3e-7 + 2e-9 * n, seed=seed)
        found = one("prices", cases)
        low, high = (
            number(found, f"aes-128-cbc encrypt {which}_seconds_per_request") for which in ("low", "high")
        )
        hits += low <= 3e-7 <= high
        assert number(found, "aes-128-cbc encrypt seconds_per_byte") == pytest.approx(2e-9, rel=0.05)
    assert hits >= 0.85 * len(SEEDS)
    assert found.text.startswith("A request of aes-128-cbc costs ") and "below about 15" in found.text


def test_times_that_are_on_no_line_have_no_price() -> None:
    cases = over("request_size", SIZES, CBC, lambda n: 1e-6 * (100 if n == 256 else 1))
    assert of_kind("prices", result(cases)) == []


def test_switches_cost_what_was_planted() -> None:
    def time(batch: int, cbimm: int) -> float:
        return 1e-6 + 5e-7 * (batch > 0) + 8e-7 * (cbimm == 0)

    cases = [planted(replace(CBC, q_len=40, batch=b, cbimm=c), time(b, c)) for b in (0, 1, 8) for c in (0, 1)]
    found = one("switches", cases)
    assert number(found, "batch least_seconds") == pytest.approx(5e-7, rel=0.1)
    assert number(found, "cbimm most_seconds") == pytest.approx(8e-7, rel=0.1)
    assert re.match(r"batch costs a request 4\d\d to 5\d\d ns, .*; cbimm 0 costs a request ", found.text)


def test_switches_that_do_nothing_are_said_to() -> None:
    for seed in SEEDS:
        cases = [
            planted(replace(CBC, q_len=40, batch=b, cbimm=c), 1e-6, noise=0.02, seed=seed)
            for b in (0, 1)
            for c in (0, 1)
        ]
        said = one("switches", cases).text
        assert said.count("makes no difference that these values tell") == 2


# Algorithms, directions, keys, the instrument, one figure.


def test_the_fastest_algorithm_and_the_cpus_that_a_line_takes() -> None:
    times = {"aes-128-gcm": 5e-7, "aes-128-cbc": 1e-6, "3des-cbc": 5e-5}
    cases = [planted(replace(CBC, algorithm=name), seconds) for name, seconds in times.items()]
    found = one("algorithms", cases)
    assert found.text.startswith("At 1488 B aes-128-gcm is the fastest of 3 algorithms, 23")
    assert re.search(
        r"3des-cbc the slowest, 23\d Mbps a CPU: 10 Gbit/s take 0\.42 and 42 CPUs\.$", found.text
    )


def test_algorithms_that_are_the_same_have_no_fastest() -> None:
    names = ("aes-128-gcm", "aes-128-cbc", "aes-128-ctr")
    for seed in SEEDS:
        cases = [planted(replace(CBC, algorithm=name), 1e-6, noise=0.02, seed=seed) for name in names]
        assert of_kind("algorithms", result(cases)) == []


def test_parallel_decryption_and_longer_keys() -> None:
    def time(bits: int, op: str) -> float:
        return 1e-6 * (1 + 0.4 * (bits == 256)) / (5 if op == "decrypt" else 1)

    cases = [
        planted(replace(CBC, algorithm=f"aes-{bits}-cbc", op=op), time(bits, op))
        for bits in (128, 256)
        for op in ("encrypt", "decrypt")
    ]
    ctr = replace(CBC, algorithm="aes-128-ctr")
    cases += [planted(replace(ctr, op=op), 1e-6, noise=0.003) for op in ("encrypt", "decrypt")]
    found = one("directions", cases)
    assert re.match(
        r"At 1488 B decryption is (4\.9|5)[\d.]*( to 5[\d.]*)? times as fast as encryption for", found.text
    )
    assert "for 1 of 3 algorithms the two are not told apart" in found.text
    assert number(one("key lengths", cases), "aes-cbc") == pytest.approx(1.4, rel=0.03)


def test_the_engine_and_the_way_through_queues() -> None:
    queued = replace(CBC, q_len=40, batch=1, cbimm=0)
    cases = [planted(CBC, 1e-6), planted(queued, 1.5e-6)]
    cases += [planted(replace(CBC, backend="null"), 1e-8), planted(replace(queued, backend="null"), 3e-7)]
    engine, way = of_kind("instrument", result(cases))
    assert re.match(r"The engine itself takes (9\.9|10\.)\d* ns of a request called directly", engine.text)
    assert re.search(r"% of software's, and \d+ ns of a request through queues", engine.text)
    assert number(engine, "queued_fraction") == pytest.approx(0.2, rel=0.05)
    assert re.search(r"\(q_len 40, batch 1, cbimm 0\) costs .* (49\d|50\d) ns, (49|50)% more\.$", way.text)


def test_no_share_is_told_where_the_engine_alone_took_longer_than_the_whole_work() -> None:
    cases = [planted(CBC, 1e-6), planted(replace(CBC, backend="null"), 1.3e-6)]
    (engine,) = of_kind("instrument", result(cases))
    assert engine.text.endswith("called directly (too disturbed to tell its share of software's).")
    assert "direct_seconds" in engine.figures and "direct_fraction" not in engine.figures


def test_an_iv_is_told_only_of_what_takes_one() -> None:
    rsa, sha = Case("wolfcrypt:SW", "rsa-2048", "encrypt", 0), Case("wolfcrypt:SW", "sha256", "digest")
    names = Names([replace(CBC, iv="chained"), rsa, sha])
    assert names.algorithm(replace(CBC, iv="chained")) == "aes-128-cbc (iv chained)"
    assert names.algorithm(rsa) == "rsa-2048" and names.algorithm(sha) == "sha256"


def test_one_figure_is_said_with_its_range() -> None:
    (found,) = findings(result([planted(replace(CBC, q_len=40), 1e-6)]))
    assert found.kind == "single" and found.text.startswith("software carries 11")
    assert "q_len 40" in found.text and "known to ±" in found.text


# Verdicts.


def test_many_times_as_fast_is_said_in_times_not_in_percent() -> None:
    _, of = planted_pairs.gate([planted_pairs.noisy(-0.9, 0.01, 0)], one_sided=False)
    (found,) = of_kind("verdicts", of)
    assert re.search(r"1 of 1 case faster: aes-128-cbc \(2\.4\d times as fast\)\.$", found.text)


def test_verdicts_are_those_of_compare() -> None:
    changes = [planted_pairs.noisy(change, 0.01, seed) for seed, change in enumerate((0.2, 0.0, 0.0))]
    _, of = planted_pairs.gate(changes, one_sided=False)
    (labelled,) = shown(of)
    (found,) = of_kind("verdicts", labelled)
    assert found.figures["slower"] == 1 and found.figures["faster"] == 0
    assert re.search(r": 1 of 3 cases slower: .*16 B by 1\d%", found.text)
    assert findings(labelled)[0] == found
    assert not of_kind("ways", labelled)  # sides by themselves tell less than pairs do


# What holds for all of them.


@pytest.fixture(
    params=[everything, paths, sizes, *REFERENCE],
    ids=lambda each: getattr(each, "stem", None) or each.__name__,
)
def any_result(request: pytest.FixtureRequest) -> Result:
    given = request.param
    return shown(store.load(given) if isinstance(given, Path) else given())[0]


def test_findings_are_sentences_of_one_line(any_result: Result) -> None:
    assert every(any_result)
    for each in every(any_result):
        assert each.text.endswith(".") and each.text.isprintable() and "  " not in each.text
        assert each.kind in ALL_KINDS
        assert json.loads(json.dumps(each.to_dict()))["text"] == each.text


def test_no_finding_contradicts_the_table(any_result: Result) -> None:
    by_name = {case.name: case for case in any_result.cases if case.measured}
    for each in every(any_result):
        if each.kind == "algorithms":
            fast, slow = (by_name[str(each.figures[key])] for key in ("fastest", "slowest"))
            assert stats.summary(fast).rate > stats.summary(slow).rate
        if each.kind == "crossover" and "challenger" in each.figures and "start_bytes" in each.figures:
            met = meetings(any_result.cases, str(each.figures["base"]))
            starts = {m.found.start for m in met if m.challenger == each.figures["challenger"]}
            assert each.figures["start_bytes"] in starts


def test_a_result_is_answered_in_about_five_sentences(any_result: Result) -> None:
    assert sum(each.text.count(". ") + 1 for each in findings(any_result)) <= MOST


def test_hundreds_of_devices_are_a_short_answer() -> None:
    cases = []
    for q in (1, 16, 128):
        cases += over("request_size", SIZES, replace(CBC, q_len=q), lambda n: 1e-7 + 2e-9 * n)
    for number_ in range(40):
        device = replace(CBC, backend=f"sim:{number_}")
        for q in (1, 16, 128):
            cases += over(
                "request_size", SIZES, replace(device, q_len=q),
                lambda n, q=q, k=number_: 1e-6 * k / q + 1e-10 * (k + 1) * n,
                values=1, processes=1, noise=0, simulated="yes", clock="virtual", confidence="table",
            )  # fmt: skip
    found = findings(result(cases))
    assert sum(len(each.text) for each in found) < 2000
    assert "of 40 backends overtake software somewhere" in found[0].text
    fastest = max((case for case in cases), key=lambda case: stats.summary(case).rate)
    assert [each.figures["case"] for each in found if "The fastest is" in each.text] == [fastest.name]
    assert all("simulated, from published figures" in each.text for each in found if each.simulated)


def test_the_best_of_many_backends_is_said_with_its_algorithm() -> None:
    """Which gains most is a matter of the algorithm where there are several."""
    cases = []
    for name, gain in (("aes-128-cbc", 2), ("sha256", 9)):
        of = replace(CBC, algorithm=name, op="digest" if name == "sha256" else "encrypt")
        cases += over("request_size", SIZES, of, lambda n: 1e-6 + 2e-9 * n)
        for k in range(8):
            each = replace(of, backend=f"b{k}")
            cases += over(
                "request_size", SIZES, each, lambda n, k=k, g=gain: (1e-6 + 2e-9 * n) / (g + k / 10)
            )
    most = next(each.text for each in findings(result(cases)) if "gains most" in each.text)
    assert re.match(
        r"At 16 B b7 gains most over software, .* times.* in sha256 at q_len 1; at 65536 B b7", most
    )


def test_many_backends_with_single_values_overtake_nobody_by_chance() -> None:
    cases = []
    for number_ in range(12):
        backend = replace(CBC, backend=f"b{number_}")
        cases += over("request_size", SIZES, backend, lambda n: 1e-7 + 2e-9 * n, values=1, processes=1)
    for each in of_kind("crossover", result(cases)):
        assert each.text.startswith("None of 11 backends overtakes b0") and "few values" in each.text


def test_what_is_simulated_or_emulated_or_of_few_values_says_so() -> None:
    modelled = {"simulated": "yes", "clock": "virtual", "confidence": "assumption"}

    def times(size: int) -> float:
        return 1e-7 + 2e-9 * size

    plain = over("request_size", SIZES, CBC, times)
    model = over(
        "request_size", SIZES, replace(CBC, backend="sim:x"), times, values=1, processes=1, **modelled
    )
    few = over("request_size", SIZES, CBC, times, values=1, processes=2)
    assert all(not each.simulated and "(" not in each.text[-30:] for each in every(result(plain)))
    assert all(each.simulated and "simulated, a guess" in each.text for each in every(result(model)))
    assert all("few values" in each.text for each in every(result(few)))
    inside = every(result(plain, benchsuite_lab="6.1, tcg, 2 CPUs"))
    assert inside and all("on this emulated CPU" in each.text for each in inside)


def test_times_by_different_clocks_have_no_ratio() -> None:
    cases = over("request_size", SIZES, CBC, lambda n: 1e-7 + 2e-9 * n)
    cases += over("request_size", SIZES, OTHER, lambda n: 1e-6 + 1e-9 * n, imported_clock="user CPU")
    assert {each.kind for each in every(result(cases))} == {"prices"}


def test_nothing_is_said_of_nothing() -> None:
    assert findings(result([])) == []
    assert findings(result([failed(CBC), failed(OTHER)])) == []


# Where they are printed.


def test_findings_stand_last_on_a_terminal_and_in_markdown() -> None:
    of = sizes()
    found = [each.text for each in findings(*shown(of))]
    assert found
    for width in (80, 100, 200):
        text = render(of, "table", width)
        last = text.rstrip("\n").rpartition("\n\n")[2]
        assert last.startswith("Findings:\n- ") and max(map(len, last.splitlines())) <= width
        assert re.sub(r"\s+", " ", last) == " ".join(["Findings:", *(f"- {each}" for each in found)])
    assert f"\n- {found[0]}\n" in render(of, "markdown", None)
    across = render(of, "table", None, across="backend")
    assert across.rstrip("\n").endswith(f"- {found[-1]}")


@pytest.mark.parametrize("across", [None, "backend"])
def test_programs_read_them(across: str | None) -> None:
    of = sizes()
    data = json.loads(render(of, "json", None, across=across))
    assert data["findings"] == [each.to_dict() for each in findings(*shown(of))]
    assert api.Result.of(of, None).findings == findings(*shown(of))


def test_the_page_begins_with_them_and_leads_to_the_plots() -> None:
    text = html.render(collect([("sizes.json", sizes())]))
    first = text.index('<section id="findings"')
    assert first < text.index('<section id="glance"')
    section = text[first : text.index("</section>", first)]
    for each in findings(*shown(sizes())):
        assert each.text in unescape(section)
    for link in re.findall(r'href="#([\w-]+)"', section):
        assert f'<section id="{link}"' in text
    assert section.count("<a ") >= 2
