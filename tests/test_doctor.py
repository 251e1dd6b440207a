from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_host import SERVER, plant

from benchsuite.cli import cli
from benchsuite.host import capabilities, disturbances
from benchsuite.host.cpus import Share
from benchsuite.host.doctor import Check, checks
from benchsuite.host.files import Tree
from benchsuite.model import BenchsuiteError, Failure

CPU = "sys/devices/system/cpu"


def server(root: Path, **changes: str | None) -> Tree:
    """The server, with files replaced (by a key of SHORT) or taken away (None)."""
    files = dict(SERVER)
    for key, text in changes.items():
        for path in [path for path in files if path.endswith(key)] or [f"{CPU}/{key}"]:
            files.pop(path, None)
            if text is not None:
                files[path] = text
    return Tree(plant(root, files))


def test_this_machine_all_checks_once(tmp_path: Path) -> None:
    found = checks(moment=0.05, results=tmp_path)
    names = [check.name for check in found]
    assert len(set(names)) == len(names) == 19
    for check in found:
        assert check.status in ("ok", "note", "warn", "bad") and check.found
        for text in (check.found, check.why, check.cure):
            assert "\n" not in text and "None" not in text
        if check.status in ("warn", "bad"):
            assert check.why and check.cure, check


def test_nothing_to_read_is_said_and_no_alarm(tmp_path: Path) -> None:
    found = checks(root=tmp_path / "empty", results=tmp_path, pause=lambda moment: None)
    # AF_ALG and the results directory are those of this machine.
    alarms = {check.name for check in found if check.status in ("warn", "bad")}
    assert alarms <= {"cycles"}
    assert [check.name for check in found] == [check.name for check in checks(moment=0.01, results=tmp_path)]


def test_a_server_as_it_comes(tmp_path: Path) -> None:
    tree = server(tmp_path)
    found = {
        check.name: check for check in checks(root=tree.root, results=tmp_path, pause=lambda moment: None)
    }
    assert found["governor"] == Check(
        "governor",
        "warn",
        "performance, powersave",
        "the frequency follows the load, so the first values are slower than the last",
        "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
    )
    assert found["turbo"].cure == "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
    assert (found["frequency"].status, found["frequency"].found) == ("warn", "800 to 3600 MHz")
    assert (found["smt"].status, found["smt"].found) == ("warn", "2 threads per core")
    assert (found["isolated CPUs"].status, found["isolated CPUs"].found) == ("ok", "2,3")
    assert found["isolated CPUs"].cure == "benchsuite run ... --cpus 2,3"
    assert (found["load"].status, found["load"].found) == ("ok", "0.42 over the last minute on 4 CPUs")
    assert found["virtual machine"].status == found["container"].status == found["clocksource"].status == "ok"
    assert (found["cycles"].status, found["cycles"].cure) == (
        "warn",
        "sudo sysctl kernel.perf_event_paranoid=1",
    )
    assert (found["FIPS mode"].status, found["memory"].status) == ("ok", "ok")
    assert found["/dev/crypto"].found == "not there"
    assert found["tcrypt"].found == "no such module for this kernel"


def test_a_machine_set_up_for_measuring(tmp_path: Path) -> None:
    tree = server(
        tmp_path,
        scaling_governor="performance",
        no_turbo="1",
        scaling_min_freq="3600000",
        thread_siblings_list="0",
    )
    (tmp_path / CPU / "smt/active").write_text("0")
    for check in (
        disturbances.governor(tree),
        disturbances.turbo(tree),
        disturbances.frequency(tree),
        disturbances.smt(tree),
    ):
        assert (check.status, check.cure) == ("ok", ""), check


def test_threads_of_one_core_count_even_where_smt_is_not_reported(tmp_path: Path) -> None:
    tree = server(tmp_path, active=None)
    assert disturbances.smt(tree).status == "warn"


@pytest.mark.parametrize(
    ("average", "share", "status"),
    [
        ("1.99", None, "ok"),
        ("2.01", None, "warn"),
        ("0.10", Share(0.6, 0), "warn"),
        ("0.10", Share(0.1, 0), "ok"),
        ("garbage", None, "note"),
    ],
)
def test_load_per_cpu(tmp_path: Path, average: str, share: Share | None, status: str) -> None:
    assert disturbances.load(server(tmp_path, loadavg=f"{average} 0 0 1/1 1"), share).status == status


@pytest.mark.parametrize(
    ("share", "status"), [(None, "note"), (Share(0, 0.001), "ok"), (Share(0, 0.05), "warn")]
)
def test_steal(tmp_path: Path, share: Share | None, status: str) -> None:
    assert disturbances.steal(Tree(tmp_path), share).status == status


def test_the_moment_is_watched(tmp_path: Path) -> None:
    tree = server(tmp_path)

    def pause(moment: float) -> None:
        plant(tmp_path, {"proc/stat": "cpu  1080 0 500 8000 400 0 50 70 0 0\n"})

    found = {check.name: check for check in checks(root=tree.root, results=tmp_path, pause=pause)}
    assert found["steal"].found == "20%" and "100% busy now" in found["load"].found


@pytest.mark.parametrize(
    ("online", "usable", "status", "found"),
    [
        ("0-3", 4, "ok", "4 online"),
        ("0-3", 1, "warn", "4 online, 1 usable"),
        ("0", 1, "warn", "1 online"),
        ("0-3", None, "ok", "4 online"),
    ],
)
def test_processors(tmp_path: Path, online: str, usable: int | None, status: str, found: str) -> None:
    check = disturbances.processors(Tree(plant(tmp_path, {f"{CPU}/online": online})), usable)
    assert (check.status, check.found) == (status, found)


@pytest.mark.parametrize(
    ("online", "cure"),
    [
        ("0", ""),
        ("0-1", "boot with isolcpus=1 nohz_full=1 rcu_nocbs=1, then: benchsuite run ... --cpus 1"),
        ("0-7", "boot with isolcpus=6,7 nohz_full=6,7 rcu_nocbs=6,7, then: benchsuite run ... --cpus 6,7"),
    ],
)
def test_how_to_isolate(tmp_path: Path, online: str, cure: str) -> None:
    assert disturbances.isolated(Tree(plant(tmp_path, {f"{CPU}/online": online}))).cure == cure


def test_virtual_machine_and_container(tmp_path: Path) -> None:
    tree = Tree(plant(tmp_path, {"sys/hypervisor/type": "xen", ".dockerenv": ""}))
    assert disturbances.virtual_machine(tree).found == "xen"
    assert (disturbances.container(tree).status, disturbances.container(tree).found) == (
        "note",
        "docker, no CPU quota",
    )
    plant(tmp_path, {"sys/fs/cgroup/cpu.max": "150000 100000"})
    check = disturbances.container(tree)
    assert (check.status, check.found) == ("warn", "docker, quota of 1.5 CPUs") and "--cpus" in check.cure


@pytest.mark.parametrize(
    ("available", "cure"),
    [
        (
            "tsc hpet acpi_pm",
            "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource",
        ),
        ("hpet acpi_pm", "boot with tsc=reliable, if the CPU's time stamp counter is sound"),
    ],
)
def test_clocksource(tmp_path: Path, available: str, cure: str) -> None:
    tree = server(tmp_path, current_clocksource="hpet")
    plant(tmp_path, {"sys/devices/system/clocksource/clocksource0/available_clocksource": available})
    check = disturbances.clocksource(tree)
    assert (check.status, check.found, check.cure) == ("warn", "hpet", cure)


@pytest.mark.parametrize(
    ("available", "free", "status"),
    [(12_000_000, 1000, "ok"), (12_000_000, 0, "note"), (100_000, 1000, "warn")],
)
def test_memory(tmp_path: Path, available: int, free: int, status: str) -> None:
    text = f"MemTotal: 16000000 kB\nMemAvailable: {available} kB\nSwapTotal: 1000 kB\nSwapFree: {free} kB\n"
    assert disturbances.memory(Tree(plant(tmp_path, {"proc/meminfo": text}))).status == status


PERFMON = "CapEff:\t0000004000000000"
SYSCTL = "sudo sysctl kernel.perf_event_paranoid=1"


@pytest.mark.parametrize(
    ("paranoid", "caps", "source", "status", "cure"),
    [
        ("3", "CapEff:\t0", None, "warn", SYSCTL),
        ("2", "CapEff:\t0", None, "note", SYSCTL),
        ("1", "CapEff:\t0", None, "ok", ""),
        ("3", PERFMON, None, "ok", ""),
        ("2", "CapEff:\t0", "perf-user", "note", SYSCTL),
        ("2", "CapEff:\t0", "tsc", "warn", SYSCTL),
        ("1", "CapEff:\t0", "tsc", "warn", "QEMU: -cpu host,pmu=on"),
        ("2", "CapEff:\t0", "cntvct", "warn", SYSCTL),
        ("1", "CapEff:\t0", "none", "warn", "QEMU: -cpu host,pmu=on"),
        ("3", "CapEff:\t0", "perf", "ok", ""),
        (None, "CapEff:\t0", None, "warn", "CONFIG_PERF_EVENTS"),
    ],
)
def test_cycles(
    tmp_path: Path, paranoid: str | None, caps: str, source: str | None, status: str, cure: str
) -> None:
    files = {"proc/self/status": f"Name:\tx\n{caps}\n"}
    if paranoid is not None:
        files["proc/sys/kernel/perf_event_paranoid"] = paranoid
    check = capabilities.cycles(Tree(plant(tmp_path, files)), source)
    assert check.status == status and cure in check.cure and bool(cure) == bool(check.cure)


@pytest.mark.parametrize(
    ("codes", "found", "cure"),
    [
        ((0, 0), "cbc(aes) and sha256 can be opened", ""),
        ((errno.EAFNOSUPPORT,) * 2, "the kernel does not have it", "sudo modprobe -a af_alg"),
        ((errno.EPERM,) * 2, "forbidden here", "seccomp=unconfined"),
        ((errno.ENOENT, 0), "no skcipher: No such file or directory", "sudo modprobe -a af_alg"),
    ],
)
def test_afalg(tmp_path: Path, codes: tuple[int, int], found: str, cure: str) -> None:
    answers = iter(codes)
    check = capabilities.afalg(Tree(tmp_path), lambda kind, algorithm: next(answers))
    assert found in check.found and cure in check.cure and (check.status == "ok") == (not cure)


def test_afalg_is_really_tried() -> None:
    """The kernel lists the family where it has it."""
    if capabilities.try_afalg("hash", "sha256") == 0:
        assert "ALG" in Path("/proc/net/protocols").read_text().split()
    assert capabilities.try_afalg("hash", "no-such-hash") != 0


def test_devices(tmp_path: Path) -> None:
    assert capabilities.dev_crypto(Tree(tmp_path)).cure.endswith("sudo modprobe cryptodev")
    plant(tmp_path, {"dev/crypto": ""})
    assert capabilities.dev_crypto(Tree(tmp_path)).status == "ok"


def test_tcrypt(tmp_path: Path) -> None:
    tree = server(tmp_path)
    plant(
        tmp_path,
        {
            "lib/modules/6.1.0-13-amd64/modules.dep": "kernel/crypto/tcrypt.ko:\n",
            "proc/self/status": "CapEff:\t0\n",
        },
    )
    assert "takes root" in capabilities.tcrypt(tree).found
    plant(tmp_path, {"proc/self/status": "CapEff:\t0000000000010000\n"})
    assert capabilities.tcrypt(tree).status == "ok"
    plant(tmp_path, {"proc/sys/kernel/modules_disabled": "1"})
    assert "loads no modules" in capabilities.tcrypt(tree).found


def test_fips(tmp_path: Path) -> None:
    assert capabilities.fips(server(tmp_path)).status == "ok"
    check = capabilities.fips(server(tmp_path, fips_enabled="1"))
    assert (check.status, check.cure) == ("note", "boot with fips=0")


@pytest.mark.parametrize(("left", "status"), [(10**12, "ok"), (50 * 10**6, "warn"), (10**5, "bad")])
def test_room(tmp_path: Path, left: int, status: str) -> None:
    asked: list[Path] = []
    check = capabilities.room(tmp_path / "results" / "new", lambda path: (asked.append(path), left)[1])
    assert check.status == status and asked == [tmp_path]
    assert capabilities.room(tmp_path).found.endswith(" MB")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)  # root may write anywhere
    check = capabilities.room(tmp_path / "results")
    assert (check.status, check.found) == ("bad", f"{tmp_path} cannot be written") and "-o" in check.cure


def test_cures_are_sound_shell(tmp_path: Path) -> None:
    """Those that are commands; `sh -n` reads without running."""
    tree = server(tmp_path, loadavg="99 0 0 1/1 1")
    for check in checks(root=tree.root, results=tmp_path, pause=lambda moment: None):
        if check.cure.startswith(("sudo", "echo", "top", "taskset", "df")):
            assert subprocess.run(["sh", "-n", "-c", check.cure], check=False).returncode == 0, check.cure


def test_names_for_scripts_stay(tmp_path: Path) -> None:
    found = checks(moment=0.0, results=tmp_path)
    assert [check.key for check in found] == [
        *("governor", "turbo", "frequency", "smt", "cpus", "isolated-cpus", "load", "steal"),
        *("virtual-machine", "container", "clocksource", "memory", "cycles", "energy", "fips-mode", "af-alg"),
        *("dev-crypto", "tcrypt", "room"),
    ]


def test_a_cure_is_a_command_only_where_a_shell_can_run_it() -> None:
    assert Check("x", "warn", "y", "z", "echo off | sudo tee /sys/x").command
    for deed in (
        "give the machine a second CPU",
        "sudo benchsuite run ...",
        "taskset -c 0-3 benchsuite run ...",
    ):
        assert not Check("x", "warn", "y", "z", deed).command


POWERSAVE = Check("governor", "warn", "powersave", "it scatters", "echo performance | sudo tee /sys/governor")
SECOND = Check("CPUs", "warn", "1 online", "they share it", "give the machine a second CPU")
QUIET = Check("turbo", "ok", "off")
AF_ALG = Check("AF_ALG", "note", "not here", "it cannot be measured", "sudo modprobe af_alg")


def doctor(monkeypatch: pytest.MonkeyPatch, found: list[Check], *words: str) -> Result:
    monkeypatch.setattr("benchsuite.host.doctor.checks", lambda *_: found)
    return CliRunner().invoke(cli, ["doctor", *words], prog_name="benchsuite", standalone_mode=False)


@pytest.mark.parametrize(
    ("found", "words", "status"),
    [
        ([QUIET], [], 0),
        ([QUIET, POWERSAVE], [], 1),
        ([QUIET, POWERSAVE], ["turbo"], 0),
        ([QUIET, Check("room in results", "bad", "0 MB")], [], 3),
        ([QUIET, Check("AF_ALG", "note", "not here")], ["af-alg", "backend-null"], 0),
    ],
)
def test_exit_status(
    found: list[Check], words: list[str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctor(monkeypatch, found, *words).return_value == status
    assert doctor(monkeypatch, found, "--json", *words).return_value == status


def test_json_has_what_a_script_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    done = doctor(monkeypatch, [POWERSAVE, SECOND, QUIET], "--json")
    by_name = {each["name"]: each for each in json.loads(done.stdout)["checks"]}
    assert by_name["governor"] == {
        "name": "governor",
        "what": "governor",
        "status": "warn",
        "found": "powersave",
        "why": "it scatters",
        "cure": "echo performance | sudo tee /sys/governor",
        "command": "echo performance | sudo tee /sys/governor",
    }
    assert by_name["cpus"]["command"] is None and by_name["backend-null"]["status"] == "ok"


@pytest.mark.parametrize(
    ("reason", "found", "cure"),
    [
        ("no AF_ALG socket (not supported): none in this kernel", AF_ALG, "sudo modprobe af_alg"),
        ("none (libcrypto: not found): install it (Debian: openssl)", QUIET, "install it (Debian: openssl)"),
        ("it crashed (SIGSEGV)", QUIET, ""),
    ],
)
def test_a_backend_that_does_not_serve_has_a_cure(
    reason: str, found: Check, cure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchsuite.cli.listing.here", lambda name: Failure("unavailable", reason))
    (backend,) = json.loads(doctor(monkeypatch, [found], "--json", "backend-afalg").stdout)["checks"]
    assert backend["found"] == reason and backend["cure"] == cure
    assert "cure:" not in doctor(monkeypatch, [found], "backend-afalg").stdout  # the reason has it
    printed = doctor(monkeypatch, [found], "--cure", "backend-afalg")
    assert printed.stdout == f"{cure}\n" * cure.startswith("sudo")


def test_cures_are_commands_one_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    done = doctor(monkeypatch, [POWERSAVE, SECOND, QUIET], "--cure", "governor", "cpus", "turbo")
    assert done.stdout == "echo performance | sudo tee /sys/governor\n"
    assert "cpus: no command cures it: give the machine a second CPU" in done.stderr


def test_a_name_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    done = doctor(monkeypatch, [POWERSAVE], "governer")
    assert isinstance(done.exception, BenchsuiteError) and "did you mean 'governor'?" in str(done.exception)
