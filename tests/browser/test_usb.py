"""A label printer on the person's own desk, by WebUSB: it gets the server's ZPL to the byte, and what is wrong is said.

The printer is made up: `navigator.usb` is put into the page, with what a Zebra printer answers, and keeps what it gets.
"""

import pytest

from tests.web.house import build

from .hands import ScannerAndFinger
from .tablet import Tablet
from .ward import Ward, served

PRINTER = """
const out = { direction: "out", type: "bulk", endpointNumber: 2 };
const alternate = { alternateSetting: 0, interfaceClass: 7, endpoints: [{ ...out, direction: "in" }, out] };
const no = (name) => new DOMException("no", name);
const fails = (name) => window.printer.fails === name && Promise.reject(no("NetworkError"));
window.printer = { sent: [], status: 0x18, fails: "", chosen: 0, open: false, known: false };
const device = {
  configuration: null,
  open: async () => (await fails("open")) || (printer.open = true),
  close: async () => (printer.open = false),
  async selectConfiguration() {
    const interfaces = printer.fails === "unfit" ? [] : [{ interfaceNumber: 0, alternates: [alternate] }];
    device.configuration = { interfaces };
  },
  claimInterface: async () => fails("claim"),
  async controlTransferIn({ request, requestType }) {
    const data = new DataView(new Uint8Array([printer.status]).buffer);
    return { status: request === 1 && requestType === "class" ? "ok" : "stall", data };
  },
  async transferOut(endpoint, bytes) {
    await fails("transfer");
    if (endpoint !== 2 || !printer.open) throw new Error("not the way in");
    printer.sent.push(...bytes);
    return { status: "ok" };
  },
};
const usb = {
  getDevices: async () => (printer.known ? [device] : []),
  async requestDevice({ filters }) {
    printer.chosen += 1;
    if (printer.fails === "choose" || !filters.some((one) => one.classCode === 7)) throw no("NotFoundError");
    printer.known = true;
    return device;
  },
};
Object.defineProperty(navigator, "usb", { value: usb });
"""
NOTHING = "Object.defineProperty(navigator, 'usb', { value: undefined });"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return build(tmp_path_factory.mktemp("usb"))


@pytest.fixture
def tablet(browser, house, request):
    with served(house) as base:
        here = Ward(house, browser, base, ScannerAndFinger())
        page = here.page("admin")
        page.context.add_init_script(getattr(request, "param", PRINTER))
        admin = Tablet(here, page)
        admin.sign_in("admin")
        yield admin
        page.context.close()
        assert not any(here.complaints)


def printed(tablet, query="kind=person&form=zpl_203"):
    """Put a print on record; the page that hands it out is open then."""
    page = tablet.page
    page.goto(f"/prints/new?{query}")
    if page.locator("[name=reason]").count():
        page.fill("[name=reason]", "for this test")
    page.locator("[data-confirm]").click()
    page.wait_for_selector("[data-zpl]")
    page.wait_for_load_state("domcontentloaded")
    return page


def pressed(page) -> str:
    """Press the one button; give what is said in the end."""
    page.locator("[data-usb]").click()
    page.wait_for_selector("[data-usb]:enabled")
    return page.locator("[data-said]").inner_text()


def test_a_printer_is_chosen_once_and_gets_the_server_s_bytes(tablet):
    page = printed(tablet)
    assert "has it all" in pressed(page)
    served = page.request.get(page.locator("[data-zpl]").get_attribute("data-zpl")).body()
    assert bytes(page.evaluate("printer.sent")) == served
    assert served.count(b"^XA") == len(tablet.ward.house.people)
    assert len(served) > 2 * 16_384, "it goes in more than one piece"
    page.evaluate("printer.sent = []")
    assert "has it all" in pressed(page)
    assert bytes(page.evaluate("printer.sent")) == served
    assert page.evaluate("[printer.chosen, printer.open]") == [1, False]


@pytest.mark.parametrize(
    ("fails", "status", "said"),
    [
        ("choose", 0x18, "No label printer was chosen"),
        ("open", 0x18, "is busy"),
        ("claim", 0x18, "is busy"),
        ("unfit", 0x18, "takes no data"),
        ("transfer", 0x18, "was lost on the way"),
        ("", 0x38, "out of labels"),
        ("", 0x10, "reports an error"),
    ],
)
def test_what_is_wrong_is_said_and_pressed_again_it_prints(tablet, fails, status, said):
    page = printed(tablet, f"code={tablet.ward.house.people['nurse']}&form=zpl_203")
    page.evaluate("([fails, status]) => Object.assign(printer, { fails, status })", [fails, status])
    assert said in pressed(page)
    assert page.evaluate("[printer.sent.length, printer.open]") == [0, False]
    page.evaluate("Object.assign(printer, { fails: '', status: 0x18 })")
    if fails == "unfit":  # it is another printer then
        return
    assert "has it all" in pressed(page)
    assert page.evaluate("printer.sent.length") > 0


@pytest.mark.parametrize("tablet", [NOTHING], indirect=True)
def test_where_the_browser_has_none_the_file_is_saved_instead(tablet):
    page = printed(tablet)
    assert not page.locator("[data-usb]").is_visible()
    with page.expect_download() as download:
        page.locator("[data-file]").click()
    assert download.value.suggested_filename.endswith(".zpl")
    served = page.request.get(page.locator("[data-zpl]").get_attribute("data-zpl")).body()
    assert download.value.path().read_bytes() == served
