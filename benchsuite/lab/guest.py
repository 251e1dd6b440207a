"""What the guest is told: the settings that guest.sh reads, and what is shared with it."""

from __future__ import annotations

import platform
import shlex
import shutil
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchsuite.host.machine import LAB, LAB_REVISION, revision
from benchsuite.lab.kernel import Kernel

# Loaded where the kernel has them: what a benchmark of the kernel's crypto asks for. Those of SLOW test all
# their algorithms when they are loaded.
QUICK = ("af_alg", "algif_hash", "algif_skcipher", "algif_aead", "algif_rng", "cryptd", "pcrypt", "cuse")
SLOW = {"x86_64": ("virtio_crypto", "aesni_intel"), "aarch64": ("virtio_crypto", "aes_ce_blk")}

# What of the user's environment means the same in the guest.
_NAMES = {
    "CC",
    "CFLAGS",
    "CI",
    "FORCE_COLOR",
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "LDFLAGS",
    "NO_COLOR",
    "PKG_CONFIG_PATH",
    "TERM",
    "TZ",
    "VIRTUAL_ENV",
}
_BEGINNINGS = (
    "ASAN_",
    "BENCHSUITE_",
    "HYPOTHESIS_",
    "LC_",
    "LSAN_",
    "OPENSSL_",
    "PYTEST_",
    "PYTHON",
    "TSAN_",
    "UBSAN_",
)
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# The guest has file systems of its own there.
_HIDDEN = tuple(map(Path, ("/dev", "/proc", "/run", "/sys")))

_OPTIONS = {False: "cache=loose,ro", True: "cache=mmap,rw"}  # of the mount, by whether it takes writes


@dataclass(frozen=True, slots=True)
class Share:
    """A directory of the host, at the same path in the guest."""

    tag: str
    path: Path
    writable: bool


def shares(writable: Iterable[Path], read: Iterable[Path]) -> list[Share]:
    """Beside the root: the directories that take writes, and those that are read and would be hidden.
    One within another that takes writes is not shared again; the guest's root never takes writes."""
    found: list[Share] = []
    for path in sorted({path.resolve() for path in writable} - {Path("/")}):
        if not any(path.is_relative_to(share.path) for share in found):
            found.append(Share(f"write{len(found)}", path, True))
    for path in sorted({path.resolve() for path in read}):
        inside = any(path.is_relative_to(share.path) for share in found)
        if not inside and any(path.is_relative_to(hidden) for hidden in _HIDDEN):
            found.append(Share(f"read{len(found)}", path, False))
    return found


def environment(facts: str, given: Mapping[str, str]) -> dict[str, str]:
    """Variables of the command. facts: the machine in a line, for the result; given: the user's own."""
    own = {name: value for name, value in given.items() if name in _NAMES or name.startswith(_BEGINNINGS)}
    bin = str(Path(sys.executable).parent)
    path = ":".join(part for part in given.get("PATH", "").split(":") if part.startswith("/"))
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return {
        "TERM": "dumb",
        **({"COLUMNS": str(columns)} if columns else {}),
        **own,
        "PATH": ":".join(dict.fromkeys(f"{bin}:{path}:{_SYSTEM_PATH}".split(":"))).strip(":"),
        "TMPDIR": "/run/tmp",
        "USER": "root",
        "LOGNAME": "root",
        # The user's files are not root's, and git would refuse a checkout of theirs.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        LAB: facts,
        **({LAB_REVISION: known} if (known := revision()) else {}),
    }


def settings(
    command: Sequence[str],
    directory: Path,
    variables: Mapping[str, str],
    shared: Sequence[Share],
    kernel: Kernel,
    mark: str,
) -> str:
    """settings.sh. directory: where the command is run; mark: what the guest writes behind the last byte of
    each stream."""
    quote = shlex.quote
    words = [*(f"{name}={value}" for name, value in variables.items()), *command]
    lines = [
        f"release={quote(kernel.release)}",
        f"modules={quote(str(kernel.modules.resolve()))}",
        f"quick={quote(' '.join(QUICK))}",
        f"slow={quote(' '.join(SLOW[platform.machine()]))}",
        f"mark={quote(mark)}",
        f"prefix={quote(_shared_prefix(shared))}",
        f"now={int(time.time())}",
        "shares() {",
        *(f"    share {share.tag} {_OPTIONS[share.writable]} {quote(str(share.path))}" for share in shared),
        "    :",
        "}",
        "command_of_user() {",
        f"    cd {quote(str(directory))} && exec env -i {' '.join(map(quote, words))}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _shared_prefix(shared: Sequence[Share]) -> str:
    """The virtual environment, where it is in a directory that takes writes; "" elsewhere."""
    prefix = Path(sys.prefix).resolve()
    inside = any(prefix.is_relative_to(share.path) and prefix != share.path for share in shared)
    return str(prefix) if inside and sys.prefix != sys.base_prefix else ""
