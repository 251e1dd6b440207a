"""Typed keys: what profiles, files of devices and settings of backends share.

Key                     name, kind, default and meaning; REQUIRED as its default
Number, Size, Text ...  kinds of values; each has `what`, in words, and `accept`
OptionTable             of a backend's setting: `NAME:DEVICE,clock=real`
accept(kind, value, where)      the value, or a BenchsuiteError that says where
check_names(found, known, where), unknown(...)      names that no key has
value(word)             a word of the command line as TOML would have it
"""

from benchsuite.keys.key import REQUIRED, Key, accept, check_names, unknown
from benchsuite.keys.kinds import (
    AlgorithmName,
    Choice,
    Duration,
    Flag,
    Kind,
    Number,
    NumberOrFlag,
    Real,
    Size,
    Text,
    refused,
    show,
)
from benchsuite.keys.options import Option, OptionTable, Word
from benchsuite.keys.text import from_text

__all__ = [
    "REQUIRED",
    "AlgorithmName",
    "Choice",
    "Duration",
    "Flag",
    "Key",
    "Kind",
    "Number",
    "NumberOrFlag",
    "Option",
    "OptionTable",
    "Real",
    "Size",
    "Text",
    "Word",
    "accept",
    "check_names",
    "from_text",
    "refused",
    "show",
    "unknown",
]
