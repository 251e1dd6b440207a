"""Devices' files: those that come along held against what was published, and what a person may get wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulated import ALGORITHM, device_text, write

from benchsuite import algorithms, backends, sim
from benchsuite.backends import MeasureError
from benchsuite.confidence import CONFIDENCES
from benchsuite.keys import REQUIRED
from benchsuite.model import DECRYPT, BenchsuiteError, Case, Measure
from benchsuite.native import drivers, lib, text_buffer, text_of
from benchsuite.sim import reading, table
from benchsuite.sim.files import DIRECTORY

README = (DIRECTORY / "README.md").read_text()


# ---- the devices that come along ----


def mbps(backend: str, **changes: Any) -> float:
    case = Case(backend, **changes)
    engine: Any = backends.open_case(case)
    value = engine.run(0)
    assert engine.facts()["simulated"] == "yes"
    engine.close()
    return float(case.request_size * 8 / value.per_request / 1e6)


POINTS = [(name, point) for name in sim.names() for point in sim.load(name).points]


@pytest.mark.parametrize("name, point", POINTS, ids=lambda what: getattr(what, "request_size", what))
def test_a_device_gives_back_what_it_was_calibrated_on(name: str, point: sim.Point) -> None:
    keys = ("algorithm", "op", "request_size", "q_len", "batch", "cbimm", "workers")
    changes = {key: getattr(point, key) for key in keys}
    if point.op == DECRYPT and algorithms.find(point.algorithm).authenticated:
        changes["in_place"] = False  # it needs its input again
    found = mbps(f"sim:{name}", **changes)
    assert found == pytest.approx(point.mbps.value, rel=0.01)


@pytest.mark.parametrize("name", sim.names())
def test_every_figure_of_a_device_has_a_source(name: str) -> None:
    device = sim.load(name)
    figures = [each for section in device.quantities.values() for each in section.values()]
    figures += [each for rate in device.rates for each in (rate.setup_us, rate.rate_mbps)]
    figures += [point.mbps for point in device.points]
    assert all(figure.source for figure in figures)
    assert len(device.about) > 100 and not device.quantities.get("faults")
    plain = tomllib.loads((DIRECTORY / f"{name}.toml").read_text())
    assert all(isinstance(v, dict) for section in table.SECTIONS for v in plain.get(section, {}).values())


def test_what_is_known_of_the_three() -> None:
    geode, hifn, qat = (sim.load(name) for name in ("geode-lx", "hifn7956", "qat-8970"))
    assert geode.confidences == {"table": ["aes-128-cbc"]}
    assert geode.value("completion", "mode") == "sync"
    assert "3des-cbc+hmac-sha1" in hifn.confidences["table"]
    assert "aes-128-cbc" in hifn.confidences["assumption"]
    assert hifn.value("ring", "depth") == 23 and hifn.value("sessions", "limit") == 256
    assert set(qat.confidences) == {"assumption"} and qat.rates[0].rate_mbps.confidence == "headline"
    assert not {"sha256", "aes-128-gcm"} & set(hifn.algorithms)


def test_between_the_points_of_the_geode_lies_a_line() -> None:
    """The chip is linear in the size: the published sizes in between are predicted from the outer two."""
    t16, t8192 = 128 / 4.604, 65536 / 261.58
    for size in (64, 256, 1024):
        line = t16 + (t8192 - t16) * (size - 16) / (8192 - 16)
        assert mbps("sim:geode-lx", algorithm=ALGORITHM, request_size=size) == pytest.approx(
            size * 8 / line, rel=0.001
        )


def test_the_hifn_needs_a_queue_and_is_full_with_the_ring() -> None:
    rates = {
        q: mbps("sim:hifn7956", algorithm="3des-cbc+hmac-sha1", request_size=1432, q_len=q)
        for q in (1, 2, 23, 64)
    }
    assert rates[1] < 0.85 * rates[2] and rates[2] == pytest.approx(rates[64], rel=0.02)
    engine: Any = backends.open_case(Case("sim:hifn7956", "aes-128-cbc", q_len=64, batch=1))
    engine.run(5000)
    assert engine.counters()["high_water"] == 23 and engine.counters()["busy"] > 0
    engine.close()


def test_a_card_frees_the_cpu_that_an_instruction_takes() -> None:
    shares = {}
    for name in ("geode-lx", "hifn7956"):
        engine: Any = backends.open_case(Case(f"sim:{name}", "aes-128-cbc", request_size=1024, q_len=8))
        value = engine.run(5000)
        shares[name] = value.cpu / value.wall
        engine.close()
    assert shares["geode-lx"] == pytest.approx(1, abs=1e-6) and shares["hifn7956"] < 0.4


def test_more_sessions_than_the_table_holds_are_refused() -> None:
    with pytest.raises(MeasureError, match="table of hifn7956 is full: it holds 256, and 257 are asked for"):
        backends.open_case(Case("sim:hifn7956,sessions=257", "aes-128-cbc"))
    backends.open_case(Case("sim:hifn7956,sessions=256", "aes-128-cbc")).close()


# ---- the document ----


def default_text(field: table.Field) -> str:
    if field.default is REQUIRED:
        return "required"
    if field.default is None:
        return "none"
    if field.default in ("", {}):
        return "-"
    return f'`"{field.default}"`' if isinstance(field.default, str) else f"`{str(field.default).lower()}`"


TABLES = {"## The file": table.FILE, "## `[[algorithm]]`": table.ALGORITHM, "## `[[point]]`": table.POINT} | {
    f"## `[{section}]`": fields for section, fields in table.SECTIONS.items()
}


@pytest.mark.parametrize("heading", TABLES)
def test_readme_documents_every_key_and_no_other(heading: str) -> None:
    """A failure shows the rows as they must be."""
    section = README.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    found = [line for line in section.splitlines() if line.startswith("|")]
    rows = [f"| `{f.name}` | {f.kind.what} | {default_text(f)} | {f.doc} |" for f in TABLES[heading]]
    assert found == ["| key | takes | default | meaning |", "|---|---|---|---|", *rows]


def test_readme_says_what_a_confidence_means() -> None:
    for confidence, meaning in CONFIDENCES.items():
        assert f"| `{confidence}` | {meaning} |" in README


def test_the_examples_of_the_readme_are_devices(tmp_path: Path) -> None:
    example = README.partition("\n<!-- file: mine.toml -->\n```toml\n")[2].partition("```")[0]
    path = write(tmp_path, example)
    device = sim.load(str(path))
    assert device.confidences == {"measured": ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc"]}
    assert mbps(f"sim:{path}", algorithm="aes-128-cbc", request_size=8192, q_len=32) > 700


# ---- what a person may get wrong ----

GOOD = 'title = "x"\n[ring]\ndepth = 8\n[[algorithm]]\nname = "aes-128-cbc"\nsetup_us = 1\nrate_mbps = 100\n'
RATE = "[[algorithm]]\nname = 'aes-128-cbc'\nsetup_us = 1\nrate_mbps = 100\n"
BAD = {
    "title = [": "end of document: Invalid value",
    "": "title is missing",
    GOOD.replace("[ring]\ndepth = 8\n", ""): r"\[ring\] depth is missing",
    GOOD.replace("depth = 8", "depth = 0"): r"\[ring\] depth: 0 is not a whole number from 1 to 65536",
    GOOD.replace("depth = 8", "depth = -3"): "depth: -3 is not",
    GOOD.replace("depth = 8", "depth = 1e3"): "depth: 1000.0 is not a whole number",
    GOOD.replace("depth = 8", "depth = true"): "depth: true is not",
    GOOD.replace("depth = 8", "depth = '8'"): "depth: '8' is not",
    GOOD.replace("depth = 8", "dept = 8"): "unknown key 'dept': did you mean 'depth'",
    GOOD.replace("rate_mbps = 100", "rate_mbps = 0"): "rate_mbps: 0 is not a number from 0.001 to 10000000",
    GOOD.replace("rate_mbps = 100", "rate_mbps = -1"): "rate_mbps: -1 is not",
    GOOD.replace("rate_mbps = 100", "rate_mbps = inf"): "rate_mbps: inf is not",
    GOOD.replace("rate_mbps = 100", "rate_mbps = nan"): "rate_mbps: nan is not",
    GOOD.replace("rate_mbps = 100\n", ""): "algorithm 1: rate_mbps is missing",
    GOOD.replace("setup_us = 1\n", ""): "algorithm 1: setup_us is missing",
    GOOD.replace("setup_us = 1", "setup_us = 1e9"): "setup_us: 1000000000.0 is not a number from 0",
    GOOD.replace("aes-128-cbc", "aes-129-cbc"): "unknown algorithm 'aes-129-cbc': did you mean",
    GOOD.replace("aes-128-cbc", "rot*"): "no algorithm is like 'rot",
    GOOD.replace('"aes-128-cbc"', "7"): "name: 7 is not the name of an algorithm",
    GOOD.partition("[[")[0]: r"it does nothing: add an \[\[algorithm\]\]",
    GOOD + RATE: "algorithm 1 and 2 both have aes-128-cbc at the same sizes",
    GOOD + "from_size = 9\nto_size = 8\n": "from_size 9 is above to_size 8",
    GOOD + "colour = 1\n": "algorithm 1: unknown key 'colour'",
    GOOD + "[paint]\n": "unknown key 'paint'",
    GOOD + "[host]\ncpus = 0\n": r"\[host\] cpus: 0 is not",
    GOOD + "[host]\nsubmit_us = -1\n": "submit_us: -1 is not",
    GOOD + "[host]\nsubmit_us = { value = 1, source = 'x' }\n": r"'x' is not a key of \[sources\]",
    GOOD + "[host]\nsubmit_us = { value = 1, confidence = 'sure' }\n": "confidence: 'sure' is not",
    GOOD + "[host]\nsubmit_us = { confidence = 'table' }\n": "value is missing",
    GOOD + "[bus]\ncrossings = 2\n": "crossings without bandwidth_mbps",
    GOOD + "[bus]\nbandwidth_mbps = 0\n": "bandwidth_mbps: 0 is not",
    GOOD + "[completion]\ncount = 4\n": "count above 1 needs time_us",
    GOOD + "[completion]\nmode = 'poll'\n": "needs period_us",
    GOOD + "[completion]\nperiod_us = 4\n": "period_us is for mode",
    GOOD + "[completion]\nmode = 'poll'\nperiod_us = 4\ncount = 2\n": "count is for interrupts",
    GOOD + "[completion]\nmode = 'poll'\nperiod_us = 4\n[host]\ninterrupt_us = 4\n": "must be above",
    GOOD + "[completion]\nmode = 'sync'\n": r"leave \[ring\] out",
    GOOD.replace("[ring]\ndepth = 8", "[units]\ncpus = true\n[completion]\nmode = 'sync'"): r"\[units\] cpus",
    GOOD + "[completion]\nmode = 'later'\n": "'later' is not",
    GOOD + "[sessions]\nbeyond = 'evict'\n": r"\[sessions\] limit is missing",
    GOOD + "[sessions]\nlimit = 4\nbeyond = 'evict'\n": "needs reload_us",
    GOOD + "[sessions]\nlimit = 4\nreload_us = 4\n": "reload_us is for beyond",
    GOOD + "[faults]\nerror = 1.5\n": "error: 1.5 is not a number from 0 to 1",
    GOOD.replace("depth = 8", "depth = 65536\ncount = 1024"): "count times depth",
    GOOD.replace('"x"', f'"{"x" * 91}"'): "more than 90 bytes",
    GOOD.replace('"x"', "1"): "title: 1 is not",
    GOOD.replace("[[algorithm]]", "[algorithm]"): r"not one or more tables, \[\[algorithm\]\]",
    "ring = 1\n" + GOOD.replace("[ring]\ndepth = 8\n", ""): "ring: 1 is not a table",
    GOOD + "[[point]]\nalgorithm = 'sha1'\nrequest_size = 1\nmbps = 1\nop = 'decrypt'\n": "sha1 has digest",
}


def test_the_good_file_is_good(tmp_path: Path) -> None:
    assert sim.load(str(write(tmp_path, GOOD))).algorithms == ["aes-128-cbc"]


@pytest.mark.parametrize("text", BAD, ids=lambda text: BAD[text][:40])
def test_a_bad_file_is_a_sentence(text: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BenchsuiteError, match=BAD[text]) as caught:
        sim.load(str(path))
    assert path.name in str(caught.value) and len(str(caught.value).splitlines()) == 1
    with pytest.raises(MeasureError, match=BAD[text]):
        backends.of(f"sim:{path}").version()


def test_files_that_are_none(tmp_path: Path) -> None:
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * ((1 << 20) + 1))
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for name, what in (
        ("hifn-7956", "did you mean 'hifn7956'"),
        ("zzz", "there is no device 'zzz'"),
        (str(tmp_path), "is a directory; name a .toml file"),
        ("./none.toml", "no such file; `benchsuite list devices`"),
        (str(large), "larger than 1 MB: this cannot be a device's file"),
        (str(binary), "line 1: not UTF-8, as TOML must be"),
        ("/\0", "no path of a file"),
    ):
        with pytest.raises(BenchsuiteError, match=what):
            sim.load(name)


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert sim.load(str(path)).value("ring", "depth") == 8
    path.write_text(GOOD.replace("depth = 8", "depth = 12"))
    assert sim.load(str(path)).value("ring", "depth") == 12


# TOML as a person could have written it: known words in known and unknown places, values of any kind.
words = st.sampled_from(
    [*table.SECTIONS, "title", "algorithm", "point", "sources", "x"]
    + [field.name for fields in (*table.SECTIONS.values(), table.ALGORITHM, table.POINT) for field in fields]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["sync", "poll", "evict", "sha1", "*"])
    | st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(extra=st.dictionaries(words, values, max_size=4), keep=st.booleans())
def test_any_file_is_a_device_or_a_sentence(extra: dict[str, Any], keep: bool) -> None:
    data = (tomllib.loads(GOOD) if keep else {}) | extra
    try:
        device = reading.read(data, "device test", "test")
    except BenchsuiteError as error:
        assert str(error).startswith("device test: ") and "\n" not in str(error)
    else:
        assert device.algorithms


# ---- settings ----


@pytest.mark.parametrize(
    "setting, what",
    [
        ("", "which device"),
        ("seed=1", "which device"),
        ("hifn7956,seed=x", "seed=x"),
        ("hifn7956,seed=-1", "seed"),
        ("hifn7956,clock=fast", 'not "virtual" or "real"'),
        ("hifn7956,sed=1", "did you mean 'seed'"),
        ("hifn7956,seed=1,seed=2", "given twice"),
        ("hifn7956,lost=2", "lost=2"),
        ("hifn7956,lost=", "lost="),
        ("hifn7956,lost=nan", "lost=nan"),
        ("hifn7956,hang=0", "hang=0"),
        ("hifn7956,wrong=0.1", "clock=real"),
        ("geode-lx,lost=0.1", "the CPU waits for it"),
        ("hifn7956,sessions=0", "sessions=0"),
        ("hifn7956,seed=" + "9" * 40, "seed="),
    ],
)
def test_a_bad_setting_is_a_sentence(setting: str, what: str) -> None:
    with pytest.raises(MeasureError, match=what) as caught:
        backends.of(f"sim:{setting}").version()
    assert caught.value.kind == "unavailable" and "\n" not in str(caught.value)


@given(st.text(max_size=30) | st.from_regex(r"(hifn7956)?(,[a-z]{1,9}=[a-z0-9.]{0,4}){0,3}", fullmatch=True))
def test_any_setting_is_one_or_a_sentence(setting: str) -> None:
    try:
        found = sim.parse(setting)
    except BenchsuiteError as error:
        assert str(error).startswith("sim: ")
    else:
        assert found.clock == sim.clock_of(setting) and found.device


def test_a_path_may_have_commas(tmp_path: Path) -> None:
    path = tmp_path / "mine, 2nd.toml"
    path.write_text(GOOD)
    assert sim.parse(f"{path},clock=real").device == str(path)
    assert mbps(f"sim:{path},seed=3", algorithm="aes-128-cbc", request_size=64) > 1


def test_the_clock_decides_on_the_driver() -> None:
    virtual, real = (backends.of(f"sim:hifn7956{option}") for option in ("", ",clock=real"))
    assert (
        virtual.driver and virtual.driver.virtual and virtual.driver.nop and "clock=real" in virtual.untouched
    )
    assert real.driver and not real.driver.virtual and not real.untouched
    assert [driver.name for driver in drivers() if driver.backend == "sim"] == ["sim", "sim-realtime"]
    for backend in ("sim:hifn7956", "sim:hifn7956,clock=real"):
        assert backends.of(backend).version().startswith("simulated Hifn 7956")


def test_what_a_device_does_not_do_is_said() -> None:
    for case, what in (
        (Case("sim:hifn7956", "sha256"), "hifn7956 does not do sha256; it does .* and 9 more"),
        (
            Case("sim:geode-lx,clock=real", "aes-256-cbc"),
            "geode-lx does not do aes-256-cbc; it does aes-128-cbc",
        ),
    ):
        with pytest.raises(MeasureError, match=what) as caught:
            backends.open_case(case)
        assert caught.value.kind == "unsupported"


def test_entries_for_directions_and_sizes(tmp_path: Path) -> None:
    text = GOOD.partition("[[")[0] + "".join(
        f"[[algorithm]]\nname = 'aes-*-cbc'\nsetup_us = {setup}\nrate_mbps = 8000\n{more}\n"
        for setup, more in (
            (3, "op = 'decrypt'"),
            (1, "op = 'encrypt'\nto_size = 256"),
            (10, "op = 'encrypt'\nfrom_size = 1024"),
        )
    )
    backend = f"sim:{write(tmp_path, text)}"
    for size, op, setup in (
        (64, "decrypt", 3),
        (64, "encrypt", 1),
        (256, "encrypt", 1),
        (4096, "encrypt", 10),
    ):
        expected = size * 8 / (setup + size / 1000)
        found = mbps(backend, algorithm="aes-192-cbc", op=op, request_size=size)
        assert found == pytest.approx(expected, rel=1e-3)
    with pytest.raises(MeasureError, match="does not do aes-128-cbc encrypt with 512 bytes"):
        backends.open_case(Case(backend, "aes-128-cbc", request_size=512))


# ---- no endless run ----


@pytest.mark.parametrize(
    "changes, what",
    [
        ({"request_num": 1_000_000_000}, "request_num means 1000000000 simulated requests"),
        ({"request_num": 60_000_000, "workers": 2}, "120000000 simulated requests"),
        ({"q_len": 300_000, "workers": 4}, "means 1[0-9]+ simulated requests"),
    ],
)
def test_too_many_requests_are_refused(changes: dict[str, Any], what: str, tmp_path: Path) -> None:
    path = write(tmp_path, device_text(setup_us=0.1))
    engine: Any = backends.open_case(Case(f"sim:{path}", ALGORITHM, request_size=16, **changes))
    for ask in (lambda: engine.prepare(0, Measure(), None), lambda: engine.run(0)):
        with pytest.raises(MeasureError, match=what) as caught:
            ask()
        assert caught.value.kind == "unsupported"
    engine.close()


def test_a_device_that_costs_nothing_has_no_speed(tmp_path: Path) -> None:
    path = write(tmp_path, device_text(setup_us=0, rate_mbps=1e7))
    engine: Any = backends.open_case(Case(f"sim:{path}", "aes-128-cbc", request_size=16))
    with pytest.raises(MeasureError, match="take no time"):
        engine.run(10)
    engine.close()


def test_the_slowest_device_there_can_be_comes_to_an_end(tmp_path: Path) -> None:
    path = write(tmp_path, device_text(setup_us=1e7, rate_mbps=0.001))
    case = Case(f"sim:{path}", ALGORITHM, request_size=4096, q_len=8, request_num=10_000)
    engine: Any = backends.open_case(case)
    with pytest.raises(MeasureError, match="more virtual time than"):
        engine.run(0)
    engine.close()


# ---- the native core reads what Python writes, and refuses what nobody wrote ----


@pytest.mark.parametrize("name", sim.names())
@pytest.mark.parametrize("clock", [sim.VIRTUAL, sim.REAL])
def test_the_native_core_takes_every_line(name: str, clock: str) -> None:
    device = sim.load(name)
    lines = sim.lines(f"{name},clock={clock}", algorithms.find(device.algorithms[0]), "encrypt", 64)
    text = text_buffer()
    assert lib.bs_version(b"sim", lines.encode(), text, len(text)) == 0, text_of(text)
    for bad in (lines.replace("units=", "unit="), lines + "units=1\n", lines.replace("cpus=", "cpus=x")):
        assert lib.bs_version(b"sim", bad.encode(), text, len(text)) < 0
        assert "is no line of a simulated device" in text_of(text)


def test_the_native_core_takes_a_long_name_that_is_not_ascii(tmp_path: Path) -> None:
    path = tmp_path / f"ger{'ä' * 40}t.toml"
    write(tmp_path, GOOD).rename(path)
    assert "simulated x" in backends.of(f"sim:{path}").version()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60).filter(lambda raw: b"\0" not in raw))
def test_the_native_core_survives_any_text(raw: bytes) -> None:
    text = text_buffer()
    assert lib.bs_version(b"sim", raw, text, len(text)) < 0 and text_of(text)
