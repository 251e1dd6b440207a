"""Files of a user's: a sentence for each way that reading one can fail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchsuite import files
from benchsuite.files import Expected
from benchsuite.model import BenchsuiteError

LIST = Expected("a list", "name a .list file", 2 * 10**6)


def refused(path: Path | str, expected: Expected = LIST) -> str:
    with pytest.raises(BenchsuiteError) as error:
        files.read(path, expected, "here", "`list` shows them")
    return str(error.value)


def test_each_way_that_a_file_cannot_be_read(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == "here: no such file; `list` shows them"
    assert refused(tmp_path) == "here: is a directory; name a .list file"
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe") == "here: is no regular file; name a .list file"
    assert refused("/dev/null/x") == "here: cannot be read (Not a directory)"
    assert refused("a\0b") == "'here': no path of a file: there is a NUL in it"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (LIST.most + 1))
    assert refused(tmp_path / "large") == "here: larger than 2 MB: this cannot be a list"
    cut = Expected("a text", "", LIST.most, too_large="cut it")
    assert refused(tmp_path / "large", cut) == "here: larger than 2 MB: cut it"
    (tmp_path / "large").write_bytes(b"x" * LIST.most)
    assert len(files.read(tmp_path / "large", LIST)) == LIST.most


def test_without_another_name_a_message_has_the_path(tmp_path: Path) -> None:
    with pytest.raises(BenchsuiteError, match=f"^{tmp_path}/none: no such log$"):
        files.read(tmp_path / "none", Expected("a log", "", 1, name="log"))


def test_text_that_is_no_utf_8() -> None:
    assert files.text("\ufeffä".encode(), "here", "JSON") == "ä"
    with pytest.raises(BenchsuiteError, match=r"^here: line 2: not UTF-8, as JSON must be$"):
        files.text(b"[\n\xff", "here", "JSON")


def test_toml_that_is_none() -> None:
    assert files.toml(b"a = 1", "here") == {"a": 1}
    with pytest.raises(BenchsuiteError, match=r"^here: line 1, column 5: "):
        files.toml(b"a = \n", "here")
