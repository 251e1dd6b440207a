# make run    environment, build, and a first measurement      make test   environment and the whole test suite
# make bench  the speed figures of METHODOLOGY.md              make lint   ruff, mypy, clang-format
# make lab    the kernel's paths, in a virtual machine with another kernel
# make cross  the C core on other machines, emulated
# make zoo    every command on every faulty driver of the zoo, and on sound ones (an hour)
# make fuzz   damaged files by the hundred thousand (FUZZ_RUNS=1000 is a taste); every property at random
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NATIVE := $(wildcard benchsuite/native/*.h benchsuite/native/[!_]*.c benchsuite/native/drivers/*.c benchsuite/native/drivers/*/*.[ch])
APT := sudo apt-get install gcc make python3-dev python3-venv

LAB_LIMIT ?= 45m

FUZZ_RUNS ?= 100000

.PHONY: all run test bench lab cross zoo fuzz lint clean prerequisites
all: $(VENV)/built

# Each missing thing is named, with the line that brings it.
prerequisites:
	@command -v $(PYTHON) >/dev/null || { echo "make: there is no $(PYTHON). On Debian: $(APT)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "make: $(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "make: $(PYTHON) cannot make environments (python3-venv). On Debian: $(APT)" >&2; exit 1; }
	@command -v $${CC:-gcc} >/dev/null || { echo "make: there is no C compiler. On Debian: $(APT)" >&2; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig; \
		sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' || \
		{ echo "make: the header Python.h is missing (python3-dev). On Debian: $(APT)" >&2; exit 1; }
	@echo '#include <stdlib.h>' | $${CC:-gcc} -E - >/dev/null 2>&1 || \
		{ echo "make: the C library's headers are missing (libc6-dev). On Debian: $(APT) libc6-dev" >&2; exit 1; }

# pip comes last into an environment: one without it was interrupted.
$(BIN)/pip:
	@$(MAKE) --silent prerequisites
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/built: pyproject.toml setup.py benchsuite/native/build.py $(NATIVE) | $(BIN)/pip
	@$(MAKE) --silent prerequisites
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/testing: pyproject.toml | $(VENV)/built
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

run: $(VENV)/built
	$(BIN)/benchsuite run quick --format table --format ocf-bench

# A file of tests for each CPU at a time.
test: $(VENV)/built $(VENV)/testing
	$(BIN)/python -m pytest -n auto --dist loadfile

$(VENV)/benching: pyproject.toml | $(VENV)/testing
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

bench: $(VENV)/built $(VENV)/testing $(VENV)/benching
	$(BIN)/python -m pytest tests/benchmarks

# First the lab itself, from outside, then what runs in it.
lab: $(VENV)/built $(VENV)/testing
	LAB_TESTS=1 $(BIN)/python -m pytest -m outside tests/lab
	$(BIN)/benchsuite lab exec --timeout $(LAB_LIMIT) -- python -m pytest -m 'not outside' tests/lab

cross: $(VENV)/built $(VENV)/testing
	$(BIN)/python -m pytest tests/cross

zoo: $(VENV)/built $(VENV)/testing
	PYTHONPATH=tests $(BIN)/python -m zoo

$(VENV)/fuzzing: pyproject.toml | $(VENV)/testing
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	@touch $@

# What is damaged by rule, then what coverage leads to.
fuzz: $(VENV)/built $(VENV)/testing $(VENV)/fuzzing
	$(BIN)/python tests/fuzz/run.py import $(FUZZ_RUNS)
	$(BIN)/python tests/fuzz/run.py result $(FUZZ_RUNS)
	$(BIN)/python tests/fuzz/by_coverage.py import -atheris_runs=$(FUZZ_RUNS)
	$(BIN)/python tests/fuzz/by_coverage.py result -atheris_runs=$(FUZZ_RUNS)
	FUZZ_RUNS=$(FUZZ_RUNS) $(BIN)/python -m pytest -q -m hypothesis tests

lint: $(VENV)/testing
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	find benchsuite tests -name '*.[ch]' ! -name _core.c | xargs $(BIN)/clang-format --dry-run --Werror

clean:
	rm -rf $(VENV) build dist *.egg-info benchsuite/native/_core.c benchsuite/native/_core.*.so
