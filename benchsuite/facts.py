"""Names under which a result keeps what it knows: facts of a run, keys of the environment and what these are
called, latencies and counters.

They stand in files that are to be read for years, so a name is not changed. Drivers in C write theirs
themselves (bs_session_facts), under these names.
"""

from __future__ import annotations

from typing import Final


class Fact:
    """Key of a run's facts, whose values are strings."""

    # What was measured, and by which way.
    VERSION: Final = "version"  # of the library, kernel or device
    COMPILER: Final = "compiler"  # of the core
    PATH: Final = "path"  # "direct", "queues and threads", ...
    DRIVER: Final = "driver"  # "synchronous" or "asynchronous"
    WAY: Final = "way"  # by which a driver hands requests over
    BUFFERS: Final = "buffers"  # "in place" or "out of place"
    CPUS: Final = "cpus"  # that the user chose: "0,2-5"
    PLACEMENT: Final = "placement"  # where its threads were
    SHARED_CORE: Final = "shared_core"  # CPUs among those it used that are threads of one core
    VERIFIED: Final = "verified"  # what was checked before it was timed
    CYCLES_SOURCE: Final = "cycles_source"  # what counted the cycles
    CYCLE_COUNTER_HZ: Final = "cycle_counter_hz"
    LATENCY_CLOCK: Final = "latency_clock"
    CHOSEN: Final = "chosen"  # backend that `auto` took
    CHOSEN_CLASS: Final = "chosen_class"
    CANDIDATES: Final = "candidates"  # between which it chose
    KERNEL_FIPS: Final = "kernel_fips"
    CAPACITY: Final = "capacity"  # requests per second that are carried when one is always waiting
    RATE: Final = "offered_rate"  # requests per second that were offered, where a case has a rate

    # Pairs.
    BENCHSUITE: Final = "benchsuite"  # version that measured a side
    SIDE: Final = "side"  # "A" or "B"
    PRIORITY: Final = "priority"  # of the processes
    DECIDE_ON: Final = "decide_on"  # metric of the verdict

    # Drivers of the kernel.
    KERNEL_DRIVER: Final = "kernel_driver"
    KERNEL_PRIORITY: Final = "kernel_priority"
    KERNEL_ASYNC: Final = "kernel_async"
    KERNEL_MODULE: Final = "kernel_module"
    HARDWARE: Final = "hardware"
    ZERO_COPY: Final = "zero_copy"
    IN_FLIGHT: Final = "in_flight"  # most requests at a time
    AIO: Final = "aio"
    REQUESTS_PER_MESSAGE: Final = "requests_per_message"
    SLEEPS: Final = "sleeps"
    RING: Final = "ring"
    TRIED_RING: Final = "tried_ring"
    TRIED_THREADS: Final = "tried_threads"
    REFUSED: Final = "refused"
    TCRYPT_PARAMETERS: Final = "tcrypt_parameters"
    TCRYPT_MODE: Final = "tcrypt_mode"
    TCRYPT_SEC: Final = "tcrypt_sec"
    TCRYPT_NUM_MB: Final = "tcrypt_num_mb"
    TCRYPT_ALGORITHM: Final = "tcrypt_algorithm"
    TCRYPT_FORM: Final = "tcrypt_form"
    TCRYPT_LINE: Final = "tcrypt_line"

    # Simulated devices.
    SIMULATED: Final = "simulated"  # "yes"
    DEVICE: Final = "device"
    CONFIDENCE: Final = "confidence"
    CLOCK: Final = "clock"  # "virtual" or "real"
    ASSUMED: Final = "assumed"  # what of the device nobody has said
    USED_UNITS: Final = "used_units"  # share of the time that they were busy
    USED_BUS: Final = "used_bus"
    USED_SERIAL: Final = "used_serial"
    USED_HOST: Final = "used_host"
    INTERRUPTS: Final = "interrupts"
    DOORBELLS: Final = "doorbells"
    FAULTS: Final = "faults"
    LATE: Final = "late"
    SESSIONS_RELOADED: Final = "sessions_reloaded"

    # Figures that another program printed.
    IMPORTED_FROM: Final = "imported_from"  # program
    IMPORTED_FILE: Final = "imported_file"
    IMPORTED_LINE: Final = "imported_line"
    IMPORTED_LINE_NUMBER: Final = "imported_line_number"
    IMPORTED_FIGURE: Final = "imported_figure"  # as it was printed
    IMPORTED_ALGORITHM: Final = "imported_algorithm"  # as it was printed
    IMPORTED_REQUESTS: Final = "imported_requests"
    IMPORTED_CLOCK: Final = "imported_clock"  # what its seconds are
    IMPORTED_PRECISION: Final = "imported_precision"
    IMPORTED_NOTES: Final = "imported_notes"
    IMPORTED_REASON: Final = "imported_reason"  # why there is no figure
    IMPORTED_TOLD_APART: Final = "imported_told_apart"  # by which label
    IMPORTED_CONTEXT: Final = "imported_context"
    IMPORTED_ASSUMED: Final = "imported_assumed"  # what it did not print
    IMPORTED_CYCLES: Final = "imported_cycles"
    IMPORTED_CYCLES_PER_BYTE: Final = "imported_cycles_per_byte"
    IMPORTED_HZ: Final = "imported_hz"
    IMPORTED_KEY: Final = "imported_key"
    DPDK_DEVICE: Final = "dpdk_device"
    GO_ALSO: Final = "go_also"
    GO_MAXPROCS: Final = "go_maxprocs"
    OPENSSL_ENGINE: Final = "openssl_engine"
    PYTEST_ROUNDS: Final = "pytest_rounds"


class Environment:
    """Key of a result's environment."""

    # pyperf's own.
    HOSTNAME: Final = "hostname"
    DATE: Final = "date"
    CPU_MODEL_NAME: Final = "cpu_model_name"
    CPU_COUNT: Final = "cpu_count"
    PYTHON_VERSION: Final = "python_version"

    # Ours.
    ARCHITECTURE: Final = "benchsuite_architecture"
    KERNEL_RELEASE: Final = "benchsuite_kernel_release"
    KERNEL_PARAMETERS: Final = "benchsuite_kernel_parameters"
    HYPERVISOR: Final = "benchsuite_hypervisor"
    CONTAINER: Final = "benchsuite_container"
    FIPS: Final = "benchsuite_fips"
    PERF_EVENT_PARANOID: Final = "benchsuite_perf_event_paranoid"
    CORE_COMPILER: Final = "benchsuite_core_compiler"
    CPUS_ONLINE: Final = "benchsuite_cpus_online"
    CPUS_USABLE: Final = "benchsuite_cpus_usable"
    CPUS_ISOLATED: Final = "benchsuite_cpus_isolated"
    CPUS_CHOSEN: Final = "benchsuite_cpus"  # by the user, for the workers: "0,2-5"
    CPUS_OF_ONE_CORE: Final = "benchsuite_cpus_of_one_core"  # among them: "2-3; 4,8"
    CPUS_BY_NODE: Final = "benchsuite_cpus_by_node"  # "0: 0,2; 1: 3-5"
    GOVERNOR: Final = "benchsuite_governor"
    SCALING_DRIVER: Final = "benchsuite_scaling_driver"
    TURBO: Final = "benchsuite_turbo"
    MIN_KHZ: Final = "benchsuite_min_khz"
    MAX_KHZ: Final = "benchsuite_max_khz"
    SMT: Final = "benchsuite_smt"
    THREADS_PER_CORE: Final = "benchsuite_threads_per_core"
    MITIGATIONS: Final = "benchsuite_mitigations"
    CLOCKSOURCE: Final = "benchsuite_clocksource"
    MICROCODE: Final = "benchsuite_microcode"
    MEMORY: Final = "benchsuite_memory"
    SWAP: Final = "benchsuite_swap"
    BOOT_TIME: Final = "benchsuite_boot_time"
    CC: Final = "benchsuite_cc"
    LAB: Final = "benchsuite_lab"
    VERSION: Final = "benchsuite_version"
    REVISION: Final = "benchsuite_revision"
    IDLE_WATTS: Final = "benchsuite_idle_watts"  # before the run, by the sensors of the energy
    LOAD_BEFORE: Final = "benchsuite_load_before"
    LOAD_AFTER: Final = "benchsuite_load_after"
    MHZ_BEFORE: Final = "benchsuite_mhz_before"
    MHZ_AFTER: Final = "benchsuite_mhz_after"

    # What was done with the result.
    ACCEPTED_REASON: Final = "benchsuite_accepted_reason"  # of a baseline
    ACCEPTED_DATE: Final = "benchsuite_accepted_date"
    ACCEPTED_BEFORE: Final = "benchsuite_accepted_before"
    IMPORTED: Final = "benchsuite_imported"  # files that figures are from
    VERDICTS: Final = "benchsuite_verdicts"


# What keys of an environment are called, in the order in which they are shown.
CALLED: Final = {
    Environment.CPU_MODEL_NAME: "CPU",
    Environment.ARCHITECTURE: "architecture",
    Environment.CPUS_ONLINE: "CPUs online",
    Environment.CPUS_USABLE: "CPUs usable by the run",
    Environment.CPUS_CHOSEN: "CPUs chosen (--cpus)",
    Environment.CPUS_OF_ONE_CORE: "CPUs of one core among them",
    Environment.CPUS_BY_NODE: "CPUs by NUMA node",
    Environment.CPUS_ISOLATED: "CPUs isolated",
    Environment.CPU_COUNT: "CPUs counted by pyperf",
    Environment.THREADS_PER_CORE: "threads per core",
    Environment.SMT: "SMT",
    Environment.MEMORY: "memory",
    Environment.SWAP: "swap",
    Environment.HOSTNAME: "host",
    Environment.HYPERVISOR: "virtual machine",
    Environment.CONTAINER: "container",
    Environment.LAB: "lab",
    Environment.KERNEL_RELEASE: "kernel",
    Environment.KERNEL_PARAMETERS: "kernel parameters",
    Environment.FIPS: "FIPS mode of the kernel",
    Environment.DATE: "date",
    Environment.BOOT_TIME: "booted",
    "uptime": "up since",
    Environment.LOAD_BEFORE: "load before",
    Environment.LOAD_AFTER: "load after",
    Environment.MHZ_BEFORE: "clock of a CPU before",
    Environment.MHZ_AFTER: "clock of a CPU after",
    Environment.IDLE_WATTS: "power before the run",
    Environment.GOVERNOR: "frequency governor",
    Environment.SCALING_DRIVER: "frequency driver",
    Environment.MIN_KHZ: "lowest frequency",
    Environment.MAX_KHZ: "highest frequency",
    Environment.TURBO: "turbo",
    "cpu_freq": "frequencies",
    "cpu_config": "CPU settings",
    Environment.CLOCKSOURCE: "clock source",
    Environment.MICROCODE: "microcode",
    Environment.MITIGATIONS: "CPU mitigations",
    Environment.PERF_EVENT_PARANOID: "perf_event_paranoid",
    "aslr": "ASLR",
    Environment.VERSION: "benchsuite",
    Environment.REVISION: "revision of benchsuite",
    Environment.CORE_COMPILER: "compiler of the core",
    Environment.CC: "C compiler here",
    Environment.PYTHON_VERSION: "Python",
    "python_implementation": "Python implementation",
    "python_compiler": "compiler of Python",
    "python_cflags": "flags of that compiler",
    "perf_version": "pyperf",
    "timer": "timer of Python",
    "platform": "platform",
    Environment.IMPORTED: "imported from",
    Environment.ACCEPTED_REASON: "accepted as a baseline",
    Environment.ACCEPTED_DATE: "accepted on",
    Environment.ACCEPTED_BEFORE: "accepted before",
}


def called(key: str) -> str:
    """The name of a key of an environment; of one that has none here its own, in words."""
    return CALLED.get(key) or key.removeprefix("benchsuite_").replace("_", " ")


class Collecting:
    """Keys among a run's counters: nanoseconds of all its workers, where completions are collected."""

    WORKER: Final = "worker_ns"  # that values lasted
    POLL: Final = "poll_ns"  # inside the driver's poll, of that, asleep included
    POLL_CPU: Final = "poll_cpu_ns"  # the CPU's part of it


# Of a request: submit, submit to completion, dispatch (or intended arrival) to callback; of an open loop, how
# late the generator was.
STAGES = ("slat", "clat", "lat", "late")
PERCENTILES = ("p50", "p90", "p99", "p99_9", "max")
COUNTERS = (
    "submitted",
    "completed",
    "failed",
    "busy",
    "drops",
    "empty_polls",
    "wakeups",
    "high_water",
    "sampled",
    "reordered",
    "twice",
    "first_error",
    "direct",
)
