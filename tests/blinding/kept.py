"""What a proof of hours has done already, a line each: what is stopped half way goes on from there.

Lines of the same product are kept though the proof itself was mended; those of another product are done again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.blinding import report

Line = dict[str, Any]


def of_product(file: Path, commit: str, seeds: range) -> dict[int, Line]:
    """Give the lines of this product, by seed; of a tree with changes none."""
    if not file.exists() or commit.endswith("dirty"):
        return {}
    found = filter(None, map(_line, file.read_text(encoding="utf-8").splitlines()))
    return {one["seed"]: one for one in found if report.same_product(one["commit"], commit) and one["seed"] in seeds}


def _line(text: str) -> Line | None:
    """Read a line; None of one that a stop has cut."""
    try:
        return dict(json.loads(text))
    except ValueError:
        return None


def each(file: Path, seeds: range, work: Callable[[list[int]], Iterable[Mapping[str, Any]]]) -> Iterator[Line]:
    """Yield a line for each seed: first those that are kept, then what `work` makes of the others, kept at once.

    What went astray proves nothing: it is not kept. Lines are added and none is taken away, be they of a larger run
    or of another product.
    """
    commit = report.commit()
    done = of_product(file, commit, seeds)
    yield from done.values()
    with file.open("a", encoding="utf-8") as kept:
        kept.write("\n")  # ends a line that a stop has cut
        for made in work([seed for seed in seeds if seed not in done]):
            line = {"commit": commit, **made}
            if not made.get("astray"):
                kept.write(json.dumps(line) + "\n")
                kept.flush()
            yield line
