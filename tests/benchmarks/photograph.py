"""Photographs of a printed label, simulated: what a camera sees of it through frost, stains, a shaking hand, bad light.

No camera and no printer were there: the model is geometry, light and dirt on the printer's dots, and no more. Shares
are of the label's area, lengths in mm, light from 0 to 255.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Damage = Callable[[Image.Image, Random], Image.Image]
PX_PER_MM = 8.0
"""Of the label in the picture: 1,280 pixels over 160 mm."""
TABLE = 120
MARGIN = 40
CURVE_MM = 25.0
"""Radius of what a label is wrapped around: a bag's edge, a wrist."""


def held(label: Image.Image, dpi: float) -> Image.Image:
    """Give the label as large as a camera sees it."""
    scale = PX_PER_MM * 25.4 / dpi
    return label.convert("L").resize((round(label.width * scale), round(label.height * scale)), Image.Resampling.BOX)


def on_table(label: Image.Image) -> Image.Image:
    """Lay the label on a grey table."""
    table = Image.new("L", (label.width + 2 * MARGIN, label.height + 2 * MARGIN), TABLE)
    table.paste(label, (MARGIN, MARGIN))
    return table


# --- what lies on the label ---------------------------------------------------------------------


def stain(share: float) -> Damage:
    """Cover a share of the label by one opaque blob anywhere, dark or light."""

    def on(label: Image.Image, chance: Random) -> Image.Image:
        made = label.copy()
        area = share * made.width * made.height
        longer = chance.uniform(1, 1.8)
        a, b = math.sqrt(area / math.pi * longer), math.sqrt(area / math.pi / longer)
        if chance.random() < 0.5:
            a, b = b, a
        x, y = chance.uniform(0, made.width), chance.uniform(0, made.height)
        shade = chance.choice([20, 70, 190, 240])
        ImageDraw.Draw(made).ellipse((x - a, y - b, x + a, y + b), fill=shade)
        return made

    return on


def frost(crystals: float, haze: float) -> Damage:
    """Cover a share of the label with small crystals, and veil all of it."""

    def on(label: Image.Image, chance: Random) -> Image.Image:
        random = np.random.default_rng(chance.getrandbits(32))
        grown = Image.fromarray(random.integers(0, 256, (label.height, label.width), dtype=np.uint8))
        grain = np.asarray(grown.filter(ImageFilter.GaussianBlur(0.25 * PX_PER_MM)))
        white = grain > np.quantile(grain, 1 - crystals)
        dots = np.asarray(label, dtype=np.float32) * (1 - haze) + 235 * haze
        dots[white] = 240
        return Image.fromarray(dots.astype(np.uint8))

    return on


# --- how it is held -----------------------------------------------------------------------------


def turned(most: float) -> Damage:
    """Turn it by up to so many degrees."""

    def on(table: Image.Image, chance: Random) -> Image.Image:
        angle = chance.uniform(-most, most)
        return table.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE)

    return on


def tilted(most: float) -> Damage:
    """Tilt it by up to so many degrees around an axis in its plane: one side is farther away."""

    def on(table: Image.Image, chance: Random) -> Image.Image:
        angle, about = math.radians(chance.uniform(-most, most)), chance.uniform(0, math.pi)
        width, height = table.size
        away = 2.5 * max(width, height)
        corners = []
        for x, y in ((0, 0), (width, 0), (width, height), (0, height)):
            dx, dy = x - width / 2, y - height / 2
            along, across = dx * math.cos(about) + dy * math.sin(about), dy * math.cos(about) - dx * math.sin(about)
            depth = away / (away + across * math.sin(angle))
            along, across = along * depth, across * math.cos(angle) * depth
            corners.append(
                (
                    width / 2 + along * math.cos(about) - across * math.sin(about),
                    height / 2 + along * math.sin(about) + across * math.cos(about),
                )
            )
        return table.transform(
            table.size, Image.Transform.PERSPECTIVE, _perspective(corners, table.size), Image.Resampling.BICUBIC,
            fillcolor=TABLE,
        )  # fmt: skip

    return on


def _perspective(corners: list[tuple[float, float]], size: tuple[int, int]) -> list[float]:
    """Give the eight numbers that lead from where the corners are seen to where they were."""
    width, height = size
    rows, values = [], []
    for (u, v), (x, y) in zip(corners, ((0, 0), (width, 0), (width, height), (0, height)), strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        values += [x, y]
    return [float(one) for one in np.linalg.solve(np.array(rows, dtype=float), np.array(values, dtype=float))]


def curved(table: Image.Image, chance: Random) -> Image.Image:
    """Wrap it around a cylinder, along its longer side: what is far from the middle is seen narrow."""
    del chance
    radius, width = CURVE_MM * PX_PER_MM, table.width
    seen = np.arange(width) - width / 2
    inside = np.abs(seen) < radius * 0.98
    arc = np.where(inside, radius * np.arcsin(np.clip(seen / radius, -0.98, 0.98)), 10 * width)
    column = np.round(arc + width / 2).astype(int)
    dots = np.asarray(table)
    there = (column >= 0) & (column < width)
    made = np.full_like(dots, TABLE)
    made[:, there] = dots[:, column[there]]
    return Image.fromarray(made)


# --- how it is seen -----------------------------------------------------------------------------


def blurred(most_mm: float) -> Damage:
    """Blur it by a spread of up to so many mm."""

    def on(table: Image.Image, chance: Random) -> Image.Image:
        return table.filter(ImageFilter.GaussianBlur(chance.uniform(0, most_mm) * PX_PER_MM))

    return on


def lit(contrast: float, noise: float) -> Damage:
    """Leave so much of the contrast, around a dark grey, and add the sensor's noise."""

    def on(table: Image.Image, chance: Random) -> Image.Image:
        random = np.random.default_rng(chance.getrandbits(32))
        dots = 45 + np.asarray(table, dtype=np.float32) * contrast
        dots += random.normal(0, noise, dots.shape)
        return Image.fromarray(np.clip(dots, 0, 255).astype(np.uint8))

    return on


ON_LABEL: dict[str, tuple[Damage, ...]] = {
    "stain 10 %": (stain(0.10),),
    "stain 20 %": (stain(0.20),),
    "stain 30 %": (stain(0.30),),
    "light frost": (frost(0.05, 0.3),),
    "frost": (frost(0.12, 0.5),),
    "frost and stain": (frost(0.05, 0.3), stain(0.10)),
}
ON_TABLE: dict[str, tuple[Damage, ...]] = {
    "clean": (),
    "blur": (blurred(0.2),),
    "turned": (turned(180),),
    "tilted": (tilted(40),),
    "curved": (curved,),
    "low light": (lit(0.25, 5),),
    "stain 10 %": (turned(20),),
    "stain 20 %": (turned(20),),
    "stain 30 %": (turned(20),),
    "light frost": (blurred(0.1),),
    "frost": (blurred(0.1),),
    "frost and stain": (tilted(20), blurred(0.1), lit(0.5, 3)),
}
KINDS = tuple(ON_TABLE)


def photograph(label: Image.Image, dpi: float, kind: str, chance: Random) -> Image.Image:
    """Give what the camera sees of a label's dots."""
    seen = held(label, dpi)
    for damage in ON_LABEL.get(kind, ()):
        seen = damage(seen, chance)
    seen = on_table(seen)
    for damage in ON_TABLE[kind]:
        seen = damage(seen, chance)
    return seen
