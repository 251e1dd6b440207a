"""The tcrypt backend without a kernel that has it: what it loads, what it refuses, what it makes of real
logs. With one: tests/lab/test_tcrypt.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from command import Cli

from benchsuite import algorithms, backends
from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends import MeasureError
from benchsuite.backends.tcrypt import module, parameters
from benchsuite.backends.tcrypt.parameters import Options, Parameters, parse_options
from benchsuite.formats.tcrypt.log import parse
from benchsuite.model import CHAINED, BenchsuiteError, Case, Measure

SAMPLES = Path(__file__).parent / "samples" / "tcrypt"
MODE_500 = "6.1-async-skcipher-seconds-mode500.log"
SECONDS = Measure(processes=2, values=1, warmups=0, min_time=1.0)


def case(algorithm: str = "aes-128-cbc", **changes: Any) -> Case:
    found = algorithms.find(algorithm)
    usual = {"backend": "tcrypt", "op": found.ops[0], "request_size": 1024, "aad_size": found.aad_size}
    return Case(algorithm=algorithm, **(usual | changes))


def test_modprobe_is_not_found_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs as root: what $PATH names may be anybody's."""
    for name in ("mine", "kernels"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "modprobe").write_text("#!/bin/sh\n")
        (tmp_path / name / "modprobe").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "mine"))
    monkeypatch.setattr(module, "_MODPROBES", (str(tmp_path / "nowhere/modprobe"),))
    own = tmp_path / "own"
    monkeypatch.setattr(module, "_KERNELS_OWN", own)
    for said in (None, "modprobe\n", "/bin/true\n", "\n"):
        if said is not None:
            own.write_text(said)
        with pytest.raises(MeasureError, match="no modprobe here"):
            module._modprobe()
    own.write_text(f"{tmp_path}/kernels/modprobe\n")
    assert module._modprobe() == f"{tmp_path}/kernels/modprobe"


def ways(what: Case, setting: str = "") -> list[list[str]]:
    """The module's parameters, in the order in which they are tried, for values of one second."""
    options, algorithm = parse_options(setting), algorithms.find(what.algorithm)
    parameters.check(what, algorithm, options)
    return [way.arguments(1) for way in parameters.ways(what, algorithm, options)]


# The setting


def test_settings() -> None:
    assert parse_options("") == Options()
    assert parse_options("cycles") == Options(cycles=True)
    assert parse_options("sync,cycles") == Options(cycles=True, sync=True)
    assert parse_options("whole") == Options(whole=True)
    nested = "rfc4309(ccm_base(ctr-aes-aesni,cbcmac(aes-aesni)))"
    assert parse_options(f"cycles,driver={nested}") == Options(cycles=True, driver=nested)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("cycle", "did you mean 'cycles'"),
        ("seconds,", "it takes cycles, sync, whole, driver=NAME"),
        ("driver=", "not one of /proc/crypto's drivers"),
        ("driver=a b", "not one of /proc/crypto's drivers"),
        ("cyclesdriver=x", "'cyclesdriver=x' is no setting of it"),
        ("sync,driver=cbc-aes-aesni", "leave sync and whole out"),
        (",", "it takes"),
    ],
)
def test_a_wrong_setting_is_a_sentence(setting: str, says: str, cli: Cli) -> None:
    with pytest.raises(BenchsuiteError, match=says):
        parse_options(setting)
    with pytest.raises(MeasureError, match=says) as caught:
        backends.of(f"tcrypt:{setting}").version()
    assert caught.value.kind == "unavailable"
    assert says in cli.refuses("run", "tcrypt", "-b", f"tcrypt:{setting}", "--dry-run")


# What is loaded


@pytest.mark.parametrize(
    ("what", "setting", "expected"),
    [
        (case(), "", ["mode=600 alg=cbc(aes) klen=16 num_mb=1 sec=1", "mode=500 sec=1"]),
        (case(), "whole", ["mode=500 sec=1"]),
        (case(), "sync", ["mode=200 sec=1"]),
        (case(q_len=4), "", ["mode=600 alg=cbc(aes) klen=16 num_mb=4 sec=1", "mode=600 num_mb=4 sec=1"]),
        (case(q_len=4), "whole", ["mode=600 num_mb=4 sec=1"]),
        (case(), "driver=cbc-aes-aesni", ["mode=600 alg=cbc-aes-aesni klen=16 num_mb=1 sec=1"]),
        (case("aes-256-xts"), "", ["mode=600 alg=xts(aes) klen=64 num_mb=1 sec=1", "mode=500 sec=1"]),
        (case("3des-cbc"), "whole", ["mode=501 sec=1"]),
        (case("des-cbc", q_len=2), "whole", ["mode=602 num_mb=2 sec=1"]),
        (case("aes-128-gcm"), "", ["mode=211 sec=1"]),
        (case("aes-128-gcm", q_len=8), "", ["mode=215 num_mb=8 sec=1"]),
        (case("aes-128-ccm"), "", ["mode=212 sec=1"]),
        (case("chacha20-poly1305", aad_size=0), "", ["mode=213 sec=1"]),
        (case("sha256"), "", ["mode=404 sec=1"]),
        (case("sha256"), "sync", ["mode=304 sec=1"]),
        (case("sha256"), "driver=sha256-ni", ["mode=400 alg=sha256-ni sec=1"]),
        (case("hmac-sha1"), "", ["mode=400 alg=hmac(sha1) klen=20 sec=1"]),
        (case("hmac-sha1"), "sync", ["mode=300 alg=hmac(sha1) klen=20 sec=1"]),
    ],
)
def test_parameters_of_the_module(what: Case, setting: str, expected: list[str]) -> None:
    assert [" ".join(way) for way in ways(what, setting)] == expected


def test_every_algorithm_with_a_mode_has_parameters_and_an_estimate() -> None:
    for name, algorithm in ALGORITHMS.items():
        aad = parameters.AAD.get(algorithm.name_in("tcrypt") or "", 0)
        if algorithm.names("tcrypt") is None:
            with pytest.raises(MeasureError, match=re.escape(f"no mode that times {name}")):
                ways(case(name))
            continue
        for way in parameters.ways(case(name, aad_size=aad), algorithm, Options()):
            assert parameters.tests(way) >= 14


@pytest.mark.parametrize(
    ("what", "setting", "says"),
    [
        (case(batch=1), "", "no queues"),
        (case(cbimm=0), "", "no queues"),
        (case(workers=2), "", "no queues"),
        (case(rate=1000), "", "needs rate 0"),
        (case(rate_percent=50, arrival="poisson"), "", "needs rate 0"),
        (case(iv=CHAINED), "", "chains nothing"),
        (case("chacha20-poly1305"), "", "0 bytes of additional data, not 8: set aad_size = 0"),
        (case("aes-128-gcm", aad_size=20), "", "8 bytes of additional data, not 20"),
        (case("sha256", q_len=2), "", "needs q_len 1"),
        (case("aes-128-gcm"), "sync", "leave `sync` out"),
        (case(q_len=2), "sync", "leave `sync` out"),
        (case("aes-128-gcm"), "driver=generic-gcm-aesni", "leave `driver=` out"),
        (case("aes-192-cbc+hmac-sha1"), "", "no mode"),
        (case("aes-256-ccm"), "", "no mode"),
    ],
)
def test_what_tcrypt_never_does_is_refused_with_the_reason(what: Case, setting: str, says: str) -> None:
    with pytest.raises(MeasureError, match=says) as caught:
        ways(what, setting)
    assert caught.value.kind == "unsupported"


# What a log answers


def log_of(name: str) -> Any:
    return parse((SAMPLES / name).read_text().splitlines())


def pick(name: str, what: Case, options: Options | None = None) -> Any:
    wanted = parameters.wanted(what, algorithms.find(what.algorithm), options or Options())
    return parameters.pick(log_of(name), wanted)


def test_the_figure_of_a_case() -> None:
    record = pick(MODE_500, case("aes-192-cbc", op="decrypt", request_size=1424))
    assert (record.algorithm, record.direction, record.key_bits, record.size) == (
        "cbc(aes)",
        "decryption",
        192,
        1424,
    )
    record = pick("6.1-aead-cycles-mode212.log", case("aes-128-ccm", request_size=512))
    assert (record.key_bits, record.size) == (152, 512)
    record = pick("6.12-aead-cycles-mode213.log", case("chacha20-poly1305", request_size=8192))
    assert (record.key_bits, record.size) == (288, 8192)


def test_of_a_hash_the_line_with_one_update() -> None:
    record = pick("6.1-hash-seconds-mode303.log", case("sha1", request_size=2048))
    assert (record.size, record.update, record.updates) == (2048, 2048, 1)


def test_a_driver_that_was_named_is_the_name_in_the_header() -> None:
    lines = [
        "tcrypt: testing speed of multibuffer cbc-aes-aesni (cbc-aes-aesni) encryption",
        "tcrypt: test 0 (128 bit key, 1024 byte blocks): 1 operation in 2146 cycles (1024 bytes)",
    ]
    wanted = parameters.wanted(case(), ALGORITHMS["aes-128-cbc"], Options(driver="cbc-aes-aesni"))
    assert parameters.pick(parse(lines), wanted).cycles == 2146


@pytest.mark.parametrize(
    ("name", "what", "kind", "says"),
    [
        (MODE_500, case(request_size=1000), "unsupported", "the nearest are 256 and 1024"),
        (MODE_500, case(request_size=8), "unsupported", "the nearest are 16$"),
        (MODE_500, case(request_size=65536), "unsupported", "the nearest are 4096$"),
        (MODE_500, case("3des-cbc"), "unsupported", r"does not time cbc\(des3_ede\)"),
        ("6.12-aead-cycles-mode213.log", case("aes-128-gcm"), "unsupported", "does not time gcm"),
        ("6.1-hash-without-key.log", case("hmac-sha1"), "error", "says: hashing failed ret=-126"),
    ],
)
def test_what_a_log_does_not_have(name: str, what: Case, kind: str, says: str) -> None:
    with pytest.raises(MeasureError, match=says) as caught:
        pick(name, what)
    assert caught.value.kind == kind


def test_a_key_that_this_kernel_does_not_time() -> None:
    lines = [
        "tcrypt: testing speed of rfc4106(gcm(aes)) (rfc4106-gcm-aesni) encryption",
        "tcrypt: test 0 (160 bit key, 1024 byte blocks): 1 operation in 701 cycles (1024 bytes)",
    ]
    wanted = parameters.wanted(case("rfc4106-aes-256-gcm"), ALGORITHMS["rfc4106-aes-256-gcm"], Options())
    with pytest.raises(MeasureError, match="keys of 160 bits, not 288"):
        parameters.pick(parse(lines), wanted)


def test_an_algorithm_that_the_kernel_has_not() -> None:
    wanted = parameters.Wanted("nosuch(aes)", "encryption", 128, 16)
    with pytest.raises(MeasureError, match=r"says: failed to load transform for nosuch\(aes\): -2") as caught:
        parameters.pick(log_of("6.12-no-such-algorithm.log"), wanted)
    assert caught.value.kind == "unsupported"


def test_a_figure_that_the_kernel_log_lost() -> None:
    log = parse(["** 40 printk messages dropped **"])
    with pytest.raises(MeasureError, match="log_buf_len") as caught:
        parameters.pick(log, parameters.Wanted("cbc(aes)", "encryption", 128, 16))
    assert caught.value.kind == "error"


def test_an_older_tcrypt_passes_over_alg() -> None:
    alone = Parameters(600, "cbc(aes)", 16, 4)
    assert parameters.took(log_of("6.12-mbskcipher-cycles-alg.log"), alone)
    assert not parameters.took(log_of("6.1-mbskcipher-seconds-mode600.log"), alone)
    # Not there is an answer too, and not that of a whole mode.
    assert parameters.took(log_of("6.12-no-such-algorithm.log"), Parameters(600, "nosuch(aes)", 16, 4))


# The kernel log


def kmsg(number: int, text: str) -> str:
    return f"6,{number},{number * 1000},-;{text}\n"


def test_only_what_comes_after_our_mark() -> None:
    since = module.Since("tcrypt sec=1 (mark 1f)")
    marks = [f"benchsuite: tcrypt sec=1 (mark {mark})" for mark in ("1e", "1f")]
    for number, text in enumerate(["tcrypt: old", marks[0], "old", marks[1], "new"]):
        since.add(kmsg(number, text))
    assert since.text() == "6,4,4000,-;new"


def test_messages_overwritten_before_they_were_read_are_told() -> None:
    since = module.Since("mark")
    for number, text in ((7, "mark"), (8, "a"), (12, "b")):
        since.add(kmsg(number, text))
    assert since.text().splitlines()[1] == "** 3 printk messages dropped **"
    assert parse(since.text().splitlines()).lost


def test_a_mark_that_never_came_is_an_error() -> None:
    since = module.Since("mark")
    since.add(kmsg(1, "something else"))
    with pytest.raises(MeasureError, match="did not come back"):
        since.text()


# Loading


@pytest.mark.parametrize(
    ("said", "log", "says"),
    [
        (
            "modprobe: ERROR: could not insert 'tcrypt': Operation not permitted\n",
            "4,1,2,-;Lockdown: modprobe: unsigned module loading is restricted; see man kernel_lockdown.7",
            "^could not insert 'tcrypt': Operation not permitted; Lockdown: modprobe: .*; it takes root",
        ),
        ("modprobe: ERROR: could not insert 'tcrypt': Key was rejected by service\n", "", "Secure Boot"),
        ("modprobe: ERROR: could not insert 'tcrypt': Exec format error\n", "", "another kernel"),
        ("modprobe: FATAL: Module tcrypt not found in directory /lib/modules/6\n", "", "^Module tcrypt not"),
        ("", "", "modprobe said nothing"),
    ],
)
def test_a_refusal_has_the_kernels_words(said: str, log: str, says: str) -> None:
    with pytest.raises(MeasureError, match=says) as caught:
        module._check_end(1, said, log)
    assert caught.value.kind == "unavailable"


def test_the_refusal_on_purpose_is_success() -> None:
    said = "modprobe: ERROR: could not insert 'tcrypt': Resource temporarily unavailable\n"
    module._check_end(1, said, "")


def test_a_mode_that_printed_nothing() -> None:
    with pytest.raises(MeasureError, match="no figure at all"):
        parameters.pick(parse([]), parameters.Wanted("cbc(aes)", "encryption", 128, 16))


def test_one_at_work_already_is_waited_for_by_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = tmp_path / "modules"
    monkeypatch.setattr(module, "_MODULES", modules)
    modules.write_text("ext4 1024 1 - Live 0x0\ntcrypt_helper 1 0 - Loading 0x0\ntcrypt 49152 0 - Live 0x0\n")
    assert module.at_work() == ""
    modules.write_text("ext4 1024 1 - Live 0x0\ntcrypt 49152 1 - Loading 0x0\n")
    assert "wait until it has gone" in backends.of("tcrypt:cycles").left_running()
    with pytest.raises(MeasureError, match="wait until it has gone"):
        module.load(["mode=600"])
