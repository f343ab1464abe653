"""A label as ZPL II, for a Zebra printer: the printer's own dots, as one compressed graphic.

The dots are those of `raster`, drawn here and read back: no font and no symbol is left to the printer, which would
measure and draw each in its own way. So what it prints is the PNG to the dot, whatever printer it is.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from binascii import crc_hqx

from PIL import Image, ImageOps


def zpl(image: Image.Image, name: str, copies: int = 1) -> str:
    """Write one label of black and white dots as a format of its own; `name` is a comment for who reads it."""
    width, height = image.size
    across = (width + 7) // 8
    dots = ImageOps.invert(image.convert("L")).convert("1", dither=Image.Dither.NONE).tobytes()
    packed = b64encode(zlib.compress(dots, 9))
    graphic = f":Z64:{packed.decode()}:{crc_hqx(packed, 0):04X}"
    return (
        f"^XA\n^FX {name} ^FS\n^PW{width}\n^LL{height}\n^LH0,0\n"
        f"^FO0,0^GFA,{len(dots)},{len(dots)},{across},{graphic}^FS\n^PQ{copies}\n^XZ\n"
    )
