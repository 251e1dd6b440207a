"""`make zoo`: lets every command loose on every bug, and on sound libraries; prints what found what.

Exit status 1 when a bug is not found by the command that must find it, or a sound library is accused.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from zoo.bug import COMMANDS, TABLES, Bug, read
from zoo.hunt import Outcome, Place, hunt, place_of
from zoo.library import BUILT
from zoo.sound import libraries

from benchsuite.algorithms import ALGORITHMS

AT_ONCE = 2  # hunts: more would take the CPUs of the threads that a load is made of
SEED = 1
SOUND_SEEDS = 200

Found = dict[str, Outcome]  # the command -> what it said
Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    work: Callable[[Item], Result], items: Iterable[Item], say: Callable[[Item, Result], str]
) -> list[Result]:
    """Does the work for all items, some at a time, and says what came of each."""
    results = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        items = list(items)
        for number, (item, result) in enumerate(zip(items, pool.map(work, items), strict=True), 1):
            print(f"[{number}/{len(items)}] {say(item, result)}", file=sys.stderr, flush=True)
            results.append(result)
    return results


def hunted(bug: Bug, commands: list[str], directory: Path) -> Found:
    """All commands on one bug; the one that takes a minute only where a shorter load has found nothing."""
    found: Found = {}
    for command in commands:
        if command == "longer" and "stress" in found and found["stress"].accused:
            found[command] = found["stress"]
        else:
            found[command] = hunt(command, place_of(bug, directory), bug.algorithms, directory, SEED)
    return found


def missed(bug: Bug, found: Found) -> bool:
    return bug.found_by in found and not found[bug.found_by].accused


def shown(bug: Bug, found: Found) -> str:
    words = [f"{command} {_mark(outcome)}" for command, outcome in found.items()]
    return f"{bug.name}: {', '.join(words)}{'  MISSED' if missed(bug, found) else ''}"


def _mark(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    return f"{outcome.seconds:.1f} s" if outcome.accused else "-"


def by_kind(bugs: list[Bug], all_found: list[Found], commands: list[str]) -> str:
    """A markdown table: per kind how many bugs each command finds, and after how long in the middle."""
    pairs = list(zip(bugs, all_found, strict=True))
    lines = [_row(["kind", "bugs", *(f"`{COMMANDS[command]}`" for command in commands)])]
    lines.append(_row(["---", *["---:"] * (1 + len(commands))]))
    for kind in dict.fromkeys(bug.kind for bug in bugs):
        of_kind = [found for bug, found in pairs if bug.kind == kind]
        lines.append(_row([kind, str(len(of_kind)), *(_counted(of_kind, command) for command in commands)]))
    lines.append(_row(["all", str(len(bugs)), *(_counted(all_found, command) for command in commands)]))
    return "\n".join(lines)


def _counted(all_found: list[Found], command: str) -> str:
    seconds = [found[command].seconds for found in all_found if found[command].accused]
    return f"{len(seconds)} ({statistics.median(seconds):.1f} s)" if seconds else "0"


def by_name(bugs: list[Bug], all_found: list[Found], commands: list[str]) -> str:
    """A markdown table with every bug, its origin, and the seconds until each command had found it."""
    lines = [_row(["bug", "what is wrong", "origin", *(f"`{COMMANDS[command]}`" for command in commands)])]
    lines.append(_row(["---"] * 3 + ["---:"] * len(commands)))
    for bug, found in zip(bugs, all_found, strict=True):
        marks = [_mark(found.get(command)) for command in commands]
        lines.append(_row([bug.name, bug.does, bug.origin, *marks]))
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def accused_while_sound(seeds: int, directory: Path) -> list[str]:
    """Loads every sound library with so many seeds, one algorithm each in turn; what was said against any."""
    names = sorted(ALGORITHMS)
    tasks = [
        (library, place, names[seed % len(names)], seed)
        for library, place in libraries(directory).items()
        for seed in range(1, seeds + 1)
    ]

    def load(task: tuple[str, Place, str, int]) -> Outcome:
        _, place, algorithm, seed = task
        return hunt("stress", place, (algorithm,), directory, seed)

    def say(task: tuple[str, Place, str, int], outcome: Outcome) -> str:
        library, _, algorithm, seed = task
        said = f"ACCUSED: {outcome.sentence}" if outcome.accused else outcome.sentence or "ok"
        return f"{library}, {algorithm}, seed {seed}: {said}"

    outcomes = each(load, tasks, say)
    return [say(task, outcome) for task, outcome in zip(tasks, outcomes, strict=True) if outcome.accused]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m zoo", description=__doc__)
    parser.add_argument("names", nargs="*", help="bugs; without names all of them")
    parser.add_argument("--commands", default=",".join(COMMANDS), help="which (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=SOUND_SEEDS, help="of the sound libraries' loads")
    parser.add_argument("--every", action="store_true", help="print a row for every bug, too")
    chosen = parser.parse_args()
    commands = chosen.commands.split(",")
    bugs = [bug for table in TABLES for bug in read(table) if not chosen.names or bug.name in chosen.names]
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        all_found = each(lambda bug: hunted(bug, commands, directory), bugs, shown)
    accused = accused_while_sound(chosen.seeds, BUILT.parent) if chosen.seeds else []
    print(by_kind(bugs, all_found, commands))
    if chosen.every:
        print(f"\n{by_name(bugs, all_found, commands)}")
    never = [
        bug for bug, found in zip(bugs, all_found, strict=True) if not any(o.accused for o in found.values())
    ]
    late = [bug for bug, found in zip(bugs, all_found, strict=True) if missed(bug, found)]
    print(f"\nFound by nothing: {', '.join(bug.name for bug in never) or 'none'}.")
    for bug in late:
        print(f"NOT FOUND by `{COMMANDS[bug.found_by]}`, which must: {bug.name}, {bug.does}")
    for sentence in accused:
        print(f"SOUND AND ACCUSED: {sentence}")
    return 1 if late or accused else 0


if __name__ == "__main__":
    sys.exit(main())
