"""profiles/README.md and the profiles themselves, held against the code."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from benchsuite import algorithms, backends, profile
from benchsuite.keys import REQUIRED
from benchsuite.model import CHAINED, Measure

README = (profile.DIRECTORY / "README.md").read_text()
NAMES = [name for name, _ in profile.names()]
TABLES = {"## The file": profile.FILE, "## `[measure]`": profile.MEASURE, "## `[[matrix]]`": profile.MATRIX}


def default_text(key: profile.Key) -> str:
    if key.default is REQUIRED:
        return "required"
    if key.default_text:
        return key.default_text
    return f'`"{key.default}"`' if isinstance(key.default, str) else f"`{str(key.default).lower()}`"


def row(key: profile.Key) -> str:
    return f"| `{key.name}` | {key.kind.what} | {default_text(key)} | {key.doc} |"


@pytest.mark.parametrize("heading", TABLES)
def test_readme_documents_every_key_and_no_other(heading):
    """A failure shows the rows as they must be."""
    section = README.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    header = ["| key | takes | default | meaning |", "|---|---|---|---|"]
    assert table == [*header, *map(row, TABLES[heading].values())]


def test_the_measure_defaults_of_the_table_are_those_of_the_model():
    assert {name: key.kind.accept(key.default) for name, key in profile.MEASURE.items()} == {
        each.name: each.default for each in dataclasses.fields(Measure)
    }


def test_readme_lists_every_profile_and_no_other():
    listed = re.findall(r"^\| `([a-z-]+)` \| [^|]*\? \|$", README, re.MULTILINE)
    assert sorted(listed) == sorted(NAMES)
    assert len(listed) >= 8


def test_the_example_of_the_readme_is_what_it_says():
    example = README.partition("```toml\n")[2].partition("```")[0]
    plan = profile.expand(profile.parse(tomllib.loads(example), "example", "example"), cpus=2)
    assert len(plan.cases) == 12 + 3
    assert {how.min_time for how in plan.measures[:12]} == {0.02}
    assert {how.min_time for how in plan.measures[12:]} == {0.05}


def test_the_options_of_the_readme_are_taken():
    words = re.search(r"`(--set q_len.*)`", README)[1].split()
    overrides = [word for word in words if word != "--set"]
    plan = profile.expand(profile.load(profile.find("quick")), overrides, cpus=2)
    assert {case.q_len for case in plan.cases} == {1, 8}


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_expands_and_says_why(name):
    loaded = profile.load(profile.find(name))
    plan = profile.expand(loaded, known_backends=backends.names(), cpus=2)
    assert plan.profile == name
    assert plan.cases
    assert len(plan.cases) == len(plan.measures)
    assert all(len(why) > 40 for why in (loaded.why, *(matrix.why for matrix in loaded.matrices)))
    assert all(how.min_time >= 0.02 for how in plan.measures)


@pytest.mark.parametrize("name", NAMES)
def test_every_key_of_a_shipped_profile_is_its_own_line(name):
    """Profiles are what users copy from: nothing after column 120 but the prose of a why."""
    for line in Path(profile.find(name)).read_text().splitlines():
        assert len(line) <= 120 or line.startswith("why = ")


def cases(name: str, *overrides: str):
    return profile.expand(profile.load(profile.find(name)), overrides, cpus=2).cases


def test_ocf_bench_has_its_exact_defaults():
    plan = profile.expand(profile.load(profile.find("ocf-bench")), cpus=2)
    (case,), (how,) = plan.cases, plan.measures
    assert (case.q_len, case.request_num, case.request_size, case.batch, case.cbimm) == (40, 1024, 1488, 1, 1)
    assert (case.algorithm, case.op) == ("aes-192-cbc+hmac-sha1", "encrypt")
    assert how.min_time == 1.0


def test_tcrypt_has_its_sizes_and_key_sizes():
    found = cases("tcrypt")
    by_name = {}
    for case in found:
        by_name.setdefault(case.algorithm, set()).add(case.request_size)
    assert by_name["aes-128-cbc"] == {16, 64, 128, 256, 1024, 1424, 4096}
    assert by_name["aes-128-ctr"] == {16, 64, 128, 256, 1024, 1420, 4096}
    assert all(sizes >= {16, 64, 128, 256, 1024, 4096} for sizes in by_name.values())
    in_modes = {
        name
        for name, algorithm in algorithms.ALGORITHMS.items()
        if algorithm.names("tcrypt") and algorithm.kind != "hmac" and name != "des-cbc"
    }
    keys_of_no_mode = {"aes-192-ccm", "aes-256-ccm"}
    assert set(by_name) == in_modes | keys_of_no_mode


def test_esp_suites_has_all_of_them_both_ways():
    found = cases("esp-suites")
    assert {case.algorithm for case in found} == {
        "3des-cbc+hmac-md5",
        "3des-cbc+hmac-sha1",
        "aes-128-cbc+hmac-sha1",
        "aes-128-cbc+hmac-sha256",
        "rfc4106-aes-128-gcm",
        "chacha20-poly1305",
        "null+hmac-md5",
        "null+hmac-sha1",
    }
    assert {case.op for case in found} == {"encrypt", "decrypt"}
    assert {(case.algorithm.rpartition("-")[2], case.tag_size) for case in found} == {
        ("md5", 12),
        ("sha1", 12),
        ("sha256", 16),
        ("gcm", 0),
        ("poly1305", 0),
    }
    assert {64, 512, 1420} <= {case.request_size for case in found} <= {64, 512, 1420, 1424}


def test_sizes_and_depths_and_switches_and_workers_sweep():
    assert {case.request_size for case in cases("sizes")} == {1 << i for i in range(4, 17)}
    assert {case.q_len for case in cases("queue-depth")} == {1 << i for i in range(8)}
    assert {(case.batch, case.cbimm) for case in cases("batch-cbimm") if case.backend == "null"} == {
        (batch, cbimm) for batch in (0, 1, 2, 8, 32) for cbimm in (0, 1)
    }
    assert {case.workers for case in cases("smp")} >= {1}
    assert {case.workers for case in cases("smp", "workers=4")} == {4}


def test_paths_has_every_way_to_the_same_work():
    found = cases("paths")
    ways = {(case.algorithm, case.request_size, case.q_len): set() for case in found}
    for case in found:
        ways[case.algorithm, case.request_size, case.q_len].add(case.backend.partition(":")[0])
    assert ways["aes-128-cbc", 16, 1] == ways["sha256", 16, 1] == {"software", "afalg", "cryptodev", "tcrypt"}
    assert all("software" in of_work for of_work in ways.values())  # what the others are held against
    assert "afalg:virtio_crypto_aes_cbc" in {case.backend for case in found if case.q_len == 16}
    assert len(found) <= 60  # minutes in an emulated machine


def test_quick_tastes_of_everything_and_chains_nothing():
    found = cases("quick")
    assert {case.backend for case in found} == {"null", "software", "python"}
    assert {algorithms.find(case.algorithm).kind for case in found} == {"cipher", "aead", "digest", "authenc"}
    assert any(case.batch and not case.cbimm for case in found)
    assert all(case.iv != CHAINED for case in found)
    assert len(found) <= 14
