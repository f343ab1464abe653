"""The modules of a QR, DataMatrix or Code 128, as rows of `0` and `1`; we draw them ourselves, in whole dots.

QR: version 2 or 3 (version 1 has no alignment pattern and fails when tilted), level H when the text
fits, else Q; so upper-case text of at most 47 characters.

Drawn anew each time (some 10 ms): how fast a label came would tell whether somebody, the bench, had it before.
"""

from typing import Final

import zxingcpp
from barcode.codex import Code128
from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError

from custody.labelling.errors import N_, LabelOverflow

QR_QUIET: Final = 4
DATAMATRIX_QUIET: Final = 1
CODE128_QUIET: Final = 10
SMALLEST_MODULE: Final = 0.6
"""In mm: five dots at 203 dpi; what a camera still reads through blur. A DataMatrix's are no smaller."""
_VERSIONS: Final = (2, 3)


def qr(text: str) -> tuple[str, ...]:
    """Give the rows of a QR without its quiet zone."""
    for level in (ERROR_CORRECT_H, ERROR_CORRECT_Q):
        for version in _VERSIONS:
            if rows := _qr(text, version, level):
                return rows
    raise LabelOverflow(N_("The QR of a label holds at most 47 upper-case characters: “%(text)s”."), text=text)


def _qr(text: str, version: int, level: int) -> tuple[str, ...]:
    code = QRCode(version=version, error_correction=level, border=0)
    code.add_data(text)
    try:
        code.make(fit=False)
    except DataOverflowError:
        return ()
    return tuple("".join("01"[bool(module)] for module in row) for row in code.get_matrix())


def datamatrix(text: str) -> tuple[str, ...]:
    """Give the rows of a square DataMatrix (ECC 200) without its quiet zone: 16 x 16 for one of our codes."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    picture = Image.fromarray(made.to_image(scale=1, add_quiet_zones=False))
    dots, side = picture.tobytes(), picture.width
    return tuple("".join("01"[dot == 0] for dot in dots[start : start + side]) for start in range(0, len(dots), side))


def code128(text: str) -> tuple[str, ...]:
    """Give the one row of a Code 128 without its quiet zones."""
    return (Code128(text).build()[0],)


def runs(row: str) -> list[tuple[int, int]]:
    """Give the dark runs of a row as start and length: one inked rectangle each."""
    found: list[tuple[int, int]] = []
    start = row.find("1")
    while start >= 0:
        end = row.find("0", start)
        end = len(row) if end < 0 else end
        found.append((start, end - start))
        start = row.find("1", end)
    return found
