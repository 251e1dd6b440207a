"""The command `benchsuite`, and `python -m benchsuite`."""

from __future__ import annotations

import sys


def main() -> None:
    try:
        from benchsuite.cli import cli
        from benchsuite.cli.errors import guarded
    except KeyboardInterrupt:  # before there is anything that could say so
        sys.exit(130)
    sys.exit(guarded(lambda: cli.main(prog_name="benchsuite", standalone_mode=False), sys.argv[1:]))


if __name__ == "__main__":
    main()
