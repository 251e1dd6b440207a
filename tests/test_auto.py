"""The `auto` backend: whom it asks, whom it does not, and what it takes.

What a machine has differs; here drivers that answer as a table says stand in for those of a kernel.
tests/lab/test_lab_auto.py has a kernel with drivers of every class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.backends import MeasureError, auto, of, proc_crypto
from benchsuite.backends.auto import Decider
from benchsuite.backends.candidates import from_text, parse_wish
from benchsuite.backends.proc_crypto import KernelDriver, serving
from benchsuite.cli import auto_options
from benchsuite.model import Case
from benchsuite.native import lib
from benchsuite.runs.auto import question

# /proc/crypto

LISTED = """name         : cbc(aes)
driver       : virtio_crypto_aes_cbc
module       : virtio_crypto
priority     : 150
refcnt       : 1
selftest     : passed
internal     : no
type         : skcipher
async        : yes
blocksize    : 16

name         : cbc(aes)
driver       : cbc-aes-aesni
module       : aesni_intel
priority     : 400
selftest     : passed
internal     : no
type         : skcipher
async        : no

name         : cbc(aes)
driver       : broken-cbc
module       : broken
priority     : 900
selftest     : unknown
internal     : no
type         : skcipher

name         : cbc(aes)
driver       : __part-cbc
module       : part
priority     : 800
selftest     : passed
internal     : yes
type         : skcipher

name         : sha256
driver       : sha256-generic
module       : kernel
priority     : 100
selftest     : passed
internal     : no
type         : shash
"""


def test_proc_crypto_is_understood() -> None:
    listed = proc_crypto.parse(LISTED)
    assert len(listed) == 5
    assert listed[0] == KernelDriver(
        "cbc(aes)", "virtio_crypto_aes_cbc", "virtio_crypto", 150, "skcipher", True, False, True
    )
    assert [each.driver for each in serving("cbc(aes)", listed)] == [
        "broken-cbc",
        "__part-cbc",
        "cbc-aes-aesni",
        "virtio_crypto_aes_cbc",
    ]
    assert serving("gcm(aes)", listed) == []


@given(st.text())
def test_whatever_proc_crypto_says_is_a_list(text: str) -> None:
    assert all(each.name and each.driver for each in proc_crypto.parse(text))


def test_a_kernel_without_proc_crypto(tmp_path: Path) -> None:
    assert proc_crypto.read(tmp_path / "none") == []


# What is asked. Drivers that answer as a table says stand in for those of a kernel.

Answer = int | str  # a preference, or why not


class Asked:
    """Stands for every driver; remembers what it was asked."""

    def __init__(self, **answers: Answer) -> None:
        self.answers, self.probed, self.opened = answers, [], []

    def answer(self, backend: str) -> Answer:
        return self.answers.get(backend.rpartition(":")[2].replace("-", "_"), lib.BS_PREFER_SOFTWARE)

    def params(self, backend: str, *_: Any) -> Any:
        self.probed.append(backend)
        answer = self.answer(backend)

        class Params:
            def check(params) -> int:
                if isinstance(answer, str) and not answer.startswith("session"):
                    raise MeasureError("unsupported", answer)
                return lib.BS_PREFER_HARDWARE if isinstance(answer, str) else answer

        made = Params()
        made.backend = backend
        return made

    def session(self, params: Any) -> Any:
        answer = self.answer(params.backend)
        if isinstance(answer, str):
            raise MeasureError("unsupported", answer)
        self.opened.append(params.backend)
        return self

    def close(self) -> None:
        """Of the session."""


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Asked, dict[str, str]]]:
    """Decides a case on a kernel with these answers."""

    def decide(
        case: Case,
        listed: str = LISTED,
        after_asking: str = "",
        closed: dict[str, str] | None = None,
        dead: dict[str, str] | None = None,
        **answers: Answer,
    ) -> tuple[Asked, dict[str, str]]:
        asked = Asked(**answers)
        monkeypatch.setattr(auto, "_params", asked.params)
        monkeypatch.setattr(auto, "Session", asked.session)
        monkeypatch.setattr(auto, "_not_here", lambda backend: (closed or {}).get(backend, ""))

        def proc() -> list[KernelDriver]:
            return proc_crypto.parse(after_asking if after_asking and asked.probed else listed)

        return asked, Decider(parse_wish(case.backend[5:]), lambda phase: None, dead or {}, proc).decide(case)

    return decide


CBC = Case("auto", "aes-128-cbc", request_size=64)
CLASSED = {
    "virtio_crypto_aes_cbc": lib.BS_PREFER_HARDWARE,
    "cbc_aes_aesni": lib.BS_PREFER_ACCELERATED,
    "software": lib.BS_PREFER_ACCELERATED,  # whatever libcrypto says of itself
}


def test_the_device_is_taken_and_the_others_are_told(ask) -> None:
    asked, decided = ask(CBC, **CLASSED)
    assert decided["chosen"] == "afalg:virtio_crypto_aes_cbc" and decided["chosen_class"] == "hardware"
    assert asked.opened == ["afalg:virtio_crypto_aes_cbc"]
    told = {each.backend: (each.kind, each.refused) for each in from_text(decided["candidates"])}
    assert told == {
        "afalg:virtio_crypto_aes_cbc": ("hardware", ""),
        "afalg:cbc-aes-aesni": ("accelerated", ""),
        "cryptodev": ("kernel", ""),
        "software": ("software", ""),
        "afalg:broken-cbc": ("", "has not passed the kernel's self-test"),
        "afalg:__part-cbc": ("", "is a part of other kernel drivers, for them alone"),
    }
    assert not {"afalg:broken-cbc", "afalg:__part-cbc"} & set(asked.probed)


def test_a_session_that_does_not_open_is_refused_and_the_next_one_taken(ask) -> None:
    _, decided = ask(CBC, **CLASSED | {"virtio_crypto_aes_cbc": "session: no queue left"})
    assert decided["chosen"] == "afalg:cbc-aes-aesni"
    best, *others = from_text(decided["candidates"])
    assert best.backend == decided["chosen"]
    (device,) = [each for each in others if each.backend == "afalg:virtio_crypto_aes_cbc"]
    assert device.refused == "no session can be opened: session: no queue left"


def test_required_hardware_is_never_replaced(ask) -> None:
    case = replace(CBC, backend="auto:require=hardware")
    assert ask(case, **CLASSED)[1]["chosen"] == "afalg:virtio_crypto_aes_cbc"
    with pytest.raises(MeasureError) as error:
        ask(case, **CLASSED | {"virtio_crypto_aes_cbc": "no keys of 128 bits"})
    assert error.value.kind == "unavailable"
    for part in (
        "afalg:cbc-aes-aesni",
        "cryptodev",
        "software: not hardware, which is required",
        "afalg:virtio_crypto_aes_cbc: no keys of 128 bits",
        "afalg:broken-cbc: has not passed",
    ):
        assert part in str(error.value)
    assert "\n" not in str(error.value)


def test_no_template_is_made_by_asking(ask) -> None:
    """Of the pair's two halves /dev/crypto would make the MAC; AF_ALG the pair itself."""
    asked, decided = ask(Case("auto", "aes-128-cbc+hmac-sha1"), **CLASSED)
    assert decided["chosen"] == "software" and set(asked.probed) == {"software"}
    afalg, cryptodev = from_text(decided["candidates"])[1:]
    assert "no authenc(hmac(sha1),cbc(aes))" in afalg.refused and "template" in afalg.refused
    assert "no hmac(sha1)" in cryptodev.refused


def test_a_module_that_asking_loads_is_seen_at_once(ask) -> None:
    """So that the first case of a run and the next one have the same driver."""
    loaded = LISTED + "\nname : md5\ndriver : md5-generic\npriority : 100\n"
    asked, decided = ask(Case("auto", "md5", "digest"), LISTED, after_asking=loaded, **CLASSED)
    assert decided["chosen"] == "afalg:md5-generic" and asked.probed[0] == "afalg"
    _, decided = ask(Case("auto", "md5", "digest"), **CLASSED)
    assert decided["chosen"] == "afalg"  # served, though not listed


def test_what_the_kernel_does_not_have_at_all(ask) -> None:
    asked, decided = ask(Case("auto", "sha512-224", "digest"))
    assert asked.probed == ["software", "software"]  # its probe, then its session
    assert [each.refused for each in from_text(decided["candidates"])[1:]] == [
        "the kernel has no sha512-224",
        "/dev/crypto has no sha512-224",
    ]


def test_a_closed_way_is_one_candidate_with_its_own_reason(ask) -> None:
    closed = {"afalg": "the kernel has no AF_ALG", "cryptodev": "no /dev/crypto"}
    _, decided = ask(CBC, closed=closed)
    assert decided["chosen"] == "software"
    assert {each.backend: each.refused for each in from_text(decided["candidates"])[1:]} == closed


def test_a_preferred_library_is_asked_first_and_may_refuse(ask) -> None:
    case = replace(CBC, backend="auto:prefer=software:/opt/l.so")
    assert ask(case, **CLASSED)[1]["chosen"] == "software:/opt/l.so"
    _, decided = ask(case, closed={"software:/opt/l.so": "no such file"}, **CLASSED)
    assert decided["chosen"] == "afalg:virtio_crypto_aes_cbc"
    assert "no such file" in decided["candidates"]


def test_a_preferred_driver_that_is_not_listed_is_not_bound(ask) -> None:
    asked, decided = ask(replace(CBC, backend="auto:prefer=afalg:pcrypt(cbc(aes))"), **CLASSED)
    assert decided["chosen"] == "afalg:virtio_crypto_aes_cbc"
    assert "lists no driver pcrypt(cbc(aes)) of cbc(aes)" in decided["candidates"]
    assert "afalg:pcrypt(cbc(aes))" not in asked.probed


@pytest.mark.parametrize("about", ["", " about aes-128-cbc"])
def test_what_killed_the_asking_process_is_not_asked_again(about: str, ask) -> None:
    device = "afalg:virtio_crypto_aes_cbc"
    asked, decided = ask(CBC, dead={device + about: "it crashed"}, **CLASSED)
    assert decided["chosen"] == "afalg:cbc-aes-aesni"
    assert device not in asked.probed
    asked, decided = ask(CBC, dead={f"{device} about aes-256-cbc": "it crashed"}, **CLASSED)
    assert decided["chosen"] == device


@pytest.mark.parametrize(("text", "said"), [("1\n", "on"), ("0\n", "off"), (None, "none")])
def test_the_kernels_fips_mode(text: str | None, said: str, tmp_path: Path, monkeypatch: Any, ask) -> None:
    if text is not None:
        (tmp_path / "fips").write_text(text)
    monkeypatch.setattr(auto, "_FIPS", tmp_path / "fips")
    _, decided = ask(CBC)
    assert decided["kernel_fips"] == said
    found = {question(CBC): decided}
    assert auto_options.lines(found, False)[0] == f"auto chooses (FIPS mode of the kernel: {said}):"


def test_a_wrong_setting_is_no_backend() -> None:
    with pytest.raises(MeasureError, match="'fast' is no setting") as error:
        of("auto:fast").version()
    assert error.value.kind == "unavailable"


def test_its_version_says_what_it_would_choose_among() -> None:
    said = of("auto").version()
    assert "software" in said and "FIPS mode of the kernel" in said
