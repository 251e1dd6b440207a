"""CPUs that a user chose for the workers: a list as taskset writes it, held against what the machine has."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from benchsuite import cpu_lists
from benchsuite.cpu_lists import written
from benchsuite.facts import Environment
from benchsuite.host import cpus
from benchsuite.host.files import ROOT, Tree
from benchsuite.model import BenchsuiteError
from benchsuite.units import many, shown

MOST = 65536  # CPUs that the core knows
_PART = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5})(?::([0-9]{1,5}))?)?")


@dataclass(frozen=True, slots=True)
class Cpus:
    """CPUs in the order in which workers take them. As text: `0,2-5`."""

    numbers: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Cpus:
        """`0,2-5`, or `0-6:2`, every second one. BenchsuiteError for anything else."""
        found: list[int] = []
        for part in text.replace(" ", "").split(","):
            match = _PART.fullmatch(part)
            first, last, step = (
                (int(each) if each else None for each in match.groups()) if match else (None,) * 3
            )
            last = first if last is None else last
            if first is None or last is None or step == 0 or not first <= last < MOST:
                raise BenchsuiteError(
                    f"--cpus: {shown(text)} is no list of CPUs: write it as taskset does, as in 0,2-5"
                )
            found += range(first, last + 1, step or 1)
        twice = next((cpu for cpu, times in Counter(found).items() if times > 1), None)
        if twice is not None:
            raise BenchsuiteError(f"--cpus: {shown(text)} has CPU {twice} twice")
        return cls(tuple(found))

    def __str__(self) -> str:
        return written(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)


def check(chosen: Cpus, allowed: Collection[int] | None = None, tree: Tree | None = None) -> None:
    """BenchsuiteError for a CPU that is not there, is offline, or is not for this process. allowed: CPUs that
    are, None: as the kernel says."""
    tree = tree or Tree(ROOT)
    allowed = _allowed(tree) if allowed is None else allowed
    bad = [cpu for cpu in chosen if cpu not in allowed]
    if not bad:
        return
    online, known = cpus.online(tree), cpu_lists.read(tree.text(f"{cpus.CPU}/present") or "")
    cpu = bad[0]
    if known and cpu not in known:
        reason = f"there is no CPU {cpu}, the machine has {written(known)}"
    elif online and cpu not in online:
        reason = f"CPU {cpu} is offline: echo 1 | sudo tee /{cpus.CPU}/cpu{cpu}/online"
    else:
        reason = (
            f"CPU {cpu} is not for this process: its affinity or its cpuset leaves {written(sorted(allowed))}"
        )
    raise BenchsuiteError(f"--cpus {chosen}: {reason}")


def _allowed(tree: Tree) -> set[int]:
    """The CPUs for this process: those of its affinity, and those that the kernel keeps out of every affinity
    (isolcpus), so that only who asks for them gets them."""
    own = os.sched_getaffinity(0)
    return own | {cpu for cpu in cpus.isolated(tree) if _may_be_on(cpu, own)}


def _may_be_on(cpu: int, own: set[int]) -> bool:
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError:  # its cpuset has not got it
        return False
    finally:
        os.sched_setaffinity(0, own)
    return True


def check_count(chosen: Cpus, count: int, cure: str) -> None:
    """BenchsuiteError for a CPU that a machine with so many has not. cure: what gives it more."""
    if max(chosen) >= count:
        raise BenchsuiteError(
            f"--cpus {chosen}: the machine will have {many(count, 'CPU')}, {written(range(count))}: {cure}"
        )


def siblings(chosen: Sequence[int], tree: Tree | None = None) -> list[list[int]]:
    """Groups of the CPUs that are threads of one core, core by core."""
    return [each for each in _groups(chosen, tree, _core) if len(each) > 1]


def _core(tree: Tree, cpu: int) -> str:
    for name in ("thread_siblings_list", "core_cpus_list"):
        if text := tree.text(f"{cpus.CPU}/cpu{cpu}/topology/{name}"):
            return text
    return f"alone {cpu}"


def _node(tree: Tree, cpu: int) -> str:
    nodes = [name for name in tree.names(f"{cpus.CPU}/cpu{cpu}") if re.fullmatch(r"node[0-9]+", name)]
    return nodes[0].removeprefix("node") if nodes else ""


def _groups(chosen: Sequence[int], tree: Tree | None, of: Callable[[Tree, int], str]) -> list[list[int]]:
    found: dict[str, list[int]] = {}
    for cpu in chosen:
        found.setdefault(of(tree or Tree(ROOT), cpu), []).append(cpu)
    return list(found.values())


def environment(chosen: Cpus, tree: Tree | None = None) -> dict[str, str]:
    """What a result says of the CPUs, as keys of its environment: the list, which of them share a core, and
    the NUMA nodes where there are several."""
    tree = tree or Tree(ROOT)
    nodes = {_node(tree, each[0]): written(each) for each in _groups(chosen.numbers, tree, _node)}
    facts = {
        Environment.CPUS_CHOSEN: str(chosen),
        Environment.CPUS_OF_ONE_CORE: "; ".join(map(written, siblings(chosen.numbers, tree))),
        Environment.CPUS_BY_NODE: "; ".join(f"{node}: {text}" for node, text in nodes.items() if node)
        if len(nodes) > 1
        else "",
    }
    return {key: text for key, text in facts.items() if text}
