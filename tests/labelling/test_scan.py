"""Photos of labels are read; what is no picture is said to be none."""

from contextlib import suppress
from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from custody import codes, labelling
from custody.labelling import scan


def png(image: Image.Image, form: str = "PNG") -> bytes:
    buffer = BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def photo(angle: float = 0, blur: float = 0) -> Image.Image:
    """Lay a treatment bag's label on a grey table, turned and out of focus."""
    bag = labelling.designs()["treatment_bag"]
    with Image.open(BytesIO(labelling.fill("treatment_bag", bag.example).png(203))) as label:
        table = Image.new("L", (1280, 960), 120)
        turned = label.convert("L").rotate(angle, expand=True, fillcolor=120)
        table.paste(turned, (120, 60))
        return table.filter(ImageFilter.GaussianBlur(blur)).convert("RGB")


@pytest.mark.parametrize(("angle", "blur"), [(0, 0), (7, 1), (90, 0), (180, 1), (30, 1)])
def test_a_photo_of_a_label_is_read(angle: float, blur: float) -> None:
    found = labelling.decode(png(photo(angle, blur), "JPEG"))
    assert {codes.read(read.text).code for read in found} == {"TNRUJUDFSCVJ"}
    assert "]Q1" in {read.aim for read in found}


def test_a_photo_taken_upside_down_is_turned_by_its_own_mark() -> None:
    image = photo()
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    assert labelling.decode(buffer.getvalue())


def test_an_albumin_vial_s_gs1_datamatrix_is_read_and_understood() -> None:
    symbol = zxingcpp.create_barcode(
        "(01)03205000004004(17)290930(10)abc123(21)S1", zxingcpp.BarcodeFormat.DataMatrix, gs1=True
    )
    image = Image.fromarray(symbol.to_image(scale=6, add_quiet_zones=True))
    (read,) = labelling.decode(png(image))
    assert (read.symbology, read.aim) == ("DataMatrix", "]d2")
    assert codes.read(read.aim + read.text).code == "03205000004004/abc123/S1"


def test_a_picture_without_a_symbol_holds_nothing() -> None:
    assert labelling.decode(png(Image.new("RGB", (300, 200), "white"))) == []
    assert labelling.decode(png(Image.new("L", (1, 1)))) == []


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_any_kind_of_pixels_is_taken(mode: str) -> None:
    labelling.decode(png(Image.new(mode, (60, 40))))


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"GIF89a\1"])
def test_no_picture_is_said(data: bytes) -> None:
    with pytest.raises(labelling.NotAnImage, match=r"xpected a PNG|is empty"):
        labelling.decode(data)


def test_too_large_a_picture_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(labelling.NotAnImage, match="bytes"):
        labelling.decode(bytes(scan.LARGEST_BYTES + 1))
    with pytest.raises(labelling.NotAnImage, match="pixels"):
        labelling.decode(png(Image.new("1", (10_000, 5_001))))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_picture_is_read_or_refused(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]))
    damaged = bytearray(png(Image.new("L", (40, 30), 200), form))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    with suppress(labelling.NotAnImage):
        labelling.decode(bytes(damaged[:cut]))
