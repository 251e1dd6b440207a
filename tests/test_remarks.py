"""Tags, notes and commands: what is taken, how they are shown, filtered and grouped by."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from command import Cli
from hypothesis import given
from hypothesis import strategies as st
from store_strategies import real_result, tags

import benchsuite
from benchsuite import store
from benchsuite.compare.labels import shown
from benchsuite.compare.tagged import names
from benchsuite.exports import render as export
from benchsuite.model import BenchsuiteError, Case, Result
from benchsuite.remarks import (
    LONGEST_NOTE,
    LONGEST_TAG,
    Remarks,
    check_note,
    check_tags,
    is_tag,
    parse_tag,
    parse_tags,
)
from benchsuite.report import render
from benchsuite.runs.comparisons import Judge, comparisons, make_rule
from benchsuite.selection.filters import chosen, parse

JUDGE = Judge(make_rule(0.05, 0.02, 0.05))


def tagged(**said: str) -> Result:
    result = real_result(failures=False)
    Remarks(said, "with the new heat sink\nand a fan", ("benchsuite run quick",)).put_on(result)
    return result


def merged() -> Result:
    """The same cases twice, with another kernel."""
    old, new = tagged(kernel="6.12", board="one"), tagged(kernel="6.14", board="one")
    return replace(old, cases=[*old.cases, *new.cases])


# What is taken


@given(st.text())
def test_whatever_is_given_is_a_tag_or_a_sentence(text: str) -> None:
    try:
        key, value = parse_tag(text)
    except BenchsuiteError as error:
        assert str(error).startswith("--tag ") and len(str(error).splitlines()) == 1 and len(str(error)) < 250
    else:
        assert is_tag(key, value) and parse_tag(f"{key}={value}") == (key, value)


@given(tags)
def test_tags_are_read_as_they_are_written(said: dict[str, str]) -> None:
    assert parse_tags(f"{key}={value}" for key, value in said.items()) == said == check_tags(said, "tags")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "expected KEY=VALUE"),
        ("=", "a key is a letter"),
        ("a=", "the value is empty"),
        ("a b=c", "a key is a letter"),
        ("k\u00e9=1", "a key is a letter"),
        ("a=x\ny", "must be printable and on one line"),
        ("a=\x1b[31m", "must be printable"),
        ("a=" + "1" * (LONGEST_TAG + 1), "at most 200 are kept"),
    ],
)
def test_what_is_no_tag_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(BenchsuiteError, match=re.escape(said)):
        parse_tag(text)


def test_a_key_has_one_value() -> None:
    assert parse_tags(["a=1", "a=1", "b= 2 "]) == {"a": "1", "b": "2"}
    with pytest.raises(BenchsuiteError, match="a is '1' already"):
        parse_tags(["a=1", "a=2"])


def test_numbers_may_be_given_as_such_in_python() -> None:
    assert check_tags({"kernel": 6.12, "rev": 3, "fan": True}, "tags") == {
        "kernel": "6.12",
        "rev": "3",
        "fan": "true",
    }
    with pytest.raises(BenchsuiteError, match="must be text"):
        check_tags({"kernel": [6]}, "tags")


@given(st.text())
def test_whatever_is_given_is_a_note_or_a_sentence(text: str) -> None:
    try:
        note = check_note(text)
    except BenchsuiteError as error:
        assert "not printable" in str(error) and len(str(error).splitlines()) == 1
    else:
        assert check_note(note) == note


def test_a_note_may_have_lines_and_is_not_endless() -> None:
    assert check_note("  one\r\n\ttwo \n") == "one\n\ttwo"
    with pytest.raises(BenchsuiteError, match="at most 10000 are kept"):
        check_note("x" * (LONGEST_NOTE + 1))


# How they are shown


@pytest.mark.parametrize("width", [40, 80, 100, 200, None])
def test_they_stand_over_every_table(width: int | None) -> None:
    for across in (None, "backend"):
        text = render(tagged(kernel="6.12", board="espressobin"), "table", width, across=across)
        assert "Tags: kernel=6.12, board=espressobin\n" in text
        assert "with the new heat sink and a fan" in " ".join(text.split())
        assert max(map(len, text.splitlines())) <= (width or 300)


@pytest.mark.parametrize("width", [80, 100])
def test_golden_table_of_tags(width: int) -> None:
    """UPDATE_GOLDEN=1 writes it anew: read the difference."""
    path = Path(__file__).parent / "golden" / f"tags-table-{width}.txt"
    text = render(merged(), "table", width)
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


def test_a_run_from_python_says_what_called_and_what_it_was_told() -> None:
    case = Case("null", "aes-128-cbc", request_size=16)
    found = benchsuite.run([case], set={"values": 1, "processes": 1}, tags={"kernel": 6.12}, note=" new ")
    assert (found.tags, found.note, found.command) == ({"kernel": "6.12"}, "new", "benchsuite.run()")
    assert found.rows()[0]["tag.kernel"] == "6.12"
    with pytest.raises(BenchsuiteError, match="tags: 3 is no dictionary"):
        benchsuite.run([case], tags=3)  # type: ignore[arg-type]


def test_markdown_has_the_command_too() -> None:
    text = render(tagged(kernel="6.12"), "markdown", None)
    assert "\nTags: kernel=6.12\n" in text and "\nMade by: benchsuite run quick\n" in text


def test_a_long_note_is_cut_over_a_table_and_whole_for_programs() -> None:
    result = tagged()
    result.note = "word " * 1000
    assert len(render(result, "table", 100)) < 5000
    assert json.loads(render(result, "json", None))["note"] == result.note


def test_json_has_them() -> None:
    data = json.loads(render(merged(), "json", None))
    assert data["tags"] == {"board": "one"} and data["command"] == "benchsuite run quick"
    assert {case["tags"]["kernel"] for case in data["cases"]} == {"6.12", "6.14"}


@pytest.mark.parametrize("name", ["csv", "csv-values"])
def test_csv_has_a_column_for_each(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(export(merged(), name))))
    assert {row["tag.kernel"] for row in rows} == {"6.12", "6.14"} and rows[0]["tag.board"] == "one"
    assert rows[0]["note"].startswith("with the new")
    plain = next(csv.reader(io.StringIO(export(real_result(), name))))
    assert not any(column.startswith("tag.") or column == "note" for column in plain)


def test_metrics_have_labels_none_of_them_twice() -> None:
    text = export(tagged(**{"size": "big", "a-b": "1", "a.b": "2", "quoted": 'a"b\\'}), "openmetrics")
    line = next(line for line in text.splitlines() if line.startswith("benchsuite_measured{"))
    assert r'tag_a_b="1",tag_a_b_2="2",tag_quoted="a\"b\\"' in line and 'tag_size_2="big"' in line
    labels = re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', line)
    assert len(set(labels)) == len(labels)


def test_pytest_benchmark_has_them_beside_the_times() -> None:
    data = json.loads(export(tagged(kernel="6.12"), "pytest-benchmark"))
    assert data["benchmarks"][0]["extra_info"]["tags"] == {"kernel": "6.12"}


# How cases are chosen and told apart


@pytest.mark.parametrize(
    ("text", "kernels"),
    [
        ("tag.kernel=6.12", {"6.12"}),
        ("tag.kernel=6.*", {"6.12", "6.14"}),
        ("tag.kernel!=6.12", {"6.14"}),
        ("tag.kernel=5.10,6.14", {"6.14"}),
        ("tag.other=x", set()),
        ("tag.other!=x", {"6.12", "6.14"}),
    ],
)
def test_cases_are_filtered_by_tags(text: str, kernels: set[str]) -> None:
    found = chosen(merged(), [parse(text)])
    assert {case.tags["kernel"] for case in found.cases} == kernels


@pytest.mark.parametrize("value", ["b[1]", "va,l*ue=1", "a, b", "*", "what?", "[", "x,y"])
def test_a_tag_is_found_by_its_value_as_it_is_printed(value: str) -> None:
    both = merged()
    both.cases[0] = replace(both.cases[0], tags={"kernel": value})
    assert both.cases[0] in chosen(both, [parse(f"tag.kernel={value}")]).cases
    assert both.cases[0] not in chosen(both, [parse(f"tag.kernel!={value}")]).cases


def test_a_tag_is_no_number() -> None:
    with pytest.raises(BenchsuiteError, match="a tag is text, no number"):
        parse("tag.kernel>=6.12")


def test_the_same_case_of_two_tags_is_two_lines_everywhere() -> None:
    (result,) = shown(merged())
    assert len({case.case for case in result.cases}) == len(result.cases)
    assert {case.case.backend for case in result.cases} == {"software[kernel=6.12]", "software[kernel=6.14]"}
    assert {case.backend for case in result.cases} == {"software"}
    assert shown(result)[0].cases == result.cases  # once is enough
    assert "software[kernel=6.14]" in render(merged(), "table", 100, across="backend")


def test_values_of_a_tag_stand_side_by_side() -> None:
    text = render(merged(), "table", 100, across="tag.kernel")
    assert "relative to kernel=6.12" in text and "kernel=6.14 = software" in text and "software[" not in text
    data = json.loads(render(merged(), "json", None, across="tag.kernel"))
    assert data["backends"] == ["kernel=6.12", "kernel=6.14"]
    with pytest.raises(BenchsuiteError, match=r"--across tag\.kernel: all cases have"):
        render(tagged(kernel="6.12"), "table", 100, across="tag.kernel")
    both = merged()
    both.cases[0] = replace(both.cases[0], case=replace(both.cases[0].case, backend="null"))
    with pytest.raises(
        BenchsuiteError, match=r"2 backends as well, .*\n.*backend!=LABEL.*compare RESULT --across tag.kernel"
    ):
        render(both, "table", 100, across="tag.kernel")


def test_a_tag_that_no_case_has_is_refused(cli: Cli) -> None:
    store.save(merged(), cli.directory / "both.json")
    said = "no case has the tag 'tag.kernle': did you mean 'tag.kernel'?"
    for words in (
        ["--across", "tag.kernle"],
        ["--group-by", "op,tag.kernle"],
        ["--filter", "tag.kernle=6.12"],
    ):
        assert f"{words[0]}: {said}" in cli.refuses("show", "both.json", *words)
    assert f"--across: {said}" in cli.refuses("compare", "both.json", "--across", "tag.kernle")
    across = ["compare", "both.json", "--across", "tag.kernel"]
    assert f"--group-by: {said}" in cli.refuses(*across, "--group-by", "op,tag.kernle")
    assert f"--filter: {said}" in cli.refuses("report", "both.json", "--filter", "tag.kernle=6.12")
    run = ["run", "quick", "--tag", "kernel=1"]
    assert f"--group-by: {said}" in cli.refuses(*run, "--group-by", "tag.kernle")
    assert "one value of each tag" in cli.refuses(*run, "--across", "tag.kernel")
    gate = ["gate", "ci", "--paired", "null", "null"]
    assert "'tag.x': there are none" in cli.refuses(*gate, "--group-by", "tag.x")


def test_a_filter_that_leaves_nothing_to_compare_is_named() -> None:
    def refused(key: str, *filters: str) -> str:
        with pytest.raises(BenchsuiteError) as error:
            comparisons([("both.json", merged())], JUDGE, [parse(text) for text in filters], key)
        return str(error.value)

    assert "--filter leaves one tag.kernel of 2, 6.12: nothing" in refused("tag.kernel", "tag.kernel=6.12")
    assert "--filter leaves one backend of 2, software: nothing" in refused("backend", "tag.kernel=6.12")
    assert "no two cases differ in q_len alone" in refused("q_len")
    assert "no two cases of those that --filter leaves differ in q_len" in refused("q_len", "tag.kernel=6.12")


def test_tags_that_all_cases_share_are_in_no_name() -> None:
    assert {case.case.backend for case in shown(tagged(kernel="6.12"))[0].cases} == {"software"}


def test_values_of_a_tag_are_compared_within_a_result() -> None:
    (found,) = comparisons([("both.json", merged())], JUDGE, key="tag.kernel")
    assert (found.base.label, found.other.label) == ("tag.kernel=6.12", "tag.kernel=6.14")
    assert len(found.lines) == 2 and not found.only_base and not found.only_other


def test_cases_without_the_tag_are_said_to_have_none() -> None:
    both = merged()
    for case in both.cases:
        case.tags = {key: tag for key, tag in case.tags.items() if tag != "6.12"}
    (found,) = comparisons([("both.json", both)], JUDGE, key="tag.kernel")
    assert (found.base.label, found.other.label) == ("no tag.kernel", "tag.kernel=6.14")
    with pytest.raises(BenchsuiteError, match=r"'5\.4': there are 6\.14$"):
        comparisons([("both.json", both)], JUDGE, key="tag.kernel", base="5.4")


def test_a_comparison_is_grouped_by_tags() -> None:
    sources = [("a.json", tagged(kernel="6.12", board="one")), ("b.json", tagged(kernel="6.14", board="one"))]
    (found,) = comparisons(sources, JUDGE)
    assert [group.values for group in found.grouped(["tag.kernel", "tag.board"])] == [("6.12 to 6.14", "one")]


def test_what_is_merged_is_compared_by_its_tags() -> None:
    """A case of 6.12 with the one of 6.12, never with that of 6.14."""
    other = tagged(kernel="6.14", board="one")
    (found,) = comparisons([("a.json", merged()), ("b.json", other)], JUDGE)
    assert {line.couple.base.tags["kernel"] for line in found.lines} == {"6.14"}
    (found,) = comparisons([("a.json", merged()), ("b.json", other)], JUDGE, [parse("tag.kernel=6.14")])
    assert len(found.lines) == 2


def test_results_are_called_by_the_tags_that_their_files_do_not_say() -> None:
    old, new = tagged(kernel="6.12", board="one"), tagged(kernel="6.14", board="one")
    assert names([("a.json", old), ("b.json", new)]) == [("kernel=6.12", "a.json"), ("kernel=6.14", "b.json")]
    assert names([("k-6.12.json", old), ("k-6.14.json", new)])[0] == ("k-6.12.json", "kernel=6.12")
    assert names([("a.json", old), ("b.json", old)]) == [("a.json", ""), ("b.json", "")]
    assert names([("a.json", old), ("b.json", real_result())])[0][0] == "a.json"


def test_a_profile_is_not_filtered_by_tags(tmp_path: Path) -> None:
    from benchsuite.runs.plan import make_plan

    with pytest.raises(BenchsuiteError, match="a profile has no tags"):
        make_plan("quick", filters=["tag.kernel=6.12"])


def test_a_comparison_says_the_tags_that_all_have_and_the_notes() -> None:
    from benchsuite.report import render_comparisons

    sources = [("a.json", tagged(kernel="6.12", board="one")), ("b.json", tagged(kernel="6.14", board="one"))]
    text = render_comparisons(comparisons(sources, JUDGE), "table", 80)
    assert "Base: kernel=6.12 (a.json;" in text and "\nTags: board=one\n" in text
    assert "note: with the new heat sink and a fan" in " ".join(text.split())
    rows = list(csv.DictReader(io.StringIO(render_comparisons(comparisons(sources, JUDGE), "csv", None))))
    assert (rows[0]["base_tag.kernel"], rows[0]["other_tag.kernel"]) == ("6.12", "6.14")
