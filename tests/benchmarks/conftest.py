"""The benchmarks' fixtures, and their table at the end of the session (`make bench`)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import HERE, NATIVE, Summary, compile_c, core_sources
from tabulate import tabulate

_SUMMARY = pytest.StashKey[Summary]()


def pytest_configure(config: pytest.Config) -> None:
    config.option.benchmark_quiet = True  # its table of how long each comparison took says nothing
    config.stash[_SUMMARY] = Summary()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash[_SUMMARY].rows
    if rows:
        terminalreporter.section("figures")
        headers = ("what", "median", "95% interval", "best", "target", "verdict", "")
        terminalreporter.write_line(
            tabulate([row.cells() for row in rows], headers, disable_numparse=True, tablefmt="simple")
        )


@pytest.fixture(scope="session")
def summary(pytestconfig: pytest.Config) -> Summary:
    return pytestconfig.stash[_SUMMARY]


@pytest.fixture(scope="session")
def plain_loop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The floor's shared library."""
    target = tmp_path_factory.mktemp("plain") / "plain_loop.so"
    return compile_c(target, HERE / "plain_loop.c", flags=["-shared", "-fPIC", "-fvisibility=default"])


@pytest.fixture(scope="session")
def cache_line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that hands a cache line back and forth."""
    target = tmp_path_factory.mktemp("line") / "cache_line"
    return compile_c(target, HERE / "cache_line.c", NATIVE / "cpus.c")


@pytest.fixture(scope="session")
def sampling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that alternates engines with and without sampling."""
    return compile_c(tmp_path_factory.mktemp("sampling") / "sampling", HERE / "sampling.c", *core_sources())
