// Sends labels to a label printer on this person's own desk, by WebUSB: the server need not reach it, it only gives the
// ZPL. Where the browser has no WebUSB nothing of it is shown; the file can be saved instead.

import { word } from "./words.js";

const PRINTER_CLASS = 7; // USB device class definition for printing devices, 1.1
const ZEBRA = 0x0a5f;
const FILTERS = [{ classCode: PRINTER_CLASS }, { vendorId: ZEBRA }];
const AT_ONCE = 16_384;
const GET_PORT_STATUS = 1;
const PAPER_OUT = 0x20;
const NO_ERROR = 0x08;

/** What went wrong, by the name of its words. */
class Trouble extends Error {}

const because = (name) => (error) => {
  throw error instanceof Trouble ? error : new Trouble(name, { cause: error });
};

/** Give the printer that was chosen once, or let one be chosen now. */
async function choose() {
  const [known] = await navigator.usb.getDevices();
  return known ?? navigator.usb.requestDevice({ filters: FILTERS }).catch(because("usbNone"));
}

/** Find where a printer takes data: an interface of the printer's class before any other. */
function way(device) {
  const found = [];
  for (const { interfaceNumber, alternates } of device.configuration?.interfaces ?? []) {
    for (const { alternateSetting, interfaceClass, endpoints } of alternates) {
      const out = endpoints.find(({ direction, type }) => direction === "out" && type === "bulk");
      if (out) found.push({ interfaceNumber, alternateSetting, interfaceClass, endpoint: out.endpointNumber });
    }
  }
  const best = found.find((one) => one.interfaceClass === PRINTER_CLASS) ?? found[0];
  if (!best) throw new Trouble("usbUnfit");
  return best;
}

/** Ask whether it has paper and no error; a printer that does not answer is believed to be ready. */
async function check(device, index) {
  const setup = { requestType: "class", recipient: "interface", request: GET_PORT_STATUS, value: 0, index };
  const answer = await device.controlTransferIn(setup, 1).catch(() => null);
  const status = answer?.status === "ok" && answer.data?.byteLength ? answer.data.getUint8(0) : NO_ERROR;
  if (status & PAPER_OUT) throw new Trouble("usbPaper");
  if (!(status & NO_ERROR)) throw new Trouble("usbError");
}

async function transfer(device, endpoint, bytes) {
  for (let start = 0; start < bytes.length; start += AT_ONCE) {
    const { status } = await device.transferOut(endpoint, bytes.slice(start, start + AT_ONCE)).catch(because("usbLost"));
    if (status !== "ok") throw new Trouble("usbLost");
  }
}

async function send(device, bytes) {
  await device.open().catch(because("usbBusy"));
  try {
    if (!device.configuration) await device.selectConfiguration(1).catch(because("usbBusy"));
    const { interfaceNumber, alternateSetting, endpoint } = way(device);
    await device.claimInterface(interfaceNumber).catch(because("usbBusy"));
    if (alternateSetting) await device.selectAlternateInterface(interfaceNumber, alternateSetting).catch(because("usbBusy"));
    await check(device, interfaceNumber);
    await transfer(device, endpoint, bytes);
  } finally {
    await device.close().catch(() => {});
  }
}

async function fetched(url) {
  const answer = await fetch(url).catch(because("usbFile"));
  if (!answer.ok || answer.redirected) throw new Trouble("usbFile");
  return new Uint8Array(await answer.arrayBuffer());
}

async function print(place, button) {
  const said = place.querySelector("[data-said]");
  const say = (name, tone) => {
    said.textContent = word(name);
    said.className = `notice ${tone}`;
    said.hidden = false;
  };
  button.disabled = true;
  try {
    const device = await choose(); // first: the browser lets it be chosen only as an answer to a press
    say("usbSending", "calm");
    await send(device, await fetched(place.dataset.zpl));
    say("usbSent", "good");
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    say(error.message, "bad");
  } finally {
    button.disabled = false;
  }
}

export function start() {
  const place = document.querySelector("[data-zpl]");
  if (!place || !navigator.usb) return;
  const button = place.querySelector("[data-usb]");
  button.hidden = false;
  button.addEventListener("click", () => print(place, button));
}
