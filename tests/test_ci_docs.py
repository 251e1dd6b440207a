"""docs/ci.md: the workflow and the job are what they should be, and their gate does what they rely on."""

from __future__ import annotations

import ctypes.util
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "ci.md").read_text()
GITHUB, GITLAB = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))
REPORTS = ("gate.xml", "gate.md", "gate.json", "gate-result.json")


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = GITHUB["jobs"]["gate"]["steps"]
    return found


def github_script() -> str:
    (script,) = (step["run"] for step in steps() if step.get("name") == "Gate")
    assert isinstance(script, str)
    return script


def gitlab_script() -> str:
    script = GITLAB["crypto-speed"]["script"][-1]
    assert isinstance(script, str)
    return script


def run(script: str, folder: Path, base: Path, proposed: Path, **environment: str) -> int:
    """The script as a runner runs it, over three cases and some seconds."""
    for name, library in (("lib-base", base), ("lib-proposed", proposed)):
        (folder / name).mkdir()
        (folder / name / "libcrypto.so").symlink_to(library)
    script = script.replace("--budget 60s", "--budget 4s --filter algorithm=sha256 --usual-priority")
    assert "4s" in script
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | environment | {"PATH": path},
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    return done.returncode


def library() -> Path:
    """Of the system, as a path."""
    name = ctypes.util.find_library("crypto")
    program = f"import ctypes; ctypes.CDLL({name!r}); print(open('/proc/self/maps').read())"
    maps = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    (path,) = {line.split()[-1] for line in maps.splitlines() if line.endswith(f"/{name}")}
    return Path(path)


def test_what_a_runner_needs_is_there() -> None:
    assert GITHUB[True] == "pull_request"  # YAML 1.1 reads `on` so
    assert GITHUB["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert all(("uses" in step) != ("run" in step) for step in steps())
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in steps() if "uses" in step)
    job = GITLAB["crypto-speed"]
    assert set(job["artifacts"]["paths"]) == set(REPORTS)
    assert job["artifacts"]["reports"]["junit"] in REPORTS


@pytest.mark.parametrize("runner", ["github", "gitlab"])
def test_the_gate_passes_and_leaves_its_reports(runner: str, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    script = github_script() if runner == "github" else gitlab_script()
    status = run(
        script,
        tmp_path,
        library(),
        library(),
        GITHUB_WORKSPACE=str(tmp_path),
        CI_PROJECT_DIR=str(tmp_path),
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert status == 0
    assert all((tmp_path / name).stat().st_size for name in REPORTS)
    assert ElementTree.parse(tmp_path / "gate.xml").getroot().tag == "testsuites"
    assert json.loads((tmp_path / "gate.json").read_text())["gate"]["exit_status"] == 0
    assert summary.exists() == (runner == "github")


def test_a_side_that_is_not_there_is_no_pass(tmp_path: Path) -> None:
    missing = tmp_path / "never-built.so"
    assert run(github_script(), tmp_path, library(), missing, GITHUB_WORKSPACE=str(tmp_path)) in (2, 3)
