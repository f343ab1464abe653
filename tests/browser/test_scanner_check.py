"""The scanner check's symbols, scanned from the screens that people have."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from custody.web.scanner import HELD
from tests.web.house import build

from .hands import ScannerAndFinger
from .tablet import Tablet
from .ward import Ward, served

BOTH, ONE = {"DataMatrix", "Code128"}, {"DataMatrix"}
"""A phone's screen is too narrow for bars that every scanner reads: there the other symbol does."""


@pytest.mark.parametrize(
    ("width", "height", "pixels", "read"),
    [(1440, 900, 1, BOTH), (820, 1180, 2, BOTH), (390, 844, 3, ONE)],
    ids=["desktop", "tablet", "phone"],
)
def test_the_symbols_are_whole_and_read_from_the_screen(browser, tmp_path, width, height, pixels, read):
    house = build(tmp_path)
    with served(house) as base:
        here = Ward(house, browser, base, ScannerAndFinger())
        nurse = Tablet(here, here.page("nurse"))
        nurse.sign_in("nurse")
        cookies = nurse.page.context.cookies()
        context = browser.new_context(
            base_url=base, viewport={"width": width, "height": height}, device_scale_factor=pixels
        )
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto("/scanner")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        picture = Image.open(BytesIO(page.screenshot(full_page=True))).convert("L")
        seen = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
        context.close()
    assert {one.format.name for one in seen if one.text == HELD} >= read, [(one.format, one.text) for one in seen]
