"""The command line: `custody COMMAND ...`. Each file holds one family of commands; what they need is imported inside.

- `ledger`: init, upgrade, verify, export.  `demonstration`: demo.  `serving`: run.  `simulation`: simulate.
- `tracing`: trace.  `looking`: code, scan.  `labels`: label.  `people`: person, site.  `lists`: randomisation.
- `unsealing`: unseal.
- `opening`: the ledger in use.  `saying`: what is written to the terminal.  `writing`: what is written to files.
- `failing`: errors as one line.

Exit codes: 0 done, 1 refused or verification failed, 2 wrong usage or unreadable input.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from custody import __version__
from custody.cli import demonstration, labels, ledger, lists, looking, people, serving, simulation, tracing, unsealing
from custody.cli.failing import outcome
from custody.cli.saying import error

FAMILIES = (ledger, demonstration, serving, simulation, tracing, labels, looking, people, lists, unsealing)
EPILOG = """\
a ledger is found through environment variables: CUSTODY_DATA (a folder, `data` without it),
CUSTODY_DATABASE_URL and CUSTODY_KEYS; --data, --database and --keys come before them.

exit codes: 0 done, 1 refused or verification failed, 2 wrong usage or unreadable input
"""


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Say it, and end with 2."""
        error(f"{message} (see `{self.prog} --help`)")
        raise SystemExit(2)


def parser() -> Parser:
    """Build the parser of all commands."""
    top = Parser(
        prog="custody",
        description="Chain of custody for blinded cell therapy trials, with a record that verifies without us.",
        epilog=EPILOG,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=26, width=100),
    )
    top.add_argument("--version", action="version", version=f"custody {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for family in FAMILIES:
        family.add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    given = parser().parse_args(arguments)
    try:
        code: int = given.do(given)
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None  # whoever read has gone: nothing is left to flush
        return 0
    except KeyboardInterrupt:
        error("stopped")
        return 130
    except Exception as wrong:  # noqa: BLE001 - the last resort: one line, never a traceback
        code, lines = outcome(wrong, given)
        for line in lines:
            error(line)
    return code
