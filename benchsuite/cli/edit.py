"""`benchsuite edit`: labels, tags and notes of results that there are already; and several results as one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from benchsuite.cli.errors import say
from benchsuite.cli.options import filter_option, output_options
from benchsuite.collecting import without_collecting
from benchsuite.model import BenchsuiteError


@click.command()
@click.argument("results", metavar="RESULT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@output_options("Write to this file; several results become one.  [default: change each RESULT in its place]")
@click.option("--merge", is_flag=True, help="Put the cases of all into the first RESULT, unless -o is given.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="OLD=NEW",
    help="Call a backend NEW; OLD= takes its label off. OLD is its label, or what tables call it.",
)
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Tag all cases, or change their tag.")
@click.option("--untag", multiple=True, metavar="KEY", help="Take a tag off.")
@click.option("--note", metavar="TEXT", help="Set the note; '' takes it off.")
@filter_option("Keep only such cases: algorithm=aes-*,sha256 or tag.kernel=6.12; all of several.")
@click.option(
    "--anonymous", is_flag=True, help="Take out names of hosts and users, MAC addresses and paths of homes."
)
@click.option("-q", "--quiet", is_flag=True, help="Do not say what was changed.")
@without_collecting()
def command(
    results: tuple[Path, ...],
    output: Path | None,
    merge: bool,
    labels: tuple[str, ...],
    tags: tuple[str, ...],
    untag: tuple[str, ...],
    note: str | None,
    filters: tuple[str, ...],
    anonymous: bool,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Relabel, tag and merge RESULTs, files that `run` or `import` wrote. Figures stay as they were measured.

    A file is replaced as a whole, or stays as it was. The same case of several results is one where backend,
    version and machine are the same; else tags or labels must tell them apart first.

    \b
    Examples:
      benchsuite edit sizes.json --tag board=espressobin --note 'new heat sink'
      benchsuite edit results/sizes.json --label software=old -o old.json
      benchsuite edit kernel-6.12.json kernel-6.14.json -o both.json
      benchsuite edit results/sizes.json --anonymous -o to-publish.json
    """
    from benchsuite.anonymous import without_names
    from benchsuite.cli.remark_options import command_line
    from benchsuite.edits.changes import Changes, parse_labels
    from benchsuite.edits.merging import merged
    from benchsuite.remarks import check_note, parse_tags
    from benchsuite.selection.filters import parse
    from benchsuite.store.document import Document, write

    changes = Changes(
        parse_labels(labels),
        parse_tags(tags),
        tuple(dict.fromkeys(untag)),
        None if note is None else check_note(note),
        [parse(text) for text in filters],
    )
    as_one = len(results) > 1 and (merge or output is not None)
    if not (changes or anonymous or as_one or output):
        raise BenchsuiteError("nothing to change: give --label, --tag, --untag, --note, --filter, or -o")
    targets = _targets(results, output, as_one, overwrite)
    documents = [Document.read(path) for path in results]
    done: list[list[str]] = [[] for _ in documents]
    if as_one:
        document, said = merged(documents, command_line())
        documents, done = [document], [said]
    for document, said in zip(documents, done, strict=True):
        said += changes.make(document)
    if anonymous:
        documents = [without_names(document) for document in documents]
        for said in done:
            said.append("names of hosts and users, MAC addresses and paths of homes taken out")
    texts = [document.text() for document in documents]  # all of them are sound before one is written
    for text, target, said in zip(texts, targets, done, strict=True):
        write(target, text)
        if not quiet:
            say(f"result: {target}{': ' * bool(said)}{'; '.join(said)}")


def _targets(results: Sequence[Path], output: Path | None, as_one: bool, overwrite: bool) -> list[Path]:
    """The files that are written, seen to be possible."""
    from benchsuite import files
    from benchsuite.runs import outputs
    from benchsuite.store.document import check_finished

    if output is not None:
        outputs.check(output, overwrite, result=True)
    targets = [output] if output is not None else list(results[:1] if as_one else results)
    for target in targets:
        if output is None and target.exists():
            files.check_writable(target, "RESULT")
        check_finished(target)
    return targets
