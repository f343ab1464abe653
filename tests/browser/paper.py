"""Labels on paper, as pictures at 203 dpi: out of the app's printer, blank from a roll, or a manufacturer's."""

import re
from io import BytesIO

import pypdfium2
import zxingcpp
from PIL import Image

from custody import codes, labelling

DOTS_AN_INCH = 203
FIRST_ON_THE_SHEET = (12, 20)
"""Where a sheet's first label is, in mm."""
DIN = zxingcpp.BarcodeFormat.Code128
VIAL = zxingcpp.BarcodeFormat.DataMatrix


def printed(page, code: str) -> bytes:
    """Print a thing's label as whoever sits before the page would: the app's PDF, drawn in printer's dots."""
    return _png(_drawn(page, _print(page, f"/prints/new?code={code}&form=roll")))


HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def _print(page, path: str) -> str:
    """Put a print on record, the first or another one; give the address of its PDF."""
    form = dict(HIDDEN.findall(page.request.get(path).text())) | {"reason": "for this test"}
    answer = page.request.post("/prints", form=form)
    assert answer.ok, f"{path}: {answer.status}"
    return f"{answer.url}.pdf"


def blank(page, design: str) -> tuple[str, bytes]:
    """Print one label beforehand, cut it out of its sheet, and give its code and its picture."""
    width, height = labelling.designs()[design].width, labelling.designs()[design].height
    left, top = FIRST_ON_THE_SHEET
    edges = (left, top, left + width, top + height)
    picture = _drawn(page, _print(page, f"/prints/new?blank={design}&count=1&form=sheet")).crop(
        [round(mm * DOTS_AN_INCH / 25.4) for mm in edges]
    )
    cut_out = _png(picture)
    return codes.read(labelling.decode(cut_out)[0].text).code, cut_out


def _drawn(page, path: str) -> Image.Image:
    answer = page.request.get(path)
    assert answer.ok, f"{path}: {answer.status}"
    document = pypdfium2.PdfDocument(answer.body())
    picture = document[0].render(scale=DOTS_AN_INCH / 72).to_pil()
    document.close()
    return picture


def lot(din: str) -> bytes:
    """Give the DIN on a lot's label: ISBT 128, data structure 001, flags 00."""
    return symbol(f"={din}00", DIN)


def vial(serial: str, batch: str = "ALB77") -> bytes:
    """Give the DataMatrix on an albumin vial: GS1 with article, expiry, batch and serial number."""
    return symbol(f"(01)03205000004004(17)271231(10){batch}(21){serial}", VIAL, gs1=True, forceSquare=True)


def symbol(text: str, symbology: zxingcpp.BarcodeFormat, **options: object) -> bytes:
    """Draw one symbol alone, as a manufacturer prints it."""
    return _png(Image.fromarray(zxingcpp.create_barcode(text, symbology, **options).to_image(scale=6)))


def _png(picture: Image.Image) -> bytes:
    packed = BytesIO()
    picture.save(packed, "PNG")
    return packed.getvalue()
