"""Every line format that can be imported. A new one is a module (see figure.py) and a line here.

(pytest-benchmark's JSON is no text of lines: pytest_benchmark.py.)
"""

from __future__ import annotations

from types import ModuleType

from benchsuite.formats import (
    cryptodev_speed,
    cryptsetup,
    csv_table,
    dpdk_crypto_perf,
    go_testing,
    imb_perf,
    kcapi_speed,
    kunit,
    ocf_bench,
    openssl_speed,
    tcrypt_figures,
)

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
)

# They say by is_one(text) whether they are asked, get the lines as they stand, and what they use no other
# reader sees: a cell may look like anything.
TABLES: tuple[ModuleType, ...] = (csv_table,)
