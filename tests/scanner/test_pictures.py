"""Pictures of labels, spoilt in many ways, into the page and the command that read them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from random import Random

import zxingcpp
from PIL import Image, ImageOps

from tests.scanner import corpus, oracle
from tests.scanner.ground import ALL, Ground
from tests.scanner.test_pages import meant
from tests.test_cli import custody
from tests.web.house import Browser

PICTURES = 10_000 if ALL in os.environ else 300


def symbols(ground: Ground) -> list[tuple[str, Image.Image]]:
    """Draw codes on record, and texts that are none, as symbols."""
    kinds = (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code128)
    texts = [*ground.known, *ground.texts[::50]]
    short = [text for text in texts if 0 < len(text) <= 40 and text.isascii() and text.isprintable()]
    drawn = []
    for number, text in enumerate(short):
        pixels = zxingcpp.create_barcode(text, kinds[number % 3]).to_image(scale=3, add_quiet_zones=True)
        drawn.append((text, Image.fromarray(pixels) if not isinstance(pixels, Image.Image) else pixels))
    return drawn


def spoilt(chance: Random, picture: Image.Image) -> bytes:
    """Turn, invert, cut, stain, squeeze or break a picture."""
    way = chance.randrange(8)
    if way == 0:
        picture = picture.rotate(chance.choice((90, 180, 17, 45)), expand=True, fillcolor=255)
    elif way == 1:
        picture = ImageOps.invert(picture.convert("L"))
    elif way == 2:
        picture = picture.crop((0, 0, max(1, picture.width - chance.randrange(30)), picture.height))
    elif way == 3:
        side = min(picture.size) // 4 + 1
        picture.paste(0, (chance.randrange(picture.width), 0, chance.randrange(picture.width) + side, side))
    elif way == 4:
        picture = picture.resize((max(1, picture.width // 2), picture.height))
    out = BytesIO()
    picture.convert("L").save(out, "JPEG" if way == 5 else "PNG", **({"quality": 12} if way == 5 else {}))
    content = bytearray(out.getvalue())
    if way == 6:
        for _ in range(chance.randrange(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content[: chance.randrange(len(content))] if way == 7 else content)


def pictures(ground: Ground, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield texts and spoilt pictures of them; some that are none."""
    chance, drawn = Random(corpus.SEED), symbols(ground)
    yield from (
        ("", content) for content in (b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"%PDF-1.7", b"\0" * 999)
    )
    for _ in range(count):
        text, picture = chance.choice(drawn)
        yield text, spoilt(chance, picture.copy())


def test_a_spoilt_photograph_is_read_as_what_was_on_it_or_not_at_all(ground: Ground) -> None:
    tech, seen = ground.house.browser("tech"), 0
    for text, content in pictures(ground, PICTURES):
        answer = sent(tech, content)
        assert answer.status_code in {200, 422}, text
        said = answer.json
        assert said["ok"] or (said["reason"] and said["text"] and said["advice"]), text
        if said["ok"]:
            assert said["code"] in {meant(text, ground)[1], text}, text
            seen += 1
    assert seen > PICTURES // 20


def sent(browser: Browser, content: bytes):  # type: ignore[no-untyped-def]
    fields = {"photo": (BytesIO(content), "p.png")}
    return browser.send("/scan/photo", fields, headers={"Accept": "application/json"})


def test_the_command_that_reads_a_picture_breaks_over_none(ground: Ground, tmp_path: Path) -> None:
    ends = set()
    for number, (text, content) in enumerate(pictures(ground, 20)):
        (tmp_path / f"{number}.png").write_bytes(content)
        ran = custody(ground.folder, "scan", str(tmp_path / f"{number}.png"))
        assert ran.returncode in {0, 1, 2}, text
        assert "Traceback" not in ran.stderr
        assert ran.returncode or oracle.names(text), text
        ends.add(ran.returncode)
    assert ends == {0, 1, 2}
