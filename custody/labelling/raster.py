"""A label as black and white dots, for a thermal printer and for reading back."""

from collections.abc import Iterable
from io import BytesIO

from PIL import Image, ImageDraw

from custody.labelling import fonts
from custody.labelling.place import Ink, Item, Symbol, Words
from custody.labelling.symbols import runs

_INCH = 25.4
_BLACK_BELOW = 150


def draw(width: float, height: float, items: Iterable[Item], dpi: float) -> Image.Image:
    """Draw items in grey; modules are whole dots, so that all are equally wide."""
    scale = dpi / _INCH
    image = Image.new("L", (round(width * scale), round(height * scale)), 255)
    pen = ImageDraw.Draw(image)
    for item in items:
        match item:
            case Ink():
                _ink(pen, item, scale)
            case Words():
                _words(pen, item, scale)
            case Symbol():
                _symbol(pen, item, scale)
    return image.point([0] * _BLACK_BELOW + [255] * (256 - _BLACK_BELOW))


def png(image: Image.Image, dpi: float) -> bytes:
    """Pack dots as a one-bit PNG that knows its size on paper."""
    buffer = BytesIO()
    image.convert("1", dither=Image.Dither.NONE).save(buffer, "PNG", dpi=(dpi, dpi))
    return buffer.getvalue()


def _ink(pen: ImageDraw.ImageDraw, ink: Ink, scale: float) -> None:
    left, top = round(ink.x * scale), round(ink.y * scale)
    right = max(round((ink.x + ink.w) * scale), left + 1)
    bottom = max(round((ink.y + ink.h) * scale), top + 1)
    pen.rectangle((left, top, right - 1, bottom - 1), fill=0)


def _words(pen: ImageDraw.ImageDraw, line: Words, scale: float) -> None:
    """Draw word by word from measured places: a hinted font's own steps would drift."""
    font = fonts.font(line.size * scale, bold=line.bold)
    y, done = round(line.y * scale), ""
    for word in line.text.split(" "):
        x = (line.x + fonts.width(done, bold=line.bold, fixed=line.fixed) * line.size) * scale
        pen.text((x, y), word, fill=255 if line.white else 0, font=font, anchor="ls")
        done += word + " "


def _symbol(pen: ImageDraw.ImageDraw, symbol: Symbol, scale: float) -> None:
    dots = max(round(symbol.module * scale), 1)
    high = dots if len(symbol.rows) > 1 else round(symbol.height * scale)
    middle = symbol.x + symbol.width / 2
    left = round(middle * scale - len(symbol.rows[0]) * dots / 2)
    centre = symbol.y + len(symbol.rows) * symbol.height / 2
    top = round(centre * scale - len(symbol.rows) * high / 2)
    for row, bits in enumerate(symbol.rows):
        y = top + row * high
        for start, length in runs(bits):
            x = left + start * dots
            pen.rectangle((x, y, x + length * dots - 1, y + high - 1), fill=0)
