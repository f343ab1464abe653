"""Runs the benchmarks named on the command line, or all."""

from __future__ import annotations

import argparse

from tests.benchmarks import camera, door, growth, http, labels, reads, wifi

ALL = {
    "door": door.run,
    "http": http.run,
    "growth": growth.run,
    "reads": reads.run,
    "labels": labels.run,
    "camera": camera.run,
    "wifi": wifi.run,
}


def main() -> None:
    """Run them in their order."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(ALL)}; without it all")
    parser.add_argument("--most", type=int, default=100_000, metavar="N", help="events to which growth goes (100000)")
    parser.add_argument("--reads", type=int, default=reads.READS, metavar="N", help="simulated reads of labels (50000)")
    parser.add_argument("--runs", type=int, default=camera.RUNS, metavar="N", help="scans by the camera (60)")
    parser.add_argument("--badges", type=int, default=labels.BADGES, metavar="N", help="badges on one sheet (1000)")
    given = parser.parse_args()
    if unknown := set(given.names) - ALL.keys():
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(ALL)}")
    for name in given.names or ALL:
        sized = {"growth": given.most, "reads": given.reads, "camera": given.runs, "labels": given.badges}
        ALL[name](*([sized[name]] if name in sized else []))


if __name__ == "__main__":
    main()
