"""Reads symbols from pictures: of our own labels before they go out, and of a camera's photo."""

import struct
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import zxingcpp
from PIL import Image, ImageOps

from custody.labelling.errors import N_, NotAnImage, SymbolUnreadable
from custody.labelling.place import Item, Symbol

LARGEST_BYTES: Final = 20_000_000
LARGEST_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 2400
"""A photo is made smaller before reading: more pixels cost time and read no better."""
_FILES: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_PDF: Final = b"%PDF-"
_BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, KeyError, struct.error)
"""What Pillow raises, unspecified, for pictures that are broken or none."""
_FORMATS: Final = (
    zxingcpp.BarcodeFormat.QRCodeModel2,
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.Code128,
)
"""Named one by one: the family `QRCode` includes Micro QR, which misreads a stained QR."""
_GS1_AIM: Final = {"DataMatrix": "]d2", "Code128": "]C1", "QRCode": "]Q3"}


@dataclass(frozen=True, slots=True)
class Read:
    """One symbol found in a picture. `codes.read` takes its AIM identifier and text as one."""

    text: str
    symbology: str
    aim: str = ""


def decode(image_bytes: bytes) -> list[Read]:
    """Read the symbols of a photo, GS1 and ISBT DataMatrix included; empty when none is found."""
    return read(open_image(image_bytes).convert("L"))


def read(image: Image.Image) -> list[Read]:
    """Read the symbols of a grey picture, however it is turned."""
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _read(image, thorough=True)


def read_back(image_png: bytes) -> list[Read]:
    """Read the symbols of one of our own rendered labels."""
    return _read(open_image(image_png).convert("L"), thorough=False)


def check(image: Image.Image, items: Iterable[Item]) -> None:
    """Refuse a rendered page unless every symbol on it, and no other, says what was meant."""
    symbols = [item for item in items if isinstance(item, Symbol)]
    meant = Counter((symbol.text, symbol.symbology) for symbol in symbols)
    found = Counter((read.text, read.symbology) for read in _read(image, thorough=False))
    if found != meant:
        sentence = N_("A symbol does not read back. Meant: %(meant)s. Read: %(found)s.")
        raise SymbolUnreadable(sentence, meant=_named(meant - found), found=_named(found - meant))


def open_image(image_bytes: bytes) -> Image.Image:
    """Open a picture of a known kind and a bearable size, upright, or say what is wrong."""
    if len(image_bytes) > LARGEST_BYTES:
        sentence = N_("The picture has %(found)s bytes; at most %(most)s are read.")
        raise NotAnImage(sentence, found=len(image_bytes), most=LARGEST_BYTES)
    if not image_bytes:
        raise NotAnImage(N_("The file is empty."))
    if image_bytes.startswith(_PDF):
        raise NotAnImage(N_("This is a PDF: expected a PNG, JPEG or WebP picture of the label."))
    try:
        return _opened(image_bytes)
    except (*_BROKEN, Image.DecompressionBombError) as wrong:
        sentence = N_("Expected a PNG, JPEG or WebP picture of at most %(most)s pixels.")
        raise NotAnImage(sentence, most=LARGEST_PIXELS) from wrong


def _opened(image_bytes: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(BytesIO(image_bytes), formats=_FILES)
        if image.width * image.height > LARGEST_PIXELS:
            raise Image.DecompressionBombError
        return ImageOps.exif_transpose(image)


def _read(image: Image.Image, *, thorough: bool) -> list[Read]:
    pixels = memoryview(image.tobytes()).cast("B", (image.height, image.width))
    found = zxingcpp.read_barcodes(
        pixels,
        formats=zxingcpp.BarcodeFormats(_FORMATS),
        try_rotate=thorough,
        try_downscale=thorough,
        try_invert=thorough,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [Read(one.text, one.format.name, _aim(one)) for one in found if one.text]


def _aim(found: zxingcpp.Barcode) -> str:
    """Give the AIM identifier; of all that holds GS1 the one that GS1 names for it."""
    if found.content_type is zxingcpp.ContentType.GS1:
        return _GS1_AIM[found.format.name]
    return found.symbology_identifier


def _named(symbols: Counter[tuple[str, str]]) -> str:
    return ", ".join(f"{symbology} {text}" for text, symbology in symbols) or "–"
