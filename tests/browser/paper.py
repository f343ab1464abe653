"""Labels on paper, as pictures at 203 dpi: out of the app's printer, blank from a roll, or a manufacturer's."""

from io import BytesIO

import pypdfium2
import zxingcpp
from PIL import Image

from custody import codes, labelling

DOTS_AN_INCH = 203
DESIGNS = {codes.Kind.PARTICIPANT: "wristband", codes.Kind.SHIPPER: "shipper"}
DIN = zxingcpp.BarcodeFormat.Code128
VIAL = zxingcpp.BarcodeFormat.DataMatrix


def printed(page, code: str) -> bytes:
    """Print a thing's label as whoever sits before the page would: the app's PDF, drawn in printer's dots."""
    answer = page.request.get(f"/labels/{code}.pdf")
    assert answer.ok, f"{code}: {answer.status}"
    document = pypdfium2.PdfDocument(answer.body())
    picture = document[0].render(scale=DOTS_AN_INCH / 72).to_pil()
    document.close()
    return _png(picture)


def blank(kind: codes.Kind, code: str) -> bytes:
    """Take a label from the roll that was printed beforehand, for a thing that is not on record yet."""
    design = DESIGNS[kind]
    return labelling.fill(design, {**labelling.designs()[design].example, "code": code}).png()


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
