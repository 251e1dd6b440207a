"""`benchsuite edit`: nothing is lost that it does not understand, and no figures are mixed that do not belong
together."""

from __future__ import annotations

import copy
import errno
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyperf
import pytest
from command import Cli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_strategies import real_result, results, tag_keys, tag_values, worker_run

from benchsuite import files, store
from benchsuite.edits.changes import Changes, parse_labels
from benchsuite.edits.merging import merged
from benchsuite.edits.same import repeated
from benchsuite.model import BenchsuiteError, Case, CaseResult, Failure, Result
from benchsuite.remarks import Remarks
from benchsuite.selection.filters import parse
from benchsuite.store.document import Document

relaxed = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
FOREIGN = {"newer": [1, {"than": "this"}], "\u00e9": None}


def saved(path: Path, result: Result) -> Path:
    store.save(result, path)
    return path


def document(result: Result, name: str = "r.json") -> Document:
    with tempfile.TemporaryDirectory() as folder:
        return replace_name(Document.read(saved(Path(folder) / "r.json", result)), name)


def replace_name(found: Document, name: str) -> Document:
    found.name = name
    return found


def planted(data: Any, found: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Every object of the file in which keys that we do not know may stand, with such keys."""
    places = [data, data["metadata"], data["benchsuite"], *data["benchsuite"]["cases"]]
    for benchmark in data["benchmarks"]:
        ours = benchmark.setdefault("benchsuite", {})
        places += [benchmark, benchmark["metadata"], ours, *(run for _, run in ours.get("idle_runs", []))]
        places += [run[key] for run in benchmark["runs"] for key in ("metadata", "benchsuite")]
        places += benchmark["runs"]
    for place in places:
        place["from_a_newer_one"] = copy.deepcopy(FOREIGN)
    return places


def foreign(data: Any) -> int:
    """How many objects have such keys."""
    if isinstance(data, list):
        return sum(map(foreign, data))
    if not isinstance(data, dict):
        return 0
    return (data.get("from_a_newer_one") == FOREIGN) + sum(map(foreign, data.values()))


def edited(found: Document, changes: Changes) -> Any:
    changes.make(found)
    return json.loads(found.text())


# What it does not understand


@relaxed
@given(results, tag_keys, tag_values, st.text())
def test_nothing_is_lost_that_it_does_not_understand(result: Result, key: str, tag: str, note: str) -> None:
    data = json.loads(document(result).text())
    places = len(planted(data))
    found = Document.of(data, "r.json")
    after = edited(found, Changes(tags={key: tag}, note=note.strip()))
    assert foreign(after) == places
    meant = Document.of(after, "r.json").result
    assert meant.note == note.strip() and all(case.tags[key] == tag for case in meant.cases)
    for case, before in zip(meant.cases, result.cases, strict=True):
        assert replace(case, tags=before.tags) == before
    assert meant.environment == result.environment


@relaxed
@given(results)
def test_a_document_that_nobody_changes_is_the_same(tmp_path: Path, result: Result) -> None:
    path = saved(tmp_path / "r.json", result)
    before = path.read_bytes()
    Document.read(path).write(path)
    assert path.read_bytes() == before


@relaxed
@given(results)
def test_pyperf_reads_what_was_edited(tmp_path: Path, result: Result) -> None:
    path = saved(tmp_path / "r.json", result)
    found = Document.read(path)
    for item in found.items:
        item.relabel("new")
    found.write(path)
    assert all(case.label == "new" for case in store.load(path).cases)
    measured = [case for case in result.cases if case.measured]
    if measured:
        benchmarks = pyperf.BenchmarkSuite.load(str(path)).get_benchmarks()
        assert [len(each.get_values()) for each in benchmarks] == [len(case.values) for case in measured]
        assert all(each.get_name().startswith("new/") for each in benchmarks)


# Labels, tags, notes, cases


def test_a_label_is_set_changed_and_taken_off() -> None:
    found = document(real_result())
    assert Changes(parse_labels(["software=old"])).make(found) == ["2 cases of software called old"]
    data = json.loads(found.text())
    assert data["benchmarks"][0]["metadata"]["name"].startswith("old/aes-cbc-128/")
    again = Document.of(data, "r.json")
    Changes(parse_labels(["old="])).make(again)
    assert [case.label for case in Document.of(json.loads(again.text()), "r").result.cases] == [""] * 4


def test_a_backend_is_named_as_tables_call_it() -> None:
    case = CaseResult(Case("software:/build/libcrypto.so.3", "sha256", "digest"), [worker_run()])
    found = document(Result("p", "", {}, [case]))
    Changes({"software:3.0.19": "new"}).make(found)
    assert found.items[0].case.label == "new"


@pytest.mark.parametrize("text", ["x", "=new", "a=software", "a=b c", "a=" + "x" * 50])
def test_what_is_no_label_is_refused(text: str) -> None:
    with pytest.raises(BenchsuiteError, match="--label"):
        parse_labels([text])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (Changes({"nix": "new"}), "no case has the backend 'nix'"),
        (Changes(untag=["nix"]), "no case has the tag 'nix'"),
        (Changes(filters=[parse("algorithm=nix")]), "no case of r.json fits"),
    ],
)
def test_what_is_not_there_is_not_changed(changes: Changes, said: str) -> None:
    with pytest.raises(BenchsuiteError, match=said):
        changes.make(document(real_result()))


def test_cases_are_dropped_by_a_filter() -> None:
    found = document(real_result())
    assert Changes(filters=[parse("request_size=16")]).make(found) == ["3 cases dropped"]
    assert [case.case.request_size for case in Document.of(json.loads(found.text()), "r").result.cases] == [
        16
    ]


def test_a_result_of_pairs_stays_whole() -> None:
    pairs = paired_result_of_two()
    with pytest.raises(BenchsuiteError, match="judged together"):
        Changes(filters=[parse("request_size=16")]).make(document(pairs))
    with pytest.raises(BenchsuiteError, match="judged together"):
        merged([document(pairs), document(pairs)])
    Changes(tags={"a": "b"}).make(document(pairs))


def paired_result_of_two() -> Result:
    result = real_result(sizes=(16,), failures=False)
    result.environment["benchsuite_verdicts"] = {"cases": []}
    return result


# Merging


def of_kernel(release: str, **said: str) -> Result:
    result = real_result(failures=False)
    result.environment["benchsuite_kernel_release"] = release
    Remarks(said, f"note of {release}", (f"benchsuite run on {release}",)).put_on(result)
    return result


def test_cases_of_other_tags_are_other_cases_and_keep_their_environment() -> None:
    old, new = (
        document(of_kernel("6.12", k="a"), "old.json"),
        document(of_kernel("6.14", k="b"), "x/new.json"),
    )
    both, said = merged([old, new], "edit")
    found = Document.of(json.loads(both.text()), "both").result
    assert [case.tags["k"] for case in found.cases] == ["a", "a", "b", "b"] and found.tags == {}
    assert [case.environment["benchsuite_kernel_release"] for case in found.cases] == ["6.12"] * 2 + [
        "6.14"
    ] * 2
    assert "benchsuite_kernel_release" not in found.environment and found.environment["cpu_count"] == 2
    assert found.note == "[old.json] note of 6.12\n[new.json] note of 6.14"
    assert found.command == "benchsuite run on 6.12\nbenchsuite run on 6.14\nedit"
    assert said == ["they differ in kernel, which is kept with the cases"]


def test_a_note_does_not_stand_over_the_cases_of_another_result() -> None:
    def note(*notes: str) -> str:
        documents = [
            document(tagged, f"{number}/r.json") for number, tagged in enumerate(map(with_note, notes))
        ]
        return merged(documents)[0].result.note

    def with_note(text: str) -> Result:
        return replace(of_kernel("6.12", k=text.partition("\n")[0] or "none"), note=text)

    assert note("new fan", "") == "[0/r.json] new fan"  # files of the same name are told apart
    assert note("[a] fan\n[b] lid", "x").splitlines() == [
        "[0/r.json] [a] fan",
        "[0/r.json] [b] lid",
        "[1/r.json] x",
    ]
    assert note("new fan", "new fan") == "new fan" and note("", "") == ""


def test_runs_of_the_same_are_put_together() -> None:
    one, other = real_result(failures=False), real_result(1.6e-6, failures=False)
    other.environment["date"] = "2026-02-02 03:04:05"
    both, said = merged([document(one), document(other, "other.json")])
    found = Document.of(json.loads(both.text()), "both").result
    assert [[run.round for run in case.runs] for case in found.cases] == [[0, 1, 2, 3, 4, 5]] * 2
    assert found.cases[0].values == one.cases[0].values + other.cases[0].values
    assert said == ["2 cases of other.json put together with the same of another"]


def _other_version(result: Result) -> None:
    for run in result.cases[0].runs:
        run.facts["version"] = "OpenSSL 3.5.0"


def _other_host(result: Result) -> None:
    result.environment["hostname"] = "another"


def _other_compiler(result: Result) -> None:
    result.environment["benchsuite_core_compiler"] = "clang"


@pytest.mark.parametrize(
    ("change", "what"),
    [(_other_version, "version"), (_other_host, "host"), (_other_compiler, "compiler of the core")],
)
def test_runs_of_something_else_are_refused(change: Callable[[Result], None], what: str) -> None:
    one, other = real_result(failures=False), real_result(1.6e-6, failures=False)
    change(other)
    with pytest.raises(BenchsuiteError, match=f"another {what}\ntell them apart first"):
        merged([document(one), document(other)])


def test_the_same_runs_are_there_once() -> None:
    both, said = merged([document(real_result()), document(real_result(), "b.json")])
    assert len(both.items) == 4 and not repeated(both.items)
    assert "4 cases of b.json left out" in said[0]


def test_what_was_measured_stands_for_what_failed() -> None:
    one, other = real_result(failures=False), real_result(failures=False)
    one.cases[0] = CaseResult(one.cases[0].case, failure=Failure("budget", "no time"))
    both, said = merged([document(one), document(other)])
    assert all(item.case.measured for item in both.items) and "not from where it failed" in "".join(said)


def test_a_tag_that_tells_cases_apart_is_not_taken_off() -> None:
    both, _ = merged([document(of_kernel("6.12", k="a")), document(of_kernel("6.14", k="b"))])
    with pytest.raises(BenchsuiteError, match="nothing would tell these apart any more"):
        Changes(untag=["k"]).make(both)


@relaxed
@given(results, results)
def test_every_figure_is_there_after_merging_or_it_says_why(one: Result, other: Result) -> None:
    documents = [document(one, "one.json"), document(other, "other.json")]
    try:
        both, _ = merged(documents)
    except BenchsuiteError as error:
        assert len(str(error).splitlines()) <= 2
        return
    found = Document.of(json.loads(both.text()), "both").result
    values = Counter(
        id_of(value) for result in (one, other) for case in result.cases for value in case.values
    )
    there = Counter(id_of(value) for case in found.cases for value in case.values)
    failed = any(case.failure for result in (one, other) for case in result.cases)
    assert set(there) <= set(values) and (failed or set(there) == set(values))
    before = [versions(case) for result in (one, other) for case in result.cases]
    assert all(versions(case) in before for case in found.cases)


def versions(case: CaseResult) -> set[str | None]:
    return {run.facts.get("version") for run in case.runs}


def id_of(value: Any) -> str:
    return repr(value)


# Files


def test_the_original_stays_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "r.json", real_result())
    before = path.read_bytes()
    found = Document.read(path)
    Changes(note="new").make(found)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "_write", full)
    with pytest.raises(BenchsuiteError, match="No space left on device"):
        found.write(path)
    assert path.read_bytes() == before and [each.name for each in tmp_path.iterdir()] == ["r.json"]


def test_who_may_read_a_file_stays_as_it_was(tmp_path: Path) -> None:
    path = saved(tmp_path / "r.json", real_result())
    path.chmod(0o640)
    Document.read(path).write(path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_edit_in_place_and_to_another_file(cli: Cli) -> None:
    path = saved(cli.directory / "r.json", real_result())
    before = path.read_bytes()
    done = cli.run("edit", "r.json", "--tag", "board=x", "--label", "software=old", "-o", "s.json")
    assert done.returncode == 0 and path.read_bytes() == before
    assert done.stderr == "result: s.json: 2 cases of software called old; tag board is x\n"
    assert cli.run("edit", "r.json", "s.json", "--note", "both", "-q").returncode == 0
    assert store.load(path).note == store.load(cli.directory / "s.json").note == "both"
    assert "there is a file already" in cli.refuses("edit", "r.json", "--note", "x", "-o", "s.json")
    shown = cli.run("show", "s.json").stdout
    assert "Tags: board=x\nNote: both\n" in shown and "old = " in shown


def test_edit_refuses_what_is_no_result(cli: Cli) -> None:
    folder = cli.directory
    saved(folder / "r.json", real_result())
    (folder / "text.json").write_text("x")
    (folder / "r.json.journal").write_text("{}\n")
    pyperf.BenchmarkSuite(
        [pyperf.Benchmark([pyperf.Run([1.0], metadata={"name": "b"}, collect_metadata=False)])]
    ).dump(str(folder / "pyperf.json"))
    for name, said in (
        ("none.json", "no such result file"),
        ("text.json", "no result of benchsuite"),
        ("pyperf.json", "a pyperf file, but not one of benchsuite"),
        ("r.json", "finish it with --resume first"),
        ("r.json.journal", "no benchsuite result"),
        (".", "is a directory"),
    ):
        assert said in cli.refuses("edit", name, "--tag", "a=b"), name
    assert "nothing to change" in cli.refuses("edit", "r.json")
    assert sorted(each.name for each in folder.iterdir()) == [
        "pyperf.json",
        "r.json",
        "r.json.journal",
        "text.json",
    ]


def test_machines_of_what_was_merged_are_said(cli: Cli) -> None:
    for name, kernel in (("a.json", "6.12"), ("b.json", "6.14")):
        saved(cli.directory / name, of_kernel(kernel, k=kernel))
    assert cli.run("edit", "a.json", "b.json", "-o", "both.json").returncode == 0
    shown = cli.run("show", "both.json").stdout
    assert "On Some CPU @ 2 GHz; Linux 6.12 and Some CPU @ 2 GHz; Linux 6.14;" in shown
    assert "software[k=6.12]" in shown and "software[k=6.14]" in shown
    compared = cli.run("compare", "both.json", "--across", "tag.k").stdout
    assert "different kernel: 6.12 against 6.14" in compared
    assert cli.run("report", "both.json").returncode == 0
    page = (cli.directory / "report.html").read_text()
    assert "6.12" in page and "k=6.14" in page
