"""A film of labels for Chromium's fake camera, as a hand would hold them: shaky, tilted, not quite sharp.

`--use-file-for-fake-video-capture` plays a file of JPEGs, one after another, over and over. A browser has
one path for its whole life, and opens what lies there anew each time its camera starts.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 1280, 720
FRAMES_A_SECOND = 30
DIFFERENT = 6
"""Frames drawn for each label; then they repeat."""


def flags(film: Path) -> list[str]:
    """Give the switches of a Chromium whose camera shows this film."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film.resolve()}",
    ]


def mjpeg(path: Path, pngs: Sequence[bytes], seconds_each: float = 3.0, seconds_between: float = 0.5) -> Path:
    """Write a film that shows labels (PNG at 203 dpi: 8 pixels to the mm) one after another, an empty table between."""
    random = np.random.default_rng(1)
    noise = random.normal(92, 3, (HEIGHT, WIDTH))
    empty = jpeg(_table(noise)) * round(seconds_between * FRAMES_A_SECOND)
    shown = b""
    many = round(seconds_each * FRAMES_A_SECOND)
    for png in pngs:
        label = Image.open(BytesIO(png)).convert("L")
        frames = [jpeg(_held(label, np.roll(noise, 997 * i), random)) for i in range(min(DIFFERENT, many))]
        shown += b"".join(frames[i % DIFFERENT] for i in range(many)) + empty
    path.write_bytes(shown)
    return path


def _table(noise: np.ndarray) -> Image.Image:
    return Image.fromarray(noise.clip(0, 255).astype(np.uint8))


def _held(label: Image.Image, noise: np.ndarray, random: np.random.Generator) -> Image.Image:
    """Lay the label on the table: turned by up to 6 degrees, shaken by up to 40 pixels, a little blurred."""
    frame = _table(noise)
    scale = min(1.0, WIDTH * 0.8 / label.width, HEIGHT * 0.8 / label.height) * random.uniform(0.94, 1.0)
    size = (round(label.width * scale), round(label.height * scale))
    angle = random.uniform(-6, 6)
    turned = label.resize(size, Image.Resampling.LANCZOS).rotate(angle, Image.Resampling.BICUBIC, expand=True)
    mask = Image.new("L", size, 255).rotate(angle, expand=True)
    left, top = ((WIDTH - turned.width) // 2, (HEIGHT - turned.height) // 2) + random.integers(-40, 41, 2)
    frame.paste(turned.point(lambda light: 25 + light * 0.78), (int(left), int(top)), mask)
    return frame.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 0.9)))


def jpeg(frame: Image.Image) -> bytes:
    packed = BytesIO()
    frame.convert("RGB").save(packed, "JPEG", quality=70)
    return packed.getvalue()
