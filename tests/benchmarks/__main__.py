"""Runs the benchmarks named on the command line, or all."""

from __future__ import annotations

import sys

from tests.benchmarks import door, growth, http

ALL = {"door": door.run, "http": http.run, "growth": growth.run}


def main(names: list[str]) -> int:
    """Run them in their order."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(ALL)}")
        return 2
    for name in names or ALL:
        ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
