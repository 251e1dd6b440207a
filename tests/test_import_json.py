"""JSON that is imported: whose it is, and what is said of any other."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command import Cli
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import patient, read

from benchsuite import imports
from benchsuite.formats.registry import JSON_READERS, READERS
from benchsuite.model import BenchsuiteError

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))

from fuzz_mutate import documents


def test_every_document_has_one_reader() -> None:
    found = [[reader.NAME for reader in JSON_READERS if reader.is_one(data)] for data in documents()]
    assert found == [[reader.NAME] for reader in JSON_READERS]
    for data, [name] in zip(documents(), found, strict=True):
        imported = read(json.dumps(data))
        assert set(imported.counts) == {name} and imported.files[0].unit == "benchmark"


def test_a_program_with_two_readers_is_named_once() -> None:
    names = [name for name, _ in imports.programs()]
    assert len(names) == len(set(names))
    assert set(names) >= {reader.NAME for reader in (*READERS, *JSON_READERS)}


def test_help_names_every_program(cli: Cli) -> None:
    said = cli.run("import", "--help").stdout
    for name, _ in imports.programs():
        assert f"  {name} " in said


@pytest.mark.parametrize("text", ['{"results": []}', '[{"results": []}]', '[{"algo": "x"}]'])
def test_a_refusal_names_what_was_expected(text: str) -> None:
    with pytest.raises(BenchsuiteError) as caught:
        read(text)
    said = str(caught.value)
    assert all(reader.NAME in said and reader.EXPECTED in said for reader in JSON_READERS)
    assert len(said.splitlines()) == 2


def test_google_benchmark_is_named() -> None:
    with pytest.raises(BenchsuiteError, match=r"(?i)google.benchmark"):
        read('{"context": {"host_name": "x"}, "benchmarks": [{"name": "BM_x", "real_time": 5}]}')


@pytest.mark.parametrize(
    "text",
    ['{"Action": "run"}\n{"Action": "pass"}', "[    5.029222] usb 1-1: new device", '[{"a": 1}, {"b":'],
)
def test_what_is_json_line_by_line_or_only_begins_so_is_read_as_lines(text: str) -> None:
    with pytest.raises(BenchsuiteError, match=r"no figure in [12] line"):
        read(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
BSSL = ["description", "numCalls", "microseconds", "bytesPerCall", "primeSizePerCall"]
BOTAN = ["algo", "op", "events", "nanos", "buf_size", "cycles"]
parts = values | st.integers(0, 10**10) | st.sampled_from(["SHA-1", "AES-128 encrypt"])


def entries(keys: list[str]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.dictionaries(st.sampled_from(keys), parts) | values, max_size=4)


@patient
@given(entries(BSSL), entries(BOTAN))
def test_every_entry_is_a_figure_or_has_a_reason(bssl: list[Any], botan: list[Any]) -> None:
    for sound, more, heads in ((documents()[1], bssl, 0), (documents()[2], botan, 1)):
        [file] = read(json.dumps([*sound, *more])).files
        assert len(file.figures) + len(file.unclear) == file.lines == len(sound) + len(more) - heads
        assert all(each.why for each in file.unclear)
