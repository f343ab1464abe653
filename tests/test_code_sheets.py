"""The printed emergency sheets: site after site, and each says how to find the right one."""

from datetime import UTC, datetime
from io import BytesIO

import pypdfium2

from custody import codes, protocols
from custody.chain.things import Stratum
from custody.code_sheets import code_sheets


def test_no_pile_mixes_sites_and_each_sheet_says_where_its_code_stands():
    sheets = [codes.mint(codes.Kind.CODE_SHEET, lambda count, n=n: bytes([n * 16 + 5]) * count) for n in range(4)]
    lists = [
        Stratum(code=f"stratum/{site}", status="loaded", site=site, arms=("MSC", "PLACEBO"), sheets=places)
        for site, places in (("NAN", (sheets[2], sheets[0])), ("DIJ", (sheets[3], sheets[1])))
    ]
    protocol = protocols.load(protocols.builtin()["chocmsc"])
    paper = code_sheets(protocol, lists, "https://custody.example", datetime(2026, 3, 10, 8, tzinfo=UTC), lambda: None)
    document = pypdfium2.PdfDocument(BytesIO(paper))
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    order = [*sorted((sheets[3], sheets[1])), *sorted((sheets[2], sheets[0]))]
    assert [next(code for code in sheets if codes.group(code) in page) for page in pages] == order
    for page in pages:
        flat = " ".join(page.split())
        assert "sheet stands in the medical file and on the treatment bag’s label" in flat
        assert "dans le dossier médical et sur l’étiquette de la poche" in flat
