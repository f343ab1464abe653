"""Simulated reads of every design at 203 and 300 dpi: how many are read, and how many are read as something else.

A read is what the service does with a photograph: every symbol found is taken apart by `codes.read`. It is right when
it gives the label's code, wrong when it gives any other. The control is the same label with its QR alone.

Of all designs that are labels: the emergency sheet and the downtime form, each an A4 page, are left out, for their
pictures take ten times as long to read.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random

from PIL import Image, ImageDraw
from tqdm import tqdm

from custody import codes, labelling
from custody.labelling import raster
from custody.labelling.place import Symbol
from custody.labelling.scan import read
from tests.benchmarks.photograph import KINDS, photograph

READS = 50_000
SEED = 1
DPI = (203, 300)
FLAT = {"badge", "chart", "handoff_slip", "shipper", "location"}
"""Designs on a card, a paper, a box, a shelf: not curved."""
STAINS = tuple(kind for kind in KINDS if kind.startswith("stain"))
PER_JOB = 10


@dataclass
class Tally:
    """How often it was read, by design and kind of photograph."""

    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    right: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.tried += other.tried
        self.right += other.right
        self.wrong += other.wrong

    def of(self, name: str, kind: str) -> str:
        """Give the percentage that was read of one design; a dash where none was tried."""
        tried = self.tried[name, kind]
        return f"{100 * self.right[name, kind] / tried:.1f}" if tried else "–"

    def share(self, kinds: tuple[str, ...]) -> float:
        """Give the percentage that was read of some kinds, all designs together."""
        tried = sum(count for (_, kind), count in self.tried.items() if kind in kinds)
        return 100 * sum(count for (_, kind), count in self.right.items() if kind in kinds) / tried


Job = tuple[str, int, str, int, bool]


def jobs(reads: int, kinds: tuple[str, ...], *, qr_alone: bool) -> Iterator[Job]:
    """Share the reads out: design, resolution, kind, seed, and whether the QR stands alone."""
    names = [name for name in labelling.designs() if name != "code_sheet"]
    each = [
        (name, dpi, kind) for name in names for dpi in DPI for kind in kinds if kind != "curved" or name not in FLAT
    ]
    for number in range(-(-reads // PER_JOB)):
        name, dpi, kind = each[number % len(each)]
        yield name, dpi, kind, SEED * 1_000_000 + number, qr_alone


def photographed(job: Job) -> Tally:
    """Take and read some photographs of one design, each of another code."""
    name, dpi, kind, seed, qr_alone = job
    chance, design, told = Random(seed), labelling.designs()[name], Tally()
    for _ in range(PER_JOB):
        code = codes.mint(design.kind, chance.randbytes)
        label = labelling.fill(name, {**design.example, "code": code})
        dots = raster.draw(design.width, design.height, label.items, dpi)
        if qr_alone:
            _hide(dots, label, dpi)
        found = {one.code for one in _codes(photograph(dots, dpi, kind, chance))}
        told.tried[name, kind] += 1
        told.right[name, kind] += code in found
        told.wrong += [f"{name}, {dpi} dpi, {kind}: {other} for {code}" for other in found - {code}]
    return told


def _hide(dots: Image.Image, label: labelling.Label, dpi: float) -> None:
    """Paint all symbols white but the QR."""
    pen, scale = ImageDraw.Draw(dots), dpi / 25.4
    for one in label.items:
        if isinstance(one, Symbol) and one.symbology != "QRCode":
            right, bottom = one.x + one.width, one.y + one.height * len(one.rows)
            pen.rectangle([side * scale for side in (one.x - 0.3, one.y - 0.3, right + 0.3, bottom + 0.3)], fill=255)


def _codes(seen: Image.Image) -> Iterator[codes.Scanned]:
    for one in read(seen):
        try:
            yield codes.read(one.aim + one.text)
        except codes.CodeError:
            continue


def tallied(reads: int, kinds: tuple[str, ...] = KINDS, *, qr_alone: bool = False, processes: int = 0) -> Tally:
    """Read so many photographs."""
    told = Tally()
    work = list(jobs(reads, kinds, qr_alone=qr_alone))
    with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        for one in tqdm(pool.map(photographed, work), total=len(work), desc="reads", unit="", disable=None):
            told.add(one)
    return told


def run(reads: int = READS) -> None:
    """Print the shares."""
    told = tallied(reads)
    names = sorted({name for name, _ in told.tried})
    print(f"\nsimulated reads, seed {SEED}: {sum(told.tried.values()):,}, in % by design (203 and 300 dpi)")
    print(f"{'':<16}" + "".join(f"{name[:13]:>14}" for name in names) + f"{'all':>8}")
    for kind in KINDS:
        shares = "".join(f"{told.of(name, kind):>14}" for name in names)
        print(f"{kind:<16}{shares}{told.share((kind,)):>8.1f}")
    alone = tallied(max(reads // 10, len(STAINS) * 2 * PER_JOB), STAINS, qr_alone=True)
    print(f"read as something else: {len(told.wrong)} (goal 0) {told.wrong[:3] or ''}")
    print(
        f"stains up to 30 %: {told.share(STAINS):.1f} % (goal 99); control, the QR alone: {alone.share(STAINS):.1f} %"
    )
