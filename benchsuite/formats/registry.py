"""Every format that can be imported. A new one is a module (see figure.py) and a line here.

A reader of JSON, of a whole file of it, is a module with NAME and ABOUT and

    EXPECTED                what its JSON has, for whoever gives another
    is_one(data)            whether the data are its program's
    read(data)              (figures, what could not be read: one line for each)
    machine(data)           keys of a result's environment

Every entry of a file is a figure or is in the second list.
"""

from __future__ import annotations

from types import ModuleType

from benchsuite.formats import (
    cryptodev_speed,
    cryptsetup,
    dpdk_crypto_perf,
    imb_perf,
    kcapi_speed,
    kunit,
    mbedtls_benchmark,
    ocf_bench,
    pytest_benchmark,
)
from benchsuite.formats.botan import speed as botan_speed
from benchsuite.formats.botan import speed_json as botan_speed_json
from benchsuite.formats.bssl import speed as bssl_speed
from benchsuite.formats.bssl import speed_json as bssl_speed_json
from benchsuite.formats.csv_table import table as csv_table
from benchsuite.formats.go import testing as go_testing
from benchsuite.formats.openssl import speed as openssl_speed
from benchsuite.formats.tcrypt import figures as tcrypt_figures
from benchsuite.formats.wolfcrypt import benchmark as wolfcrypt_benchmark

READERS: tuple[ModuleType, ...] = (
    ocf_bench,
    tcrypt_figures,
    openssl_speed,
    cryptsetup,
    kcapi_speed,
    cryptodev_speed,
    dpdk_crypto_perf,
    kunit,
    imb_perf,
    go_testing,
    wolfcrypt_benchmark,
    bssl_speed,
    mbedtls_benchmark,
    botan_speed,
)

JSON_READERS: tuple[ModuleType, ...] = (pytest_benchmark, bssl_speed_json, botan_speed_json)

# They say by is_one(text) whether they are asked, get the lines as they stand, and what they use no other
# reader sees: a cell may look like anything.
TABLES: tuple[ModuleType, ...] = (csv_table,)
