"""How setuptools builds the native core: cffi's API mode, api.h read verbatim, stable ABI."""

from pathlib import Path

from cffi import FFI

HERE = Path("benchsuite/native")  # setuptools wants paths relative to the project's root
SOURCES = sorted(str(path) for path in HERE.rglob("*.c") if path.stem != "_core")

builder = FFI()
builder.cdef((HERE / "api.h").read_text())
builder.set_source(
    "benchsuite.native._core",
    '#include "core.h"',
    sources=SOURCES,
    depends=sorted(str(path) for path in HERE.rglob("*.h")),
    include_dirs=[str(HERE)],
    define_macros=[("_GNU_SOURCE", None)],
    # -ffp-contract: where the CPU multiplies and adds in one, a simulation would be rounded otherwise.
    extra_compile_args=[
        "-std=c11",
        "-O2",
        "-g",
        "-ffp-contract=off",
        "-fvisibility=hidden",
        "-Wall",
        "-Wextra",
    ],
    libraries=["dl", "m", "pthread"],
)
