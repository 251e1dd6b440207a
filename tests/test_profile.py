from __future__ import annotations

import itertools
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchsuite import profile
from benchsuite.model import BenchsuiteError, Case, Measure, Plan

MINIMAL = 'why = "w"\n[[matrix]]\nwhy = "w"\n'


def plan(matrix: str = "", *overrides: str, top: str = "", **options: Any) -> Plan:
    """The plan of a profile with one matrix of the given lines; the algorithm is aes-128-cbc unless said."""
    if "algorithm" not in matrix:
        matrix += '\nalgorithm = "aes-128-cbc"'
    text = f'why = "w"\n{top}\n[[matrix]]\nwhy = "w"\n{matrix}\n'
    return profile.expand(load_text(text), overrides, **{"cpus": 2} | options)


def load_text(text: str) -> profile.Profile:
    import tomllib

    return profile.parse(tomllib.loads(text), "p.toml", "p")


def refused(message: str, matrix: str = "", *overrides: str, **options: Any) -> None:
    with pytest.raises(BenchsuiteError) as caught:
        plan(matrix, *overrides, **options)
    assert re.search(message, str(caught.value)), str(caught.value)
    assert str(caught.value).count("\n") <= 1


# What a profile says, and what is made of it.


def test_the_defaults():
    assert plan() == Plan("p", "w", (Case("software", "aes-128-cbc"),), (Measure(),))


def test_a_tag_of_the_usual_length_is_no_other_case():
    found = plan('algorithm = ["aes-128-cbc", "hmac-sha1", "aes-128-gcm"]\ntag_size = [0, 12, 16]').cases
    assert [(case.algorithm, case.tag_size) for case in found] == [
        ("aes-128-cbc", 0),
        ("hmac-sha1", 0),
        ("hmac-sha1", 12),
        ("hmac-sha1", 16),
        ("aes-128-gcm", 0),
        ("aes-128-gcm", 12),
    ]
    assert [case.name.rpartition("cbimm=1")[2] for case in found] == [
        "",
        "",
        ",tag_size=12",
        ",tag_size=16",
        ",aad_size=8",
        ",aad_size=8,tag_size=12",
    ]


def test_every_key_reaches_its_case():
    (case,) = plan(
        'backend = "software:/x/libcrypto.so"\nalgorithm = "aes-256-gcm"\nop = "encrypt"\n'
        'request_size = "2KiB"\nq_len = 7\nbatch = 3\ncbimm = false\nworkers = 2\nin_place = false\n'
        "aad_size = 12\ntag_size = 8\nrequest_num = 9\ncrypto_q_max = 5"
    ).cases
    assert case == Case(
        backend="software:/x/libcrypto.so",
        algorithm="aes-256-gcm",
        op="encrypt",
        request_size=2048,
        q_len=7,
        batch=3,
        cbimm=0,
        workers=2,
        in_place=False,
        aad_size=12,
        tag_size=8,
        request_num=9,
        crypto_q_max=5,
    )


def test_lists_sweep_and_the_last_key_turns_fastest():
    found = plan(
        'cbimm = [1, 0]\nq_len = [4, 2]\nop = ["encrypt", "decrypt"]\nbackend = ["null", "software"]'
    ).cases
    swept = [(case.backend, case.op, case.q_len, case.cbimm) for case in found]
    assert swept == list(itertools.product(["null", "software"], ["encrypt", "decrypt"], [4, 2], [1, 0]))


def test_matrices_follow_each_other_and_a_case_is_measured_once():
    text = 'why = "w"\n' + "".join(
        f'[[matrix]]\nwhy = "w"\nalgorithm = "sha1"\nrequest_size = {sizes}\nvalues = {values}\n'
        for sizes, values in (([64, 16, 64], 3), ([16, 32], 4))
    )
    found = profile.expand(load_text(text), cpus=2)
    assert [case.request_size for case in found.cases] == [64, 16, 32]
    assert [how.values for how in found.measures] == [3, 3, 4]


def test_true_and_false_are_one_and_zero():
    found = plan("batch = [true, false, 1, 0, 2]\ncbimm = [true, 0]").cases
    assert [(case.batch, case.cbimm) for case in found] == [(1, 1), (1, 0), (0, 1), (0, 0), (2, 1), (2, 0)]
    assert all(type(case.batch) is type(case.cbimm) is int for case in found)


def test_hashes_are_one_case_however_the_rest_sweeps():
    found = plan(
        'algorithm = ["sha256", "hmac-sha1"]\nop = ["encrypt", "decrypt"]\niv = ["per-request", "chained"]\n'
        "in_place = [true, false]\naad_size = [0, 8]"
    ).cases
    assert found == (Case("software", "sha256", "digest"), Case("software", "hmac-sha1", "digest"))


@pytest.mark.parametrize(
    ("name", "op", "in_place", "aad_size"),
    [
        ("aes-128-cbc", "encrypt", True, 0),
        ("aes-128-cbc", "decrypt", True, 0),
        ("aes-128-gcm", "encrypt", True, 8),
        ("aes-128-gcm", "decrypt", False, 8),
        ("null+hmac-md5", "encrypt", True, 0),
        ("null+hmac-md5", "decrypt", False, 0),
    ],
)
def test_defaults_that_follow_from_the_algorithm(name, op, in_place, aad_size):
    (case,) = plan(f'algorithm = "{name}"\nop = "{op}"').cases
    assert (case.in_place, case.aad_size) == (in_place, aad_size)


def test_aad_is_for_what_has_a_tag():
    found = plan('algorithm = ["aes-128-cbc", "aes-128-gcm", "null+hmac-sha1"]\naad_size = 20').cases
    assert [case.aad_size for case in found] == [0, 20, 20]


def test_cases_carry_the_name_of_the_table():
    assert plan('algorithm = "AES-GCM"').cases[0].algorithm == "rfc4106-aes-128-gcm"


@pytest.mark.parametrize(
    ("name", "size", "rounded"),
    [
        ("aes-128-cbc", 1420, 1424),
        ("aes-128-cbc", 16, 16),
        ("3des-cbc", 1420, 1424),
        ("3des-cbc", 1, 8),
        ("aes-128-xts", 1, 16),
        ("aes-128-xts", 17, 17),
        ("aes-128-ctr", 1420, 1420),
        ("sha1", 1, 1),
        ("aes-128-cbc", (16 << 20) - 1, 16 << 20),
    ],
)
def test_round_size(name, size, rounded):
    (case,) = plan(f'algorithm = "{name}"\nrequest_size = {size}\nround_size = true').cases
    assert case.request_size == rounded


@pytest.mark.parametrize(
    ("cpus", "all_of_them"),
    [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6]), (8, [1, 2, 4, 8]), (5000, [*(1 << i for i in range(11))])],
)
def test_workers_up_to_all_cpus(cpus, all_of_them):
    assert [case.workers for case in plan('workers = "1..all"', cpus=cpus).cases] == all_of_them
    assert [case.workers for case in plan('workers = "all"', cpus=cpus).cases] == all_of_them[-1:]
    assert [case.workers for case in plan('workers = [1, "all"]', cpus=cpus).cases] == sorted(
        {1, all_of_them[-1]}
    )


def test_chained():
    found = plan(
        'algorithm = ["aes-128-gcm", "aes-128-cbc"]\niv = ["chained", "per-request"]\nworkers = [1, 2]'
    ).cases
    assert [(case.iv, case.aad_size) for case in found if case.workers == 1] == [
        ("chained", 0),
        ("per-request", 8),
        ("chained", 0),
        ("per-request", 0),
    ]
    assert plan('op = "decrypt"\niv = "chained"').cases[0].op == "decrypt"


def test_more_outstanding_than_crypto_q_max_is_allowed():
    assert plan("q_len = 40\ncrypto_q_max = 10").cases[0].crypto_q_max == 10


def test_measure_for_all_and_for_one_matrix():
    found = plan(
        'values = 4\nmin_time = "50ms"', top="[measure]\nvalues = 3\nprocesses = 2\nwarmups = 0\nmin_time = 1"
    )
    assert found.measures == (Measure(processes=2, values=4, warmups=0, min_time=0.05),)
    assert plan(top="[measure]\nmin_time = 1").measures == (replace(Measure(), min_time=1.0),)


def test_overrides_replace_in_every_matrix():
    found = plan(
        "q_len = [1, 2, 3]\nvalues = 2",
        "q_len=4, 5",
        "values=6",
        "batch=true",
        "min_time=30ms",
        "algorithm=sha1",
        "request_size=1k,17",
        top="[measure]\nvalues = 3",
    )
    swept = [(case.request_size, case.q_len) for case in found.cases]
    assert swept == [(1024, 4), (1024, 5), (17, 4), (17, 5)]
    assert {(case.batch, case.algorithm) for case in found.cases} == {(1, "sha1")}
    assert set(found.measures) == {Measure(values=6, min_time=0.03)}


def test_backends_replace():
    found = plan('backend = "null"', backends=["software", "software:/x, y.so"])
    assert [case.backend for case in found.cases] == ["software", "software:/x, y.so"]


def test_keys_are_what_set_takes():
    assert set(profile.settable()) == (set(profile.MATRIX) | set(profile.MEASURE)) - {"why"}
    for name, key in profile.settable().items():
        assert key.name == name
        refused(f"--set {name}: ", "", f"{name}=%")


# Mistakes.


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("request_size = 0", r"^p\.toml: matrix 1: request_size: 0 is not a size from 1 to 16MiB"),
        (
            "request_size = 17",
            r"p\.toml: matrix 1: request_size: aes-128-cbc takes multiples of 16 bytes, not 17: "
            r"try 16 or 32, or round_size = true",
        ),
        ("request_size = 15", "at least 16 bytes, not 15: try 16, or round_size"),
        ('algorithm = "aes-256-xts"\nrequest_size = 15', "aes-256-xts takes at least 16 bytes, not 15"),
        (
            'algorithm = "3des-sha1"\nrequest_size = 12',
            r"3des-cbc\+hmac-sha1 takes multiples of 8 .* try 8 or 16",
        ),
        ("request_size = 16777217", "16777217 is not a size from 1 to 16MiB"),
        ("request_size = -16", "-16 is not a size"),
        ('request_size = "64 apples"', "'64 apples' is not a size: write bytes"),
        ("request_size = 16.0", "16.0 is not a size"),
        ("request_size = true", "true is not a size"),
        ("request_size = [[16]]", "a list is not a size"),
        ("request_size = []", "request_size: an empty list makes an empty matrix"),
        ("request_size = 0x" + "f" * 5000, "a number of more than 20 digits is not a size"),
        ("q_len = 0", "q_len: 0 is not a whole number from 1 to 65536"),
        ("q_len = -1", "-1 is not"),
        ("q_len = 65537", "65537 is not"),
        ("q_len = true", "true is not a whole number"),
        ('q_len = "8"', "'8' is not a whole number"),
        ("q_len = 1.5", r"1\.5 is not a whole number"),
        ("q_len = nan", "nan is not a whole number"),
        ("q_len = 2026-01-01", "a date or time is not a whole number"),
        ("q_len = {a = 1}", "a table is not a whole number"),
        ("batch = -1", "batch: -1 is not 0 to 65536, or false or true"),
        ("cbimm = 2", "cbimm: 2 is not 0 or 1, or false or true"),
        ("workers = 0", "workers: 0 is not a whole number from 1 to 1024"),
        ("workers = 1025", "1025 is not"),
        ('workers = "some"', '\'some\' is not a whole number from 1 to 1024, "all" or "1..all"'),
        ('op = "digest"', 'op: \'digest\' is not "encrypt" or "decrypt"'),
        ('iv = "random"', '\'random\' is not "per-request" or "chained"'),
        ("in_place = 1", "in_place: 1 is not true or false"),
        (
            'algorithm = "aes-128-gcm"\nop = "decrypt"\nin_place = true',
            "in_place: aes-128-gcm decrypt cannot work in place",
        ),
        ('algorithm = "null-sha1"\nop = "decrypt"\nin_place = true', "cannot work in place"),
        ("aad_size = -1", "aad_size: -1 is not a size from 0"),
        ("tag_size = 65", "tag_size: 65 is not a size from 0"),
        (
            'algorithm = "aes-128-gcm"\ntag_size = 9',
            "has tags of 4, 8 or 12 to 16 bytes, not 9; leave tag_size out",
        ),
        ('algorithm = "aes-gcm"\ntag_size = 4', "rfc4106-aes-128-gcm has tags of 8, 12 or 16 bytes, not 4"),
        ('algorithm = "aes-128-ccm"\ntag_size = 5', "has tags of 4, 6, 8, 10, 12, 14 or 16 bytes, not 5"),
        ('algorithm = "chacha20-poly1305"\ntag_size = 12', "has tags of 16 bytes, not 12"),
        ('algorithm = "hmac-sha1"\ntag_size = 21', "tag_size: hmac-sha1 has tags of 1 to 20 bytes, not 21"),
        ('algorithm = "sha256"\ntag_size = 16', "sha256 is a digest, and whole: 32 bytes, not 16"),
        ('iv = "chained"\nalgorithm = "aes-128-gcm"\ntag_size = 8', "has no tag while it goes on"),
        ("request_num = 0", "request_num: 0 is not"),
        ("crypto_q_max = 0", "crypto_q_max: 0 is not"),
        ("round_size = [true, false]", "round_size: a list is not true or false"),
        ("values = 0", "values: 0 is not a whole number from 1"),
        ("values = [1, 2]", "values: a list is not"),
        ("processes = 101", "processes: 101 is not a whole number from 1 to 100"),
        ("warmups = -1", "warmups: -1 is not"),
        ("min_time = 0", "min_time: 0 is not a time from 1ms to 10m"),
        ("min_time = 601", "601 is not a time"),
        ("min_time = nan", "nan is not a time"),
        ("min_time = inf", "inf is not a time"),
        ("min_time = true", "true is not a time"),
        ('min_time = "1 fortnight"', "'1 fortnight' is not a duration"),
        (
            'algorithm = "aes-128-cbb"',
            "algorithm: unknown algorithm 'aes-128-cbb': did you mean 'aes-128-cbc'",
        ),
        ("algorithm = 1", "1 is not the name of an algorithm"),
        ('backend = ""', "'' is not the name of a backend"),
        ('backend = "software:"', "'software:' is not the name of a backend: NAME or NAME:SETTING"),
        ('backend = ":x"', "is not the name of a backend"),
        ('backend = "a:\\u0000"', "is not the name of a backend"),
        ("q_length = 1", r"p\.toml: matrix 1: unknown key 'q_length': did you mean 'q_len'"),
        ("zzz = 1", "unknown key 'zzz': known: why, backend, algorithm"),
        ('iv = "chained"\nq_len = 2', "iv: chained needs q_len = 1, not 2"),
        ('iv = "chained"\nbatch = 1', "iv: chained needs batch = 0, not 1"),
        ('iv = "chained"\ncbimm = false', "iv: chained needs cbimm = 1, not 0"),
        (
            'iv = "chained"\nalgorithm = "aes-128-ccm"',
            "chained is for ECB, CBC, CTR .* not for aes-128-ccm encrypt",
        ),
        ('iv = "chained"\nalgorithm = "aes-cbc-sha1"', "not for aes-128-cbc.hmac-sha1"),
        ('iv = "chained"\nalgorithm = "aes-128-gcm"\nop = "decrypt"', "not for aes-128-gcm decrypt"),
        (
            'iv = "chained"\nalgorithm = "aes-128-gcm"\naad_size = 8',
            "aad_size: a chained message has none, not 8",
        ),
    ],
)
def test_mistakes_in_a_matrix(lines, message):
    refused(message, lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"p\.toml: matrix is missing: one or more tables"),
        ('why = "w"', r"p\.toml: matrix is missing: one or more tables"),
        ('why = "w"\nmatrix = []', "matrix: a list is not one or more tables"),
        ('why = "w"\n[matrix]\nwhy = "w"', r"matrix: a table is not one or more tables, \[\[matrix\]\]"),
        ('why = "w"\nmatrix = [1]', "matrix: a list is not one or more tables"),
        ('why = "w"\nmeasure = 1\n[[matrix]]', r"measure: 1 is not a table, \[measure\]"),
        ('why = " \\n "\n[[matrix]]', "why: .* is not a sentence"),
        ('why = "\\u001b[31m"\n[[matrix]]', "why: .* is not a sentence"),
        ("why = 1\n[[matrix]]", "why: 1 is not a sentence"),
        (f'{MINIMAL}algorithm = "sha1"\n[[matrix]]\nwhy = "w"', r"p\.toml: matrix 2: algorithm is missing"),
        ('why = "w"\nq_len = 1', r"p\.toml: q_len belongs into a \[\[matrix\]\]"),
        ('why = "w"\nvalues = 1', r"p\.toml: values belongs into \[measure\] or a \[\[matrix\]\]"),
        ('why = "w"\n[[matrixx]]', "unknown key 'matrixx': did you mean 'matrix'"),
        (
            f"{MINIMAL}[measure]\nvalue = 1",
            r"p\.toml: \[measure\]: unknown key 'value': did you mean 'values'",
        ),
        (f'{MINIMAL}algorithm = "sha1"\n[measure]\nvalues = 0', r"p\.toml: \[measure\]: values: 0 is not"),
    ],
)
def test_mistakes_around_it(text, message):
    with pytest.raises(BenchsuiteError, match=message):
        load_text(text)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("q_len", "--set 'q_len': write key=value"),
        ("", "--set '': write key=value"),
        ("q_length=1", "--set: unknown key 'q_length': did you mean 'q_len'"),
        ("why=x", "--set: unknown key 'why'"),
        ("q_len=", "--set q_len: a value is missing in 'q_len='"),
        ("q_len=1,,2", "a value is missing"),
        ("q_len=0", "--set q_len: 0 is not a whole number"),
        ("q_len=1k", "--set q_len: '1k' is not a whole number"),
        ("q_len=" + "9" * 50, "is not a whole number"),
        ("values=1,2", "--set values: takes one value, not 2"),
        ("request_size=17", r"--set request_size, in p\.toml: matrix 1: aes-128-cbc takes multiples of 16"),
        ("iv=chained", r"--set iv, in p\.toml: matrix 1: chained needs q_len = 1, not 40"),
        ("algorithm=sha-257", "--set algorithm: unknown algorithm 'sha-257'"),
    ],
)
def test_mistakes_in_an_override(override, message):
    refused(message, "q_len = 40", override)


def test_a_key_set_twice():
    refused("--set q_len: given twice; one --set q_len=v,v", "", "q_len=1", "q_len=2")
    refused("--backend and --set backend: give one of them", "", "backend=null", backends=["software"])


def test_unknown_backends_are_suggested():
    known = ["null", "software", "python"]
    assert plan('backend = ["null", "software:/x"]', known_backends=known).cases
    refused(
        r"p\.toml: matrix 1: backend: unknown backend 'sofware': did you mean 'software'",
        'backend = "sofware:/x"',
        known_backends=known,
    )
    refused(
        r"^--backend: unknown backend 'x': known: null, software, python",
        backends=["x"],
        known_backends=known,
    )
    refused("--backend: '' is not the name of a backend", backends=[""])


def test_too_many_cases_are_counted_and_not_made():
    many = ", ".join(map(str, range(1, 1001)))
    refused(
        r"p\.toml: a matrix of 1000000 cases, and 20000 is the limit: narrow it with --set",
        f"q_len = [{many}]\nbatch = [{many}]",
    )
    assert len(plan(f"q_len = [{many}]\nbatch = [{many}]", "batch=1").cases) == 1000


# Files.


def test_find_and_names():
    named = dict(profile.names())
    assert {
        "quick",
        "ocf-bench",
        "tcrypt",
        "sizes",
        "queue-depth",
        "batch-cbimm",
        "esp-suites",
        "smp",
    } <= set(named)
    for name, why in named.items():
        assert profile.find(name).is_file()
        assert profile.load(profile.find(name)).why.startswith(why)
        assert why.endswith((".", "?"))
    assert profile.find("./mine") == Path("mine")
    assert profile.find("mine.toml") == Path("mine.toml")


@pytest.mark.parametrize("name", ["quik", "", "\0", "no such thing", "..", "quick\n"])
def test_find_says_what_there_is(name):
    with pytest.raises(BenchsuiteError, match=r"(?s)unknown profile .*quick.*ending in \.toml"):
        profile.find(name)


def test_a_file_of_ones_own(tmp_path):
    file = tmp_path / "my own.toml"
    file.write_bytes(b"\xef\xbb\xbf" + f'{MINIMAL}algorithm = "sha1"\r\n'.encode())
    loaded = profile.load(profile.find(str(file)))
    assert loaded.name == "my_own"
    assert profile.expand(loaded, cpus=2).cases == (Case("software", "sha1", "digest"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"why = \n", r"p\.toml: line 1, column 7: "),
        (b'why = "w"\n[[matrix]\n', r"p\.toml: line 2, column "),
        (b'why = "w', r"p\.toml: .*(line|end of document)"),
        (b'why = "w"\nq = "\xff"\n', r"p\.toml: line 2: not UTF-8"),
        (b"a = " + b"[" * 100_000, r"p\.toml: nested too deeply"),
        (b"a = " + b"9" * 10_000, r"p\.toml: not TOML: "),
        (b"#" * ((1 << 20) + 1), r"p\.toml: larger than 1 MB: this cannot be a profile"),
    ],
)
def test_files_that_are_no_profile(tmp_path, content, message):
    file = tmp_path / "p.toml"
    file.write_bytes(content)
    with pytest.raises(BenchsuiteError, match=message) as caught:
        profile.load(file)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(BenchsuiteError, match=r"p\.toml: no such file"):
        profile.load(tmp_path / "p.toml")
    with pytest.raises(BenchsuiteError, match=r"is a directory; name a \.toml file"):
        profile.load(tmp_path)
    with pytest.raises(BenchsuiteError, match=r"cannot be read \(Not a directory"):
        profile.load("/dev/null/p.toml")
    with pytest.raises(BenchsuiteError, match="no path of a file"):
        profile.load("./\0.toml")
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    with pytest.raises(BenchsuiteError, match=r"cannot be read \(Too many levels"):
        profile.load(tmp_path / "loop.toml")


def test_a_pipe_is_refused_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(BenchsuiteError, match="is no regular file"):
        profile.load(tmp_path / "pipe.toml")


@pytest.mark.parametrize(
    ("filters", "override", "expected"),
    [
        ({"algorithm": "sha256"}, "request_size=17", [17]),
        ({"request_size": 32}, "request_size=17,32", [32, 32]),
        ({"op": "digest"}, "request_size=17,32", [17, 32]),
    ],
)
def test_what_a_filter_leaves_out_need_not_be_possible(
    tmp_path: Path, filters: dict[str, object], override: str, expected: list[int]
) -> None:
    path = tmp_path / "p.toml"
    path.write_text('why = "x"\n[[matrix]]\nwhy = "y"\nalgorithm = ["aes-128-cbc", "sha256"]\n')
    loaded = profile.load(path)
    with pytest.raises(BenchsuiteError, match="multiples of 16 bytes, not 17"):
        profile.expand(loaded, [override], cpus=2)
    plan = profile.expand(
        loaded,
        [override],
        wanted=lambda of: all(getattr(of.case, k) == v for k, v in filters.items()),
        cpus=2,
    )
    assert [case.request_size for case in plan.cases] == expected
