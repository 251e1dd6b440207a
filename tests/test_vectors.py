"""The published vectors: each is what the cryptography package computes, fits the table of algorithms, and no
algorithm is without one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import benchsuite
from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends import vectors
from benchsuite.backends.python_calls import performer
from benchsuite.backends.reference import Reference, WrongTag
from benchsuite.backends.vectors import Vector
from benchsuite.model import DECRYPT

FILES = sorted(vectors.DIRECTORY.glob("*.toml"))
ALL = [pytest.param(vector, id=f"{vector.algorithm}, {vector.source}") for vector in vectors.load()]


def sealed(vector: Vector) -> bytes:
    digest = ALGORITHMS[vector.algorithm].kind in ("digest", "hmac")
    return vector.tag if digest else vector.text + vector.tag


@pytest.mark.parametrize("vector", ALL)
def test_the_cryptography_package_computes_the_same(vector: Vector) -> None:
    algorithm = ALGORITHMS[vector.algorithm]
    reference = Reference(algorithm, vector.key, vector.mac_key)
    text, tag = reference.encrypt(vector.iv, vector.aad, vector.plain)
    if algorithm.kind in ("digest", "hmac"):
        assert tag == vector.tag
    else:
        assert (text, tag) == (vector.text, vector.tag)
        assert reference.decrypt(vector.iv, vector.aad, vector.text, vector.tag) == vector.plain
    if algorithm.authenticated:
        with pytest.raises(WrongTag):
            reference.decrypt(
                vector.iv, vector.aad, vector.text, bytes([vector.tag[0] ^ 128]) + vector.tag[1:]
            )


@pytest.mark.parametrize("vector", ALL)
def test_the_python_backend_computes_the_same(vector: Vector) -> None:
    algorithm = ALGORITHMS[vector.algorithm]
    for op in algorithm.ops:
        perform = performer(algorithm, op, vector.key, vector.mac_key)
        source, expected = (sealed(vector), vector.plain) if op == DECRYPT else (vector.plain, sealed(vector))
        assert perform(vector.iv, vector.aad, source) == expected


@pytest.mark.parametrize("vector", ALL)
def test_a_vector_fits_the_table(vector: Vector) -> None:
    algorithm = ALGORITHMS[vector.algorithm]
    assert len(vector.key) == algorithm.key_size
    assert bool(vector.mac_key) == bool(algorithm.mac_key_size)  # of any length
    assert len(vector.iv) == algorithm.iv_size
    assert len(vector.tag) == algorithm.tag_size
    assert len(vector.plain) >= algorithm.min_size and len(vector.plain) % algorithm.block == 0
    assert len(vector.text) == (0 if algorithm.kind in ("digest", "hmac") else len(vector.plain))
    assert not vector.aad or algorithm.authenticated


def test_every_algorithm_has_a_vector_or_is_made_of_parts_that_have() -> None:
    covered = {vector.algorithm for vector in vectors.load()}
    for name in set(ALGORITHMS) - covered:
        cipher, plus, mac = name.partition("+")
        assert plus and {cipher, mac} <= covered, f"no vector for {name}"


@pytest.mark.parametrize("kind", ["cipher", "aead", "digest", "hmac", "authenc"])
def test_of_gives_the_vectors_of_one_algorithm(kind: str) -> None:
    for name in (name for name, algorithm in ALGORITHMS.items() if algorithm.kind == kind):
        assert vectors.of(name) == [vector for vector in vectors.load() if vector.algorithm == name]


@pytest.mark.parametrize("kind", ["cipher", "aead"])
def test_modes_that_take_any_size_have_a_vector_of_an_odd_one(kind: str) -> None:
    for name, algorithm in ALGORITHMS.items():
        if algorithm.kind == kind and algorithm.block == 1:
            assert any(len(vector.plain) % 16 for vector in vectors.of(name)), name


def test_every_aead_has_a_vector_with_aad() -> None:
    for name, algorithm in ALGORITHMS.items():
        assert algorithm.kind != "aead" or any(vector.aad for vector in vectors.of(name)), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_has_no_key_that_nobody_reads(path: Path) -> None:
    document = tomllib.loads(path.read_text())
    assert list(document) == ["vector"]
    known = set(Vector.__dataclass_fields__)
    for table in document["vector"]:
        assert set(table) <= known and table["source"] and table["algorithm"] in ALGORITHMS


def test_no_vector_is_there_twice() -> None:
    known = [(v.algorithm, v.key, v.mac_key, v.iv, v.aad, v.plain) for v in vectors.load()]
    assert len(set(known)) == len(known)


def test_the_vectors_come_with_the_package() -> None:
    assert Path(benchsuite.__file__).parent in vectors.DIRECTORY.parents
    assert {path.stem for path in FILES} == {"ciphers", "aeads", "digests", "hmacs", "pairs"}
