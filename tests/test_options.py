"""Options of settings: one grammar, one set of messages, for the tables of all backends."""

from __future__ import annotations

import re

import pytest
from command import Cli
from hypothesis import given
from hypothesis import strategies as st

from benchsuite import backends
from benchsuite.keys import REQUIRED, Choice, Flag, Number, Option, OptionTable, Word
from benchsuite.model import BenchsuiteError
from benchsuite.native import drivers

TABLE = OptionTable(
    Option("path", Word(20, commas=True, file=True), REQUIRED, "a file", "PATH", first=True),
    Option("way", Choice(("slow", "fast")), "slow", "how"),
    Option("count", Number(1, 9), 1, "how many", "N"),
    Option("quiet", Flag(), False, "says nothing"),
)
OPTIONAL = OptionTable(
    Option("name", Word(20), "", "a name", "NAME", first=True), Option("way", Choice(("fast",)), "", "how")
)


def test_what_a_setting_says() -> None:
    assert TABLE.parse("x", "/a") == {"path": "/a", "way": "slow", "count": 1, "quiet": False}
    assert TABLE.given("x", "/a,quiet,count=3") == {"path": "/a", "count": 3, "quiet": True}
    assert TABLE.given("x", "count=3,path=/a") == {"path": "/a", "count": 3}
    assert OPTIONAL.given("x", "") == {}
    assert OPTIONAL.given("x", ",way=fast") == OPTIONAL.given("x", "way=fast") == {"way": "fast"}


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("/a,b", "/a,b"),
        ("/a, 2nd,way=fast", "/a, 2nd"),
        ("/a,b=c", None),
        ("/a,quiet,b", None),
        ("a=b", None),
    ],
)
def test_a_comma_ends_a_value_where_an_option_follows(setting: str, path: str | None) -> None:
    if path is None:
        with pytest.raises(BenchsuiteError, match="is no setting of it"):
            TABLE.parse("x", setting)
    else:
        assert TABLE.parse("x", setting)["path"] == path


def test_the_only_option_is_the_whole_setting() -> None:
    only = OptionTable(Option("path", Word(file=True), "", "a file", "PATH", first=True))
    assert only.parse("x", "/a,b=c") == {"path": "/a,b=c"} and only.file("/a,b=c") == "/a,b=c"


@pytest.mark.parametrize(
    ("table", "setting", "message"),
    [
        (TABLE, "", "x: which path? Write x:PATH, with a file"),
        (TABLE, "way=fast", "x: which path?"),
        (TABLE, "/a,wya=fast", "x: 'wya=fast' is no setting of it: did you mean 'way'?"),
        (TABLE, "/a,zzz=1", "it takes PATH, way=slow|fast, count=N, quiet"),
        (TABLE, "/a,way=x", 'x: way=x: \'x\' is not "slow" or "fast"'),
        (TABLE, "/a,count=x", "x: count=x: 'x' is not a whole number from 1 to 9"),
        (TABLE, "/a,count=10", "x: count=10: 10 is not a whole number"),
        (TABLE, "/a,quiet=perhaps", "x: quiet=perhaps: 'perhaps' is not true or false"),
        (TABLE, "/a,count=1,count=1", "x: count is given twice, in '/a,count=1,count=1'"),
        (TABLE, "/a,quiet,quiet", "x: quiet is given twice"),
        (TABLE, "/" + "a" * 20, "is not text of fewer than 20 characters"),
        (TABLE, "/a\nway=fast", "is not text"),
        (OPTIONAL, "a,b", "x: 'b' is no setting of it: it takes NAME, way=fast"),
        (OptionTable(), "a", "x takes no setting, so not 'x:a': say 'x'"),
    ],
)
def test_what_is_wrong_is_one_sentence(table: OptionTable, setting: str, message: str) -> None:
    with pytest.raises(BenchsuiteError, match=re.escape(message)) as caught:
        table.parse("x", setting)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "file"),
    [("/a/b,quiet", "/a/b"), ("./a", "./a"), ("a", ""), ("", ""), ("count=3,path=/a", ""), ("/a,no=1", "/a")],
)
def test_the_file_a_setting_begins_with(setting: str, file: str) -> None:
    """Whatever is wrong with the rest: results of other versions are read, too."""
    assert TABLE.file(setting) == file


@given(
    st.text(max_size=20)
    | st.from_regex(r"(/a)?(,(way|count|quiet|b)(=[a-z0-9,]{0,3})?){0,4}", fullmatch=True)
)
def test_any_text_is_a_setting_or_a_sentence(text: str) -> None:
    for table in (TABLE, OPTIONAL, OptionTable()):
        assert ",".join(table.split(text)) == text
        try:
            found = table.parse("x", text)
        except BenchsuiteError as error:
            assert "\n" not in str(error)
        else:
            assert list(found) == [option.name for option in table]


def test_every_backend_has_a_table_that_can_be_shown(cli: Cli) -> None:
    told = cli.run("list", "backends", "-v").stdout
    for name in backends.names():
        found = backends.of(name)
        for option in found.options:
            assert option.doc and f"{option.usage} " in told and option.doc in told, (name, option)


def test_a_driver_gets_a_line_for_each_option_that_was_given() -> None:
    lines = backends.of("afalg:authenc(hmac(sha1),cbc(aes)),way=aio").lines()  # type: ignore[attr-defined]
    assert lines == "driver=authenc(hmac(sha1),cbc(aes))\nway=aio\n"
    assert backends.of("cryptodev").lines() == ""  # type: ignore[attr-defined]


def test_tables_of_drivers_come_from_the_core() -> None:
    found = {driver.name: [option.usage for option in driver.options] for driver in drivers()}
    assert found["null"] == [] and found["libcrypto"] == ["PATH"]
    assert found["afalg"] == ["DRIVER", "way=sync|aio|threads"]
