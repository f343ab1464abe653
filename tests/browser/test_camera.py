"""The camera, for real: a film of our labels is decoded in the page and its codes arrive once each."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from custody import labelling

from . import camera
from .conftest import CHROMIUM, FLAGS, complain_about
from .harness import BADGE, BAG, OTHER_BAG, VIAL, WRISTBAND
from .scanner import hold_clock, wait


def label(name: str) -> bytes:
    return labelling.fill(name, labelling.designs()[name].example).png()


def symbol(text: str, symbology: zxingcpp.BarcodeFormat, **options: object) -> bytes:
    """Draw one symbol alone, as a manufacturer prints it."""
    drawn = zxingcpp.create_barcode(text, symbology, **options).to_image(scale=6)
    packed = BytesIO()
    Image.fromarray(drawn).save(packed, "PNG")
    return packed.getvalue()


@pytest.fixture
def filmed(playwright, here, tmp_path):
    """Open a page of a browser whose camera shows these pictures; it forgives no error in the console."""
    opened = []

    def show(*pngs: bytes, flags: list[str] | None = None, **film):
        flags = flags or camera.flags(camera.mjpeg(tmp_path / "film.mjpeg", pngs, **film))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        page = browser.new_context(**here).new_page()
        opened.append((browser, complain_about(page)))
        return page

    yield show
    for browser, _ in opened:
        browser.close()
    assert [complaints for _, complaints in opened if complaints] == []


def test_a_bag_held_before_the_camera_opens_its_page(filmed, seen):
    page = filmed(label("treatment_bag"))
    page.goto("/")
    page.click("[data-camera]")
    page.wait_for_url("**/thing")
    [sent] = seen.scans
    assert sent["source"] == "camera"
    texts = {"QRCode": f"HTTPS://CUSTODY.EXAMPLE/S/{BAG}", "Code128": BAG, "DataMatrix": BAG}
    assert sent["raw"] == texts[sent["symbology"]]


def test_labels_shown_one_after_another_fill_the_step_and_the_camera_closes(filmed, seen):
    page = filmed(label("treatment_bag"), label("wristband"), label("badge"))
    hold_clock(page, "/step/bedside_check")
    page.click("[data-camera]")
    page.wait_for_selector("#camera:not([open])", state="attached", timeout=30_000)
    values = [page.input_value(f"[name={name}]") for name in ("treatment_bag", "wristband", "second_badge")]
    assert values == [BAG, WRISTBAND, BADGE]
    assert len(seen.scans) == 3
    assert not page.evaluate("document.querySelector('#camera video').srcObject")


PICTURES = """
  window.pictures = 0;
  const wanted = HTMLVideoElement.prototype.requestVideoFrameCallback;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (take) {
    window.pictures += 1;
    return wanted.call(this, take);
  };
"""
"""Counts the pictures that the page asks its camera for: the next one once the last was decoded."""


def test_a_label_that_stays_in_sight_is_one_scan(filmed, seen):
    page = filmed(label("wristband"), seconds_each=8, seconds_between=0)
    page.add_init_script(PICTURES)
    hold_clock(page, "/step/bedside_check")
    page.click("[data-camera]")
    page.wait_for_selector("[data-name=wristband] .chip", state="attached")
    for _tenth_of_a_second in range(40):
        taken = page.evaluate("window.pictures")
        page.wait_for_function("(taken) => window.pictures > taken + 1", arg=taken)  # one was decoded in between
        wait(page, 100)
    assert len(seen.scans) == 1
    assert page.is_visible("#camera [data-status][data-state=right], #camera [data-status][data-state=waiting]")


def test_a_vials_datamatrix_keeps_its_separator_and_says_that_it_is_gs1(filmed, seen):
    marks = "(01)03205000004004(17)281231(10)00A1B2(21)S0001"
    page = filmed(symbol(marks, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, forceSquare=True))
    page.goto("/step/dilute")
    page.click("[data-camera]")
    page.wait_for_selector("[data-name=vials] .chip", state="attached")
    assert (seen.scans[0]["raw"], seen.scans[0]["symbology"]) == (VIAL, "DataMatrix")
    assert page.is_visible("#camera")  # there may be more vials


def test_a_code_128_alone_is_read(filmed, seen):
    page = filmed(symbol(BAG, zxingcpp.BarcodeFormat.Code128))
    page.goto("/")
    page.click("[data-camera]")
    page.wait_for_url("**/thing")
    assert (seen.scans[0]["raw"], seen.scans[0]["symbology"]) == (BAG, "Code128")


def test_an_unknown_code_is_refused_in_sight(filmed):
    page = filmed(symbol("HTTPS://EXAMPLE.ORG/X", zxingcpp.BarcodeFormat.QRCode))
    page.goto("/step/bedside_check")
    page.click("[data-camera]")
    page.wait_for_selector("#camera [data-status][data-state=wrong]")
    assert page.inner_text("#camera [data-raw]") == "HTTPS://EXAMPLE.ORG/X"


def test_of_two_cameras_one_is_chosen_and_kept(filmed):
    page = filmed(flags=["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"])
    page.goto("/step/bedside_check")
    page.click("[data-camera]")
    page.wait_for_selector("#cameras option:nth-child(2)", state="attached")
    page.select_option("#cameras", index=1)
    chosen = page.input_value("#cameras")
    page.wait_for_function(SHOWN_BY, arg=chosen)
    page.click("[data-camera-close]")
    page.click("[data-camera]")
    page.wait_for_function(SHOWN_BY, arg=chosen)
    page.evaluate("localStorage.setItem('custody.camera', 'one that was unplugged')")
    page.click("[data-camera-close]")
    page.click("[data-camera]")
    page.wait_for_function(SHOWN_BY.replace("===", "!=="), arg=chosen)


SHOWN_BY = """(id) => {
  const { srcObject, videoWidth } = document.querySelector("#camera video");
  return videoWidth > 0 && srcObject.getVideoTracks()[0].getSettings().deviceId === id;
}"""


def test_without_the_reader_the_server_reads_the_pictures(filmed, seen):
    page = filmed(label("treatment_bag"))
    page.context.route("**/scan/worker.js", lambda route: route.fulfill(body="throw new Error('no reader here')"))
    page.goto("/")
    page.click("[data-camera]")
    page.wait_for_url("**/thing", timeout=30_000)
    assert seen.photos
    assert seen.scans[0]["raw"].endswith(BAG)


def test_a_device_without_camera_is_told_what_else_to_do(page):
    page.goto("/")
    page.click("[data-camera]")
    page.wait_for_selector("#camera [data-status][data-state=wrong]")
    assert page.inner_text("#camera [data-text]") == "This device has no camera."
    assert "photo" in page.inner_text("#camera [data-advice]")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('[data-camera]')")


def judge(page, frames: list[list[dict[str, object]]], step_ms: int) -> list[str]:
    """Give what the page would deliver, for pictures that come `step_ms` apart."""
    page.goto("/plain")
    return page.evaluate(
        """async ([frames, step]) => {
          const { judge } = await import("/static/scan/belief.js");
          const judged = judge();
          return frames.map((reads, i) => judged(reads, i * step)?.text).filter(Boolean);
        }""",
        [frames, step_ms],
    )


def read(text: str, symbology: str = "QRCode", x: float = 0.5) -> dict[str, object]:
    return {"text": text, "symbology": symbology, "x": x, "y": 0.5}


@pytest.mark.parametrize("symbology", ["QRCode", "DataMatrix", "Code128", ""])
def test_a_first_hit_is_believed_when_two_pictures_in_a_row_say_the_same(page, symbology):
    one, other = read("A", symbology), read("B", symbology)
    assert judge(page, [[one]], 100) == []
    assert judge(page, [[one], [other], [], [other]], 100) == []
    assert judge(page, [[one], [other], [other]], 100) == ["B"]


def test_or_when_two_symbols_of_one_picture_do(page):
    qr, matrix = read(f"HTTPS://HOST.EXAMPLE/S/{BAG}"), read(BAG, "DataMatrix", x=0.9)
    assert judge(page, [[qr, matrix]], 100) == [qr["text"]]
    assert judge(page, [[qr, read(OTHER_BAG, "DataMatrix", x=0.9)]], 100) == []


def test_the_same_text_comes_again_only_after_two_seconds_out_of_sight(page):
    assert judge(page, [[read("A")]] * 50, 100) == ["A"]
    assert judge(page, [[read("A")]] * 2 + [[]] * 15 + [[read("A")]] * 2, 100) == ["A"]
    assert judge(page, [[read("A")]] * 2 + [[]] * 25 + [[read("A")]] * 2, 100) == ["A", "A"]


def test_the_qr_and_the_code_128_of_one_label_are_one_scan(page):
    qr, code = read(f"HTTPS://HOST.EXAMPLE/S/{BAG}"), read(BAG, "Code128")
    assert judge(page, [[qr], [code], [code], [qr, code]], 100) == [BAG]


def test_of_several_symbols_the_one_in_the_middle_is_meant(page):
    assert judge(page, [[read("LEFT", x=0.1), read("AIMED", x=0.55), read("RIGHT", x=0.9)]] * 2, 100) == ["AIMED"]


def test_a_symbol_without_text_is_none(page):
    assert judge(page, [[read("")], [read("")], *[[read(""), read("A", x=0.9)]] * 2], 100) == ["A"]


LIGHT = """
  MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
  MediaStreamTrack.prototype.applyConstraints = async (wanted) => { window.wanted = JSON.stringify(wanted); };
"""


def test_the_light_is_offered_where_the_camera_has_one_and_aims_at_the_middle(filmed):
    page = filmed(label("badge"))
    page.goto("/step/bedside_check")
    page.click("[data-camera]")
    page.wait_for_function("() => document.querySelector('#camera video').videoWidth > 0")
    assert page.locator("#camera .aim").count() == 1
    assert page.is_hidden("[data-torch]"), "this camera has none"
    page.add_init_script(LIGHT)
    page.goto("/step/dilute")
    page.click("[data-camera]")
    page.wait_for_selector("[data-torch]")
    for on in ("true", "false"):
        page.click("[data-torch]")
        page.wait_for_selector(f"[data-torch][aria-pressed={on}]")
        assert page.evaluate("window.wanted") == f'{{"advanced":[{{"torch":{on}}}]}}'


DETECTOR = """
  globalThis.BarcodeDetector = class {
    async detect(picture) {
      const box = { x: 0, y: 0, width: picture.width, height: picture.height };
      return picture.width > 8 ? [{ rawValue: "CODE", format: "data_matrix", boundingBox: box }] : [];
    }
  };
"""


def test_without_the_reader_the_browsers_own_detector_reads_the_pictures(filmed, seen):
    page = filmed(label("treatment_bag"))
    page.add_init_script(DETECTOR.replace("CODE", BAG))
    page.context.route("**/scan/worker.js", lambda route: route.fulfill(body="throw new Error('no reader here')"))
    page.goto("/")
    page.click("[data-camera]")
    page.wait_for_url("**/thing", timeout=30_000)
    assert (seen.scans[0]["raw"], seen.scans[0]["symbology"]) == (BAG, "DataMatrix")
    assert seen.photos == []
