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
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines if line.endswith("}")]
    return {one["seed"]: one for one in found if report.same_product(one["commit"], commit) and one["seed"] in seeds}


def each(file: Path, seeds: range, work: Callable[[list[int]], Iterable[Mapping[str, Any]]]) -> Iterator[Line]:
    """Yield a line for each seed: first those that are kept, then what `work` makes of the others, kept at once."""
    commit = report.commit()
    done = of_product(file, commit, seeds)
    with file.open("w", encoding="utf-8") as kept:
        for one in done.values():
            kept.write(json.dumps(one) + "\n")
        kept.flush()
        yield from done.values()
        for made in work([seed for seed in seeds if seed not in done]):
            line = {"commit": commit, **made}
            kept.write(json.dumps(line) + "\n")
            kept.flush()
            yield line
