"""The source distribution has what is in git, so that the tests run in it."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

import benchsuite

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = {".gitignore"}
ALWAYS = {
    "LICENSE",
    "MANIFEST.in",
    "README.md",
    "pyproject.toml",
    "setup.py",
}  # setuptools takes them by itself


def taken(path: str, manifest: str) -> bool:
    """Whether these lines put a file into the distribution; the last one that speaks of it decides."""
    found = path in ALWAYS
    for line in manifest.splitlines():
        command, *words = line.split()
        match command:
            case "include":
                found |= path in words
            case "exclude":
                found &= path not in words
            case "graft":
                found |= path.startswith(f"{words[0]}/")
            case "recursive-include":
                found |= path.startswith(f"{words[0]}/") and any(
                    fnmatch(path, f"*/{word}") for word in words[1:]
                )
            case "global-exclude":
                found &= not any(fnmatch(Path(path).name, word) for word in words)
            case _:
                raise AssertionError(f"MANIFEST.in: {line}")
    return found


def test_the_distribution_has_what_is_in_git() -> None:
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("no git checkout: this is the distribution, or another copy")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, text=True, capture_output=True).stdout
    manifest = (ROOT / "MANIFEST.in").read_text()
    files = [path for path in listed.splitlines() if not (ROOT / path).is_symlink()]
    assert len(files) > 400
    assert {path for path in files if not taken(path, manifest)} == LEFT_OUT


@pytest.mark.parametrize(
    ("path", "has"),
    [
        ("docs/ci.md", True),
        (".ci/run", True),
        ("results/reference/quick.json", True),
        ("results/mine.json", False),
        ("benchsuite/native/_core.c", False),
        ("benchsuite/native/_core.abi3.so", False),
        ("tests/a.pyc", False),
    ],
)
def test_what_is_taken(path: str, has: bool) -> None:
    assert taken(path, (ROOT / "MANIFEST.in").read_text()) == has


def test_the_metadata_says_who_and_under_which_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "MIT"
    assert all(author["name"] in (ROOT / "LICENSE").read_text() for author in project["authors"])


def test_the_changelog_begins_with_this_version() -> None:
    versions = [
        line.split("]")[0][4:]
        for line in (ROOT / "CHANGELOG.md").read_text().splitlines()
        if line[:4] == "## ["
    ]
    assert versions[0] == benchsuite.__version__
