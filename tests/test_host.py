from __future__ import annotations

import os
import platform
import random
import shutil
import subprocess
from pathlib import Path

import pyperf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchsuite import cpu_lists
from benchsuite.host import cpus, machine, system
from benchsuite.host.files import Tree, boot_id
from benchsuite.host.machine import environment, load

# A server as it comes from the shop.
SERVER = {
    "proc/cmdline": "root=UUID=1b2c ro quiet isolcpus=2-3 nohz_full=2-3 mitigations=auto,nosmt token=x",
    "proc/cpuinfo": "processor\t: 0\ncpu MHz\t\t: 3600.125\nmicrocode\t: 0xf8\nflags\t\t: fpu tsc aes\n",
    "proc/loadavg": "0.42 0.30 0.20 1/345 6789",
    "proc/meminfo": "MemTotal: 16000000 kB\nMemAvailable: 12000000 kB\nSwapTotal: 2000 kB\n",
    "proc/stat": "cpu  1000 0 500 8000 400 0 50 50 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\nbtime 1\n",
    "proc/sys/crypto/fips_enabled": "0\n",
    "proc/sys/kernel/osrelease": "6.1.0-13-amd64\n",
    "proc/sys/kernel/perf_event_paranoid": "3\n",
    "proc/sys/kernel/random/boot_id": "0e9d7d2a-6f5c-4a2b-9d5e-1d5b8a3f0c11\n",
    "sys/class/dmi/id/sys_vendor": "Dell Inc.\n",
    "sys/class/dmi/id/product_name": "PowerEdge R740\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
    "sys/devices/system/cpu/online": "0-3\n",
    "sys/devices/system/cpu/isolated": "2-3\n",
    "sys/devices/system/cpu/smt/active": "1\n",
    "sys/devices/system/cpu/intel_pstate/no_turbo": "0\n",
    "sys/devices/system/cpu/vulnerabilities/meltdown": "Mitigation: PTI\n",
    "sys/devices/system/cpu/vulnerabilities/mds": "Vulnerable: Clear CPU buffers attempted; SMT vulnerable\n",
    "sys/devices/system/cpu/vulnerabilities/retbleed": "Not affected\n",
    **{
        f"sys/devices/system/cpu/cpu{cpu}/{file}": text
        for cpu in range(4)
        for file, text in {
            "cpufreq/scaling_governor": "powersave\n" if cpu else "performance\n",
            "cpufreq/scaling_driver": "intel_pstate\n",
            "cpufreq/scaling_min_freq": "800000\n",
            "cpufreq/scaling_max_freq": "3600000\n",
            "topology/thread_siblings_list": f"{cpu % 2},{cpu % 2 + 2}\n",
        }.items()
    },
}


def plant(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def accepted_by_pyperf(flat: machine.Flat) -> None:
    kept = pyperf.Run([1.0], metadata=flat, collect_metadata=False).get_metadata()
    assert kept == flat  # neither refused nor changed


def test_a_server(tmp_path: Path) -> None:
    found = environment(core_compiler="gcc 12.2.0", root=plant(tmp_path, SERVER))
    accepted_by_pyperf(found)
    assert found == {
        "benchsuite_architecture": platform.machine(),
        "benchsuite_kernel_release": "6.1.0-13-amd64",
        "benchsuite_kernel_parameters": "isolcpus=2-3 nohz_full=2-3 mitigations=auto,nosmt",
        "benchsuite_fips": False,
        "benchsuite_perf_event_paranoid": 3,
        "benchsuite_core_compiler": "gcc 12.2.0",
        "benchsuite_cpus_online": 4,
        "benchsuite_cpus_isolated": "2,3",
        "benchsuite_governor": "performance, powersave",
        "benchsuite_scaling_driver": "intel_pstate",
        "benchsuite_turbo": True,
        "benchsuite_min_khz": 800000,
        "benchsuite_max_khz": 3600000,
        "benchsuite_smt": True,
        "benchsuite_threads_per_core": 2,
        "benchsuite_mitigations": "mds: Vulnerable: Clear CPU buffers attempted; SMT vulnerable"
        " | meltdown: Mitigation: PTI",
        "benchsuite_clocksource": "tsc",
        "benchsuite_microcode": "0xf8",
        "benchsuite_memory": 16000000 * 1024,
        "benchsuite_swap": 2000 * 1024,
    }


def test_nothing_is_invented_where_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert environment(root=tmp_path) == {"benchsuite_architecture": platform.machine()}
    assert load(root=tmp_path) == {} and boot_id(tmp_path) == ""


def test_this_machine() -> None:
    found = environment() | load("before") | load("after")
    accepted_by_pyperf(found)
    assert found["benchsuite_cpus_usable"] == len(os.sched_getaffinity(0))
    assert found["benchsuite_kernel_release"] == platform.release()
    assert found["benchsuite_memory"] > 2**20
    assert {"platform", "hostname", "python_version", "date", "cpu_count"} <= set(found)  # pyperf's
    assert not {"mem_max_rss", "benchsuite_load"} & set(found)
    assert found["benchsuite_load_before"] >= 0 and found["benchsuite_load_after"] >= 0


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    garbage=st.text(max_size=30) | st.sampled_from(["", "-1", "9" * 5000, "a: b\n\x00"]),
)
def test_odd_files_do_no_harm(tmp_path: Path, seed: int, garbage: str) -> None:
    """Half of the machine's files are missing, a quarter holds nonsense."""
    root = tmp_path / "root"
    shutil.rmtree(root, ignore_errors=True)
    dice = random.Random(seed)
    files = {path: dice.choice((text, garbage)) for path, text in SERVER.items() if dice.random() < 0.5}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", errors="replace")
    accepted_by_pyperf(environment(root=root) | load(root=root))


@pytest.mark.parametrize(
    ("text", "cpus"),
    [
        ("0", [0]),
        ("0-3", [0, 1, 2, 3]),
        ("0-1,4,6-7", [0, 1, 4, 6, 7]),
        ("", []),
        ("none", []),
        ("1-", []),
        ("(null)", []),
    ],
)
def test_cpu_list(text: str, cpus: list[int]) -> None:
    assert cpu_lists.read(text) == cpus


def test_boot_id(tmp_path: Path) -> None:
    assert boot_id(plant(tmp_path, SERVER)) == "0e9d7d2a-6f5c-4a2b-9d5e-1d5b8a3f0c11"
    assert boot_id() == boot_id()


@pytest.mark.parametrize(
    ("files", "on", "switch", "off"),
    [
        ({"intel_pstate/no_turbo": "0"}, True, "/sys/devices/system/cpu/intel_pstate/no_turbo", 1),
        ({"intel_pstate/no_turbo": "1"}, False, "/sys/devices/system/cpu/intel_pstate/no_turbo", 1),
        ({"cpufreq/boost": "1"}, True, "/sys/devices/system/cpu/cpufreq/boost", 0),
        ({"cpufreq/boost": "0"}, False, "/sys/devices/system/cpu/cpufreq/boost", 0),
        (
            {"online": "0-1", "cpu0/cpufreq/boost": "0", "cpu1/cpufreq/boost": "1"},
            True,
            "/sys/devices/system/cpu/cpu*/cpufreq/boost",
            0,
        ),
    ],
)
def test_turbo(tmp_path: Path, files: dict[str, str], on: bool, switch: str, off: int) -> None:
    plant(tmp_path, {f"sys/devices/system/cpu/{path}": text for path, text in files.items()})
    assert cpus.turbo(Tree(tmp_path)) == cpus.Turbo(on, switch, off)


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"proc/cpuinfo": "flags : fpu hypervisor aes"}, "yes"),
        (
            {"sys/class/dmi/id/sys_vendor": "QEMU", "sys/class/dmi/id/product_name": "Standard PC"},
            "yes (QEMU Standard PC)",
        ),
        ({"sys/hypervisor/type": "xen\n"}, "xen"),
        ({"proc/device-tree/hypervisor/compatible": "linux,kvm"}, "yes"),
        ({"sys/class/dmi/id/sys_vendor": "Dell Inc."}, None),
    ],
)
def test_hypervisor(tmp_path: Path, files: dict[str, str], name: str | None) -> None:
    assert system.hypervisor(Tree(plant(tmp_path, files))) == name


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({".dockerenv": ""}, "docker"),
        ({"run/.containerenv": ""}, "podman"),
        ({"run/systemd/container": "lxc\n"}, "lxc"),
        ({"proc/1/cgroup": "0::/kubepods/burstable/pod1"}, "kubepods"),
        ({"proc/1/cgroup": "0::/init.scope"}, None),
    ],
)
def test_container(tmp_path: Path, files: dict[str, str], name: str | None) -> None:
    assert system.container(Tree(plant(tmp_path, files))) == name


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        (
            {
                "proc/self/cgroup": "0::/a/b",
                "sys/fs/cgroup/a/b/cpu.max": "max 100000",
                "sys/fs/cgroup/a/cpu.max": "150000 100000",
            },
            1.5,
        ),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "50000 100000"}, 0.5),
        ({"sys/fs/cgroup/cpu.max": "50000 100000"}, 0.5),
        ({"proc/self/cgroup": "0::/a", "sys/fs/cgroup/a/cpu.max": "max 100000"}, None),
        (
            {
                "proc/self/cgroup": "3:cpu,cpuacct:/docker/1",
                "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us": "200000",
                "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us": "100000",
            },
            2.0,
        ),
        (
            {
                "proc/self/cgroup": "1:cpu:/",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            None,
        ),
        ({"proc/self/cgroup": "nonsense"}, None),
    ],
)
def test_cpu_quota(tmp_path: Path, files: dict[str, str], quota: float | None) -> None:
    assert system.cpu_quota(Tree(plant(tmp_path, files))) == quota


def test_share_of_a_moment(tmp_path: Path) -> None:
    plant(tmp_path, SERVER)

    def pause(moment: float) -> None:
        assert moment == 0.25
        plant(tmp_path, {"proc/stat": "cpu  1030 0 510 8050 400 0 50 60 7 0\n"})  # 30 + 10 + 10 of 100 ticks

    share = cpus.share(Tree(tmp_path), 0.25, pause)
    assert share is not None
    assert (round(share.busy, 9), share.steal) == (0.5, 0.1)
    assert cpus.share(Tree(tmp_path), 0.25, lambda moment: None) is None  # no tick has passed
    assert cpus.share(Tree(tmp_path / "nowhere"), 0.25, lambda moment: None) is None


def test_commands_that_fail_say_nothing() -> None:
    assert system.output("sh", "-c", "echo first; echo second") == "first"
    assert system.output("sh", "-c", "echo no; exit 1") is None
    assert system.output("sh", "-c", "true") is None
    assert system.output("no-such-command-here") is None


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_revision_of_a_checkout(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert machine._revision(tmp_path) is None
    git("init", "-q")
    assert machine._revision(tmp_path) is None  # no commit yet
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "-q", "-m", "one")
    commit = git("rev-parse", "HEAD")[:12]
    (tmp_path / "untracked").write_text("results do not count")
    assert machine._revision(tmp_path) == commit
    (tmp_path / "file").write_text("2")
    assert machine._revision(tmp_path) == f"{commit}+dirty"
