"""`benchsuite list devices --for`: what would serve, how sure that is, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from command import Cli
from simulated import device_text, mbps_of, write

from benchsuite import serving, sim
from benchsuite.confidence import LEVELS, simulated, words


def asked(cli: Cli, *arguments: str | Path) -> dict[str, dict[str, object]]:
    """The candidates by device, in their order."""
    done = cli.run("list", "devices", "--for", *arguments, "-f", "json")
    assert done.returncode == 0, done.stderr
    return {each["device"]: each for each in json.loads(done.stdout)["candidates"]}


def test_the_answer_first_then_the_table(cli: Cli) -> None:
    done = cli.run("list", "devices", "--for", "aes-128-gcm", "--size", "1420", "--mbps", "2000")
    assert done.returncode == 0
    answer, table, legend = done.stdout.split("\n\n")
    assert answer.startswith("7 simulated devices serve aes-128-gcm encrypt of 1420 B with 2000 Mbps: ")
    assert "First is ixgbe: up to 9154 Mbps, and enough from q_len 4 on (simulated, from its" in answer
    rows = {line.split()[0]: line for line in table.splitlines()[1:]}
    assert rows["am62l"].split()[1:3] == ["68%", "short"] and rows["am62l"].endswith("  a guess")
    assert "ixgbe*" in rows and "qat-gen4" in rows
    assert "* does rfc4106-aes-128-gcm, the algorithm inside IPsec's ESP." in legend
    assert "26 devices do not do it; the nearest that they do: aes-128-cbc (" in legend
    assert "`benchsuite run sizes -b software -s algorithm=aes-128-gcm -s request_size=1420`" in legend


def test_its_figures_are_those_of_a_run(cli: Cli) -> None:
    found = asked(cli, "aes-128-gcm", "--mbps", "2000")["qat-gen4"]
    how = {"algorithm": "aes-128-gcm", "request_size": 1420, "q_len": found["q_len"], "aad_size": 8}
    measured = mbps_of("sim:qat-gen4", 100_000, **how)
    assert found["mbps"] == pytest.approx(measured, rel=0.01) and measured > 2000
    half = how | {"q_len": int(str(found["q_len"])) // 2}
    assert mbps_of("sim:qat-gen4", 100_000, **half) < 2000


def test_what_serves_surely_comes_before_what_serves_by_a_guess(cli: Cli) -> None:
    found = list(asked(cli, "aes-128-cbc", "--op", "decrypt", "--mbps", "300").values())
    order = ["surely", "by a claim", "by a guess", "not"]
    kinds = [order.index(str(each["serves"])) for each in found]
    assert kinds == sorted(kinds) and {0, 2, 3} <= set(kinds)
    for each in found:
        assert each["simulated"] is True and each["confidence"] in LEVELS
        assert (each["serves"] != "not") == (float(str(each["highest_mbps"])) >= 300)
        device = sim.load(str(each["device"]))
        rate = device.rate("aes-128-cbc", "decrypt", 1424)
        assert rate and rate.confidence == each["confidence"]


def test_the_highest_rate_does_not_depend_on_the_rate_that_is_asked_for(cli: Cli) -> None:
    def highest(*more: str) -> dict[str, object]:
        found = asked(cli, "aes-128-gcm", "--device", "qat-gen4", "--device", "connectx-7", *more)
        return {name: each["highest_mbps"] for name, each in found.items()}

    assert highest() == highest("--mbps", "1") == highest("--mbps", "2500000")
    said = cli.run("list", "devices", "--for", "aes-128-gcm", "--mbps", "2500000").stdout
    assert "No simulated device reaches 2500000 Mbps" in said and " 99% short" in said


def test_csv_has_what_json_has(cli: Cli) -> None:
    done = cli.run("list", "devices", "--for", "sha1", "--size", "64", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["device"] for row in rows] == list(asked(cli, "sha1", "--size", "64"))


def test_a_device_of_ones_own_that_does_not_say_how_sure_it_is(cli: Cli) -> None:
    own = write(cli.directory, device_text())
    done = cli.run("list", "devices", "--for", "aes-128-cbc", "--device", own)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 simulated device does aes-128-cbc encrypt of 1424 B: 1 by a guess.")
    assert "(simulated, how sure is not said)" in done.stdout
    assert done.stdout.split("\n\n")[1].endswith("how sure is not said")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--for", "aes-128-gmc"), "unknown algorithm 'aes-128-gmc': did you mean 'aes-128-gcm'?"),
        (("--for", "aes-128-cbc", "--size", "1420"), "takes multiples of 16: try 1408 or 1424"),
        (("--for", "aes-128-xts", "--size", "8"), "takes at least 16 bytes"),
        (("--for", "aes-128-cbc", "--device", "hifn7965"), "hifn7956"),
        (("--for", "aes-128-cbc", "--size", "17M"), "'17M' is not a size from 1 byte to 16 MiB"),
        (("--for", "sha256", "--op", "decrypt"), "--op decrypt: sha256 has the operation digest"),
        (("--for", "aes-128-cbc", "--op", "digest"), "aes-128-cbc has the operations encrypt and decrypt"),
        (("--op", "decrypt"), "go with --for ALGORITHM"),
        (("--mbps", "5"), "go with --for ALGORITHM"),
        (("--for", "aes-128-cbc", "--mbps", "0"), "--mbps"),
    ],
)
def test_refused(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    assert said in cli.refuses("list", "devices", *arguments)


def test_no_device_does_it(cli: Cli) -> None:
    done = cli.run("list", "devices", "--for", "sha3-256")
    assert done.returncode == 0
    assert done.stdout == "No simulated device does sha3-256 digest of 1420 B. 35 devices do not do it.\n"


def test_names() -> None:
    assert serving.names("AES-128-GCM") == ["aes-128-gcm", "rfc4106-aes-128-gcm"]
    assert serving.names("rfc4106-aes-256-gcm") == ["rfc4106-aes-256-gcm", "aes-256-gcm"]
    assert serving.names("sha256") == ["sha256"]


def test_the_one_wording() -> None:
    assert simulated([]) == simulated(["", ""]) == ""
    assert simulated(["table", "table"]) == "simulated, from published figures"
    assert simulated(["table", "assumption"]) == "simulated, at worst a guess"
    assert simulated(["", "assumption"]) == "partly simulated, a guess"
    assert simulated(["table", "unsaid"]) == "simulated, how sure is not said in part"
    assert simulated(["of a later version"]) == "simulated, how sure is not said"
    assert len(set(map(words, LEVELS))) == len(LEVELS)
