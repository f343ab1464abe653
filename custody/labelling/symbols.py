"""The modules of a QR or Code 128, as rows of `0` and `1`; we draw them ourselves, in whole dots.

QR: version 2 or 3 (version 1 has no alignment pattern and fails when tilted), level H when the text
fits, else Q; so upper-case text of at most 47 characters.

Drawn anew each time (some 10 ms): how fast a label came would tell whether somebody, the bench, had it before.
"""

from typing import Final

from barcode.codex import Code128
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError

from custody.labelling.errors import LabelOverflow

QR_QUIET: Final = 4
CODE128_QUIET: Final = 10
SMALLEST_QR_MODULE: Final = 0.6
"""In mm: five dots at 203 dpi; what a camera still reads through blur."""
_VERSIONS: Final = (2, 3)


def qr(text: str) -> tuple[str, ...]:
    """Give the rows of a QR without its quiet zone."""
    for level in (ERROR_CORRECT_H, ERROR_CORRECT_Q):
        for version in _VERSIONS:
            if rows := _qr(text, version, level):
                return rows
    message = f"a label's QR holds at most 47 upper-case characters: {text!r}"
    raise LabelOverflow(message)


def _qr(text: str, version: int, level: int) -> tuple[str, ...]:
    code = QRCode(version=version, error_correction=level, border=0)
    code.add_data(text)
    try:
        code.make(fit=False)
    except DataOverflowError:
        return ()
    return tuple("".join("01"[bool(module)] for module in row) for row in code.get_matrix())


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
