// Reads symbols from pictures, apart from the page: only this script's response allows WebAssembly.
// A classic worker, because the vendored reader is one script.

const READER = new URL("../vendor/zxing-wasm@3.1.4/dist/", self.location.href);

const OPTIONS = {
  // The family `QRCode` has Micro QR in it, as which a stained QR is misread.
  formats: ["QRCodeModel2", "Code128", "DataMatrix"],
  tryHarder: true,
  textMode: "Plain",
  maxNumberOfSymbols: 8,
};
/** Of all symbols that hold GS1, the AIM identifier that GS1 names for it. */
const GS1 = { DataMatrix: "]d2", Code128: "]C1", QRCode: "]Q3" };

importScripts(new URL("iife/reader/index.js", READER).href);

const ready = ZXingWASM.prepareZXingModule({
  overrides: { locateFile: (path) => new URL(`reader/${path}`, READER).href },
  fireImmediately: true,
});
ready.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error) }),
);

function described(read, { width, height }) {
  const corners = Object.values(read.position).filter((corner) => typeof corner === "object");
  const mean = (axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;
  const aim = read.contentType === "GS1" ? GS1[read.symbology] : "";
  return { text: read.text && aim + read.text, symbology: read.symbology, x: mean("x") / width, y: mean("y") / height };
}

onmessage = async ({ data: image }) => {
  try {
    const found = await ZXingWASM.readBarcodes(image, OPTIONS);
    postMessage({ reads: found.filter((read) => read.isValid).map((read) => described(read, image)) });
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
