"""ZPL, drawn by another's renderer: the same dots as ours, and the same codes in them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from custody import labelling
from custody.labelling.place import Symbol

ROOT = Path(__file__).parents[2]
RENDERER = ROOT / "node_modules" / "zpl-renderer-js"
DOTS_PER_MM = {203: 8, 300: 12, 600: 24}
needs_renderer = pytest.mark.skipif(
    shutil.which("node") is None or not RENDERER.exists(), reason="node or the npm package zpl-renderer-js is missing"
)


def examples() -> list[labelling.Label]:
    return [labelling.fill(name, design.example) for name, design in labelling.designs().items()]


def rendered(jobs: dict[Path, tuple[Image.Image, int]]) -> None:
    """Draw each file, on a page as large as our picture of it."""
    given = [[str(file), ours.width / dots, ours.height / dots, dots] for file, (ours, dots) in jobs.items()]
    program = Path(__file__).with_name("zpl.mjs")
    subprocess.run(["node", program, json.dumps(given)], check=True, timeout=120)


@needs_renderer
@pytest.mark.parametrize("dpi", DOTS_PER_MM)
def test_another_s_renderer_draws_the_same_dots_and_they_read_back(dpi: int, tmp_path: Path) -> None:
    labels = {tmp_path / f"{label.design.name}.zpl": label for label in examples() if label.design.width <= 105}
    jobs = {}
    for file, label in labels.items():
        file.write_text(label.zpl(dpi), encoding="ascii")
        (tmp_path / "ours.png").write_bytes(label.png(dpi))
        with Image.open(tmp_path / "ours.png") as ours:
            jobs[file] = ours.convert("L"), DOTS_PER_MM[dpi]
    rendered(jobs)
    for file, (ours, _) in jobs.items():
        drawn = Path(f"{file}.0.png")
        with Image.open(drawn) as theirs:
            assert ImageChops.difference(theirs.convert("L"), ours).getbbox() is None, file.name
        found = sorted(read.text for read in labelling.read_back(drawn.read_bytes()))
        assert found == sorted(item.text for item in labels[file].items if isinstance(item, Symbol))


@needs_renderer
def test_labels_one_after_the_other_are_pages_of_their_own(tmp_path: Path) -> None:
    label, other = (labelling.fill(name, labelling.designs()[name].example) for name in ("cryobag", "location"))
    file = tmp_path / "two.zpl"
    file.write_text(label.zpl() + other.zpl(), encoding="ascii")
    (tmp_path / "ours.png").write_bytes(label.png())
    with Image.open(tmp_path / "ours.png") as ours:
        rendered({file: (ours.convert("L"), 8)})
    read = [labelling.read_back(Path(f"{file}.{number}.png").read_bytes()) for number in range(2)]
    assert [one.code in {found.text for found in page} for one, page in zip((label, other), read, strict=True)] == [
        True,
        True,
    ]


def test_so_many_copies_are_asked_for() -> None:
    label = examples()[0]
    assert "^PQ3\n" in label.zpl(copies=3)
    assert label.zpl().count("^XA") == label.zpl().count("^XZ") == 1


def test_a_symbol_that_does_not_read_back_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    label = examples()[0]
    monkeypatch.setattr("custody.labelling.raster._symbol", lambda *_given: None)
    with pytest.raises(labelling.SymbolUnreadable):
        label.zpl()
