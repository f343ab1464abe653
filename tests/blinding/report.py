"""The page that a monitor or an ethics committee reads: what was compared, and what came of it."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from custody.labelling import fonts

TEMPLATE = Path(__file__).with_name("report.typ")
ASSUMED = """\
Assumed, not proved: SHA-256 over 32 secret random bytes hides what it commits to; AES-256-GCM hides what is in its box;
a signature with ML-DSA-44 tells nothing but what is signed. Residual, stated: whoever reads the live database, or
compares copies of it taken while a bag is prepared, can count how much the bench recorded, and on PostgreSQL see which
sealed rows one transaction wrote; one writer serves both planes, so an answer may wait a moment for the bench; what
outlasts the hold (a second thaw) makes a release late. Run again with: make prove-blinding. Seeds of walks and trials:
0, 1, 2 and so on."""


def write(parts: dict[str, Any], out: Path) -> None:
    """Write the page beside its figures."""
    leaks = parts.get("leaks", {"leaks": [], "killed": 0})
    data = {
        "made": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _commit(),
        "holds": all(one["holds"] for one in parts.values()),
        "parts": [_part(name, one) for name, one in parts.items() if name != "leaks"],
        "planted": len(leaks["leaks"]),
        "killed": leaks["killed"],
        "leaks": [{**one, "found": bool(one["found"])} for one in leaks["leaks"]],
        "assumed": ASSUMED,
    }
    compiler = typst.Compiler(root=TEMPLATE.parent, font_paths=[fonts.FOLDER], ignore_system_fonts=True)
    page = compiler.compile(TEMPLATE, format="pdf", sys_inputs={"data": json.dumps(data)})
    (out / "report.pdf").write_bytes(page)
    (out / "report.txt").write_text("\n".join(_text(data)), encoding="utf-8")


def _commit() -> str:
    said = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or "no commit"


def _part(name: str, one: dict[str, Any]) -> dict[str, Any]:
    title, lines = SAID[name](one)
    return {"title": title, "holds": one["holds"], "lines": lines}


def _text(data: dict[str, Any]) -> list[str]:
    """Write the same for a terminal."""
    lines = [f"Blinding, proved? {data['made']}, {data['commit']}"]
    for part in data["parts"]:
        lines += ["", f"{part['title']}: {'holds' if part['holds'] else 'DOES NOT HOLD'}"]
        lines += [f"  {line}" for line in part["lines"]]
    if data["leaks"]:
        lines += ["", f"Planted leaks: {data['killed']} of {data['planted']} found"]
        for one in data["leaks"]:
            lines.append(f"  {'found' if one['found'] else 'NOT FOUND':<10} {one['channel']}: {one['what']}")
    return [*lines, "", data["assumed"], ""]


def _lock_step(one: dict[str, Any]) -> tuple[str, list[str]]:
    runs, steps = one["runs"], one["steps"] // max(one["runs"] - len(one["differences"]), 1)
    lines = [
        f"{runs:,} random runs of {steps} steps, seeds 0 to {runs - 1}: {one['done']:,} steps done,",
        f"{one['released']:,} bags released, {one['broken']:,} codes broken in an emergency.",
        f"{one['responses']:,} responses ({one['bytes'] / 1e6:,.0f} MB) of {len(one['routes'])} routes to",
        f"{len(one['roles'])} roles compared: status, headers and bytes; after each step every row that a blinded",
        "connection can read, and every line of the log.",
        f"{one['commands']:,} commands given without the key: exit code, words and files compared.",
        f"Differences: {len(one['differences'])}.",
    ]
    lines += [f"seed {wrong['seed']}: {wrong['difference'][:160]}" for wrong in one["differences"][:3]]
    return f"Lock step on {'SQLite' if one['dialect'] == 'sqlite' else 'PostgreSQL'}", lines


def _times(one: dict[str, Any]) -> tuple[str, list[str]]:
    kinds = [_timed(kind) for kind in one["kinds"]]
    control = [_timed(kind) for kind in one["control"]]
    lines = [
        f"{len(kinds)} kinds of page, {one['kinds'][0]['pairs']:,} pairs each, cells minus albumin;",
        f"by permutation test, limit p = {one['limit']:.5f}.",
        "; ".join(kinds) + ".",
        f"Control, slower with cells: {'; '.join(control)}: {'caught' if one['caught'] else 'NOT CAUGHT'}.",
    ]
    return "Response times", lines


def _timed(kind: dict[str, Any]) -> str:
    return f"{kind['name']} {kind['difference_us']:+.1f} µs of {kind['median_us']:.0f} (p {kind['p']:.4f})"


def _guesses(one: dict[str, Any]) -> tuple[str, list[str]]:
    words = {
        "plain": "All downloads of a monitor",
        "faults": "With faults",
        "leaky": "Control, releases a little wordier with cells",
    }
    lines = [
        f"{said}: {one[name]['trials']} trials, {one[name]['participants']:,} participants, {one[name]['features']} "
        f"features: AUC {one[name]['auc']:.3f} (95 % {one[name]['low']:.3f} to {one[name]['high']:.3f})."
        for name, said in words.items()
    ]
    return "Can a classifier guess the arm?", lines


def _disk(one: dict[str, Any]) -> tuple[str, list[str]]:
    searched = [f"{name} ({one['bytes'][name] / 1e6:.1f} MB): {len(texts)}" for name, texts in one["found"].items()]
    lines = [
        f"{one['needles']:,} sealed texts (codes, event ids, salts, values) searched for;",
        f"found in {', '.join(searched)}.",
        f"Sealed entries counted from each order to its release: AUC {one['told']['all']:.2f} (0.5 tells nothing);",
        f"control, without the fillers that a release adds: {one['told']['without fillers']:.2f}.",
    ]
    return "Bytes on disk, without the key", lines


SAID = {"sqlite": _lock_step, "postgresql": _lock_step, "times": _times, "guesses": _guesses, "disk": _disk}
