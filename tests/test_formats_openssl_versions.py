"""openssl speed of every version, in every form, by both streams: each case once, with the rate that was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_fixture import other, patient, read, unclear
from openssl_fixture import VERSIONS, Speed

counts = st.lists(st.integers(100, 10**8), min_size=6, max_size=6)
HALVES = ": "


def found(text: str) -> dict[tuple[str, str, int], float]:
    imported = read(text)
    assert not other(imported) and not unclear(imported)
    cases = [(case.case, value) for case in imported.result.cases for value in case.values]
    rates = {
        (case.algorithm.partition("-nistp")[0].removesuffix("-256"), case.op, case.request_size): (
            value.requests / value.wall
        )
        for case, value in cases
    }
    assert len(rates) == len(cases), "every case once, with one value"
    return rates


def streams(speed: Speed, order: str) -> str:
    if order == "broken":  # as two processes that write to one file leave it
        errors = [
            f"{head}: \n{tail}" if (head and tail) else line
            for line in speed.errors
            for head, _, tail in [line.partition(HALVES)]
        ]
        return "\n".join([*errors, *speed.output])
    return "\n".join(speed.output + speed.errors if order == "output first" else speed.errors + speed.output)


@pytest.mark.parametrize("order", ["as printed", "output first", "broken"])
@pytest.mark.parametrize("mr", [False, True])
@pytest.mark.parametrize("version", VERSIONS)
@settings(patient, max_examples=4)
@given(counts, counts, st.sampled_from([1.0, 0.5, 0.02]), st.booleans())
def test_what_a_version_prints(
    version: str, mr: bool, order: str, some: list[int], keys: list[int], used: float, elapsed: bool
) -> None:
    of = VERSIONS[version]
    ciphers = {"aes-128 cbc": some[: of.sizes], "sha256": some[::-1][: of.sizes]}
    speed = Speed(
        of, ciphers, keys[: 4 if of.encrypts else 2], keys[4], 1.0 if elapsed else used, mr, elapsed
    )
    text = streams(speed, order)
    if mr and of.seconds:
        text = f"{of.banner}\n{text}"
    assert found(text) == {name: pytest.approx(rate) for name, rate in speed.truth.items()}
