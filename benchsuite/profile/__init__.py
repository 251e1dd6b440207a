"""Profiles: TOML files that say what to measure, expanded to a plan of cases.

    find(name_or_path) -> Path;  names() -> [(name, first sentence of its why)]
    load(path) -> Profile;  parse(table, where, name) -> Profile
    expand(profile, overrides, backends, cpus=...) -> Plan
    rate_of(case) -> its rate as a profile writes it;  burst_of(arrival) -> requests at once
    settable() -> {name: Key} that --set takes
    named(texts, known, where) -> (backends, {backend: label}), of `LABEL=NAME:SETTING`; Named is one

profiles/README.md is the format, key by key. Whatever is wrong with a file or an override is a
BenchsuiteError that names the file, the matrix and the key.
"""

from benchsuite.profile.expansion import MAX_CASES, expand
from benchsuite.profile.files import DIRECTORY, find, load, names
from benchsuite.profile.labels import Named, named
from benchsuite.profile.parsing import Matrix, Profile, parse
from benchsuite.profile.rates import burst_of, rate_of
from benchsuite.profile.table import FILE, MATRIX, MEASURE, Key, settable

__all__ = [
    "DIRECTORY",
    "FILE",
    "MATRIX",
    "MAX_CASES",
    "MEASURE",
    "Key",
    "Matrix",
    "Named",
    "Profile",
    "burst_of",
    "expand",
    "find",
    "load",
    "named",
    "names",
    "parse",
    "rate_of",
    "settable",
]
